"""Reading Excel sheets: what an office would lose if a sheet were taken for a plain table."""

from __future__ import annotations

import sys

import openpyxl
import pytest
import workbooks
from workbooks import book, line, parts_of, read, sheet_xml, styles_xml, written

from gridmap.config import default_spec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange import ReadOptions, read_rows
from gridmap.exchange.formats.xlsx import FORMAT
from gridmap.exchange.reading import in_process
from gridmap.exchange.source import Limits, staged

HEADER = ("户号", "户主", "人口", "经度", "纬度")
SPEC = default_spec()


def cell(place: str, value: str, *, kind: str = "n", style: int = 0, formula: str | None = None) -> str:
    shown = "" if formula is None else f"<f>{formula}</f>"
    return f'<c r="{place}" t="{kind}" s="{style}">{shown}<v>{value}</v></c>'


def one_column(folder, *cells: str, styles: str = "", header: str = "户号", **more: str):
    """Read a sheet of two columns; return the values and faults of the second."""
    rows = line(1, header, "户主") + "".join(
        f'<row r="{at}">{workbooks.inline(f"A{at}", "x")}{one.replace("@", f"B{at}")}</row>'
        for at, one in enumerate(cells, start=2)
    )
    table = read(book(folder, rows, styles=styles, **more))
    return list(table.columns["户主"]), {at: reason for at, _, reason in table.faults}


def refusal(path, code: str = "GM202", **asked) -> str:
    with pytest.raises(InputError) as caught:
        read(path, **asked)
    assert caught.value.code == code
    return str(caught.value)


class TestWhereTheTableIs:
    def test_titles_blanks_totals_and_repeated_headers_are_no_rows_and_are_told(self, tmp_path):
        rows = (
            line(1, "牧户登记表")
            + line(2, "单位:度")
            + line(4, *HEADER)
            + line(5, "001", "甲", "4", "110.1", "42.5")
            + line(6, " ", "")
            + line(7, *HEADER)
            + line(8, "002", "乙", "3", "110.2", "42.6")
            + line(12, "003", "丙", "3", "110.2", "42.6")
            + line(13, None, "合  计", "7")
            + line(14, "　")
            + line(20)
        )
        table = read(book(tmp_path, rows))
        assert table.rows.tolist() == [5, 8, 12], "as the spreadsheet counts"
        assert table.row_word == "row"
        assert table.columns["户号"] == ["001", "002", "003"]
        assert table.left_out == (
            (1, "is a title"),
            (2, "is a title"),
            (6, "is blank"),
            (7, "repeats the header"),
            (9, "is blank, and so are the rows to 11"),
            (13, "is a total"),
            (14, "is blank, and so are the rows to 20"),
        )

    def test_a_header_without_a_known_word_is_the_first_row_of_texts_as_wide_as_the_data(self, tmp_path):
        rows = line(1, "Report") + line(3, "aa", "bb", "cc") + line(4, "1", "2", "3") + line(5, "4", "5")
        table = read(book(tmp_path, rows))
        assert {name: list(values) for name, values in table.columns.items()} == {
            "aa": ["1", "4"],
            "bb": ["2", "5"],
            "cc": ["3", None],
        }

    def test_a_table_that_begins_elsewhere_and_a_column_without_a_name(self, tmp_path):
        rows = line(3, None, None, *HEADER) + line(4, None, None, "1", "甲", "4", "110.1", "42.5", "备注")
        table = read(book(tmp_path, rows))
        assert list(table.columns) == [*HEADER, "(column H)"]

    @pytest.mark.parametrize("rows", ["", line(1, " "), '<row r="1"><c r="A1"><v>7</v></c></row>'])
    def test_a_sheet_without_a_table_is_refused(self, tmp_path, rows):
        assert "no" in refusal(book(tmp_path, rows))

    def test_two_columns_of_one_name_are_refused(self, tmp_path):
        rows = line(1, "户号", "户主", "户主") + line(2, "1", "甲", "乙")
        assert "户主" in refusal(book(tmp_path, rows))

    def test_a_table_without_rows_is_a_table(self, tmp_path):
        table = read(book(tmp_path, line(1, *HEADER)))
        assert list(table.columns) == list(HEADER)
        assert len(table.rows) == 0


class TestMergedCells:
    def merged(self, *ranges: str) -> str:
        return "<mergeCells>" + "".join(f'<mergeCell ref="{one}"/>' for one in ranges) + "</mergeCells>"

    def test_headings_over_two_rows(self, tmp_path):
        rows = (
            line(1, "牧户登记表")
            + line(2, "户号", "户主", "坐标", None, "其他")
            + line(3, None, None, "经度", "纬度", None)
            + line(4, "001", "甲", "110.1", "42.5", "无")
        )
        after = self.merged("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3")
        table = read(book(tmp_path, rows, after=after))
        assert list(table.columns) == ["户号", "户主", "经度", "纬度", "其他"]
        assert table.rows.tolist() == [4]
        assert table.left_out == ((1, "is a title"),)

    def test_what_the_heading_says_of_the_datum_is_kept(self, tmp_path):
        rows = (
            line(1, "户号", "户主", "高德坐标", None)
            + line(2, None, None, "经度", "纬度")
            + line(3, "001", "甲", "110.1", "42.5")
        )
        table = read(book(tmp_path, rows, after=self.merged("A1:A2", "B1:B2", "C1:D1")))
        assert list(table.columns) == ["户号", "户主", "经度 gcj02", "纬度 gcj02"]

    def test_subheads_that_are_no_words_keep_their_heading(self, tmp_path):
        rows = (
            line(1, "户号", "户主", "牲畜", None)
            + line(2, None, None, "大", "小")
            + line(3, "001", "甲", "1", "2")
        )
        table = read(book(tmp_path, rows, after=self.merged("C1:D1")))
        assert list(table.columns) == ["户号", "户主", "牲畜 大", "牲畜 小"]

    def test_two_places_do_not_become_one(self, tmp_path):
        rows = (
            line(1, "户号", "家", None, "草场", None)
            + line(2, None, "经度", "纬度", "经度", "纬度")
            + line(3, "001", "110.1", "42.5", "110.2", "42.6")
        )
        table = read(book(tmp_path, rows, after=self.merged("A1:A2", "B1:C1", "D1:E1")))
        assert list(table.columns) == ["户号", "家 经度", "家 纬度", "草场 经度", "草场 纬度"]

    def test_a_label_beside_the_whole_table_is_no_header(self, tmp_path):
        rows = line(1, "附表", *HEADER) + "".join(
            line(at, None, f"00{at}", "甲", "4", "110.1", "42.5") for at in range(2, 9)
        )
        assert len(read(book(tmp_path, rows, after=self.merged("A1:A8"))).rows) == 7

    def test_a_cell_merged_downwards_belongs_to_every_row(self, tmp_path):
        rows = (
            line(1, "嘎查", *HEADER[:2])
            + line(2, "G1", "001", "甲")
            + line(3, None, "002", "乙")
            + line(4, "hidden", "003", "丙")
            + line(5, "G2", "004", "丁")
        )
        table = read(book(tmp_path, rows, after=self.merged("A2:A4")))
        assert table.columns["嘎查"] == ["G1", "G1", "G1", "G2"]
        assert any("merged" in note for note in table.notes)

    def test_a_row_of_nothing_but_merged_cells_is_none(self, tmp_path):
        rows = line(1, *HEADER[:2]) + line(2, "001", "甲") + line(3) + line(4, "002", "乙")
        table = read(book(tmp_path, rows, after=self.merged("A2:A3", "B2:B3")))
        assert table.columns["户号"] == ["001", "002"]
        assert table.left_out == ((3, "is blank"),)

    def test_a_cell_merged_sideways_stays_in_its_column(self, tmp_path):
        rows = line(1, *HEADER[:3]) + line(2, "001", "甲", "乙") + line(3, "002", "丙", "3")
        table = read(book(tmp_path, rows, after=self.merged("B2:C2")))
        assert table.columns["户主"] == ["甲", "丙"]
        assert table.columns["人口"] == [None, "3"]


class TestNumbers:
    def test_whole_numbers_are_whole_and_others_exact(self, tmp_path):
        values, faults = one_column(
            tmp_path,
            *(cell("@", one) for one in ("4", "4.0", "1.5E2", "0.30000000000000004", "-3", "150223102")),
        )
        assert values == [4, 4, 150, 0.30000000000000004, -3, 150223102]
        assert [type(value) for value in values] == [int, int, int, float, int, int]
        assert faults == {}

    def test_a_code_that_is_shown_with_zeros_keeps_them(self, tmp_path):
        styles = styles_xml("000000", '"H"000', "0.00%", "00;@")
        values, _ = one_column(
            tmp_path,
            cell("@", "123", style=1),
            cell("@", "7", style=2),
            cell("@", "0.52", style=3),
            cell("@", "5", style=4),
            styles=styles,
        )
        assert values == ["000123", "H007", 0.52, "05"]

    def test_digits_that_excel_threw_away_are_told(self, tmp_path):
        values, faults = one_column(
            tmp_path,
            cell("@", "1.50223197001011E+17"),
            cell("@", "1234567890123456"),
            cell("@", "123456789012345"),
        )
        assert values[2] == 123456789012345
        assert [*faults] == [0, 1]
        assert "lost digits" in faults[0]

    def test_booleans_errors_and_nonsense(self, tmp_path):
        values, faults = one_column(
            tmp_path,
            cell("@", "1", kind="b"),
            cell("@", "0", kind="b"),
            cell("@", "#N/A", kind="e"),
            cell("@", "1e999"),
            cell("@", "nan"),
            cell("@", "1_000"),
        )
        assert values[:2] == [True, False]
        assert [*faults] == [2, 3, 4, 5]
        assert "error of a formula" in faults[2]

    def test_a_formula_is_its_last_value_or_a_fault(self, tmp_path):
        rows = (
            line(1, *HEADER[:2])
            + f'<row r="2">{cell("A2", "7", formula="3+4")}{cell("B2", "甲", kind="str", formula="A1")}</row>'
            + f'<row r="3">{cell("A3", "", formula="3+4")}{cell("B3", "", kind="str", formula="A1")}</row>'
        )
        table = read(book(tmp_path, rows))
        assert table.columns["户号"] == [7, None]
        assert table.columns["户主"] == ["甲", None]
        assert [(at, column) for at, column, _ in table.faults] == [(1, "户号")]
        assert any("formulas" in note and note.endswith("4") for note in table.notes)


class TestDays:
    @pytest.mark.parametrize(
        "code", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "14", "31", "57"]
    )
    def test_a_day_is_a_day_in_any_format(self, tmp_path, code):
        """Chinese Excel writes no code for its own formats: 31 and 57 would be read as the number 45351."""
        values, _ = one_column(tmp_path, cell("@", "45351", style=1), styles=styles_xml(code))
        assert values == ["2024-02-29"]

    def test_a_time_of_day_is_kept_for_who_judges_it(self, tmp_path):
        styles = styles_xml("yyyy-mm-dd hh:mm", "[h]:mm")
        values, _ = one_column(
            tmp_path,
            cell("@", "45351.5", style=1),
            cell("@", "0.25", style=1),
            cell("@", "1.5", style=2),
            cell("@", "2024-02-29T00:00:00", kind="d"),
            styles=styles,
        )
        assert values == ["2024-02-29T12:00:00", "06:00:00", "36:00:00", "2024-02-29"]

    def test_days_from_1904(self, tmp_path):
        settings = '<workbookPr date1904="1"/>'
        values, _ = one_column(
            tmp_path, cell("@", "43889", style=1), styles=styles_xml("14"), settings=settings
        )
        assert values == ["2024-02-29"]

    def test_what_is_no_day_is_told(self, tmp_path):
        cells = [cell("@", one, style=1) for one in ("60", "-1", "99999999", "59", "61")]
        values, faults = one_column(tmp_path, *cells, styles=styles_xml("14"))
        assert values[3:] == ["1900-02-28", "1900-03-01"]
        assert [*faults] == [0, 1, 2], "29 February 1900 never was"


class TestTexts:
    def test_shared_rich_and_inline_texts(self, tmp_path):
        shared = (
            f'<sst xmlns="{workbooks.MAIN}"><si><t>000123</t></si>'
            "<si><r><t>满都</t></r><r><rPr/><t>拉</t></r><rPh><t>mandula</t></rPh></si></sst>"
        )
        rich = '<c r="@" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>x</t></rPh></is></c>'
        values, _ = one_column(
            tmp_path, cell("@", "0", kind="s"), cell("@", "1", kind="s"), rich, shared=shared
        )
        assert values == ["000123", "满都拉", "ab"]

    def test_escapes_are_undone_and_texts_that_look_like_one_are_not(self, tmp_path):
        texts = ("a_x000D_b", "_x005F_x000D_", "ax005F_b")
        items = "".join(f"<si><t>{text}</t></si>" for text in texts)
        shared = f'<sst xmlns="{workbooks.MAIN}">{items}</sst>'
        values, _ = one_column(tmp_path, *(cell("@", str(at), kind="s") for at in range(3)), shared=shared)
        assert values == ["a\rb", "_x000D_", "ax005F_b"]

    def test_blanks_around_a_text_are_dirt_and_said(self, tmp_path):
        rows = line(1, *HEADER[:2]) + line(2, "001", "石宝镇　 ")
        table = read(book(tmp_path, rows))
        assert table.columns["户主"] == ["石宝镇"]
        assert any("blanks" in note and note.endswith("1") for note in table.notes)

    def test_apostrophes_of_others_stay(self, tmp_path):
        values, _ = one_column(tmp_path, *(workbooks.inline("@", one) for one in ("'甲'", "'a", "a'b")))
        assert values == ["'甲'", "'a", "a'b"]

    def test_headers_over_several_lines_are_one(self, tmp_path):
        rows = line(1, "户号", "户主\n 姓名") + line(2, "1", "甲")
        assert list(read(book(tmp_path, rows)).columns) == ["户号", "户主 姓名"]


class TestSheets:
    def test_the_only_sheet_with_data_is_taken(self, tmp_path):
        rows = line(1, *HEADER) + line(2, "001", "甲")
        path = written(tmp_path, parts_of({"空": sheet_xml(""), "名单": sheet_xml(rows)}))
        assert read(path).rows.tolist() == [2]

    def test_the_one_whose_headers_are_known_is_taken_and_said(self, tmp_path):
        rows = line(1, *HEADER) + line(2, "001", "甲")
        path = written(tmp_path, parts_of({"说明": sheet_xml(line(1, "填表说明")), "名单": sheet_xml(rows)}))
        table = read(path)
        assert table.rows.tolist() == [2]
        assert "名单" in table.notes[0]
        assert "说明" in table.notes[0]

    def test_where_several_could_be_meant_they_are_named(self, tmp_path):
        sheets = {name: sheet_xml(line(1, *HEADER) + line(2, "001", name)) for name in ("东", "西")}
        path = written(tmp_path, parts_of(sheets))
        assert "--layer: 东, 西" in refusal(path)
        assert read(path, layer="西").columns["户主"] == ["西"]
        assert "东, 西" in refusal(path, layer="北")

    def test_what_is_hidden_is_read_and_said(self, tmp_path):
        before = '<cols><col min="2" max="2" hidden="1"/></cols>'
        rows = line(1, *HEADER[:2]) + line(2, "001", "甲", attributes=' hidden="1"') + line(3, "002", "乙")
        path = written(tmp_path, parts_of({"-名单": sheet_xml(rows, before=before)}))
        table = read(path)
        assert table.rows.tolist() == [2, 3]
        said = " ".join(table.notes)
        assert "the sheet 名单 is hidden" in said
        assert "rows that are hidden in the sheet are read, too: 1" in said
        assert "columns that are hidden in the sheet are read, too: 户主" in said

    def test_strict_workbooks_and_prefixes_are_read(self, tmp_path):
        rows = line(1, *HEADER[:2]) + line(2, "001", "甲")
        text = sheet_xml(rows).replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
        path = written(tmp_path, parts_of({"名单": text.replace(workbooks.MAIN, "http://purl.oclc.org/x")}))
        assert read(path).columns["户号"] == ["001"]


class TestBadFiles:
    def good(self) -> dict[str, str]:
        shared = f'<sst xmlns="{workbooks.MAIN}"><si><t>甲</t></si></sst>'
        rows = line(1, *HEADER[:2]) + f'<row r="2">{cell("A2", "1")}{cell("B2", "0", kind="s")}</row>'
        return parts_of({"名单": sheet_xml(rows)}, shared=shared, styles=styles_xml("14"))

    def test_it_is_good_before_it_is_made_bad(self, tmp_path):
        assert read(written(tmp_path, self.good())).columns["户主"] == ["甲"]

    @pytest.mark.parametrize(
        "part",
        [
            "[Content_Types].xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/worksheets/s1.xml",
            "xl/sharedStrings.xml",
            "xl/styles.xml",
        ],
    )
    def test_a_part_with_entities_or_missing_or_cut(self, tmp_path, part):
        parts = self.good()
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        assert "entities" in refusal(written(tmp_path, {**parts, part: bomb + parts[part]}))
        refusal(written(tmp_path, {**parts, part: parts[part][:-20]}))
        refusal(written(tmp_path, {name: text for name, text in parts.items() if name != part}))

    def test_a_sheet_that_grows_when_it_is_unpacked(self, tmp_path):
        parts = self.good()
        parts["xl/worksheets/s1.xml"] = sheet_xml(" " * 110_000_000)
        refusal(written(tmp_path, parts), "GM209")

    @pytest.mark.parametrize(
        "rows",
        [
            '<row r="2"/><row r="1"/>',
            '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
            '<row r="1"><c r="A2"><v>1</v></c></row>',
            '<row r="1"><c r="XFE1"><v>1</v></c></row>',
            '<row r="0"/>',
            '<row r="1048577"/>',
            '<row r="1"><c r="A1" t="s"><v>1</v></c></row>',
            '<row r="1"><c r="A1" t="?"><v>1</v></c></row>',
            "<row>" * 200,
        ],
    )
    def test_rows_and_cells_that_no_spreadsheet_has(self, tmp_path, rows):
        parts = self.good()
        parts["xl/worksheets/s1.xml"] = sheet_xml(rows)
        refusal(written(tmp_path, parts))

    def test_a_workbook_with_a_password_and_an_old_one(self, tmp_path):
        limits = Limits.of(SPEC)
        for name in ("a.xlsx", "a.xls"):
            path = tmp_path / name
            path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000)
            with pytest.raises(InputError) as caught, staged(path, limits=limits):
                pass
            assert caught.value.code == "GM205"

    def test_a_workbook_with_macros_is_read_without_them(self, tmp_path):
        parts = self.good()
        parts["[Content_Types].xml"] = workbooks.TYPES.replace(
            "openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main"
        )
        parts["xl/vbaProject.bin"] = "not looked at"
        assert ".xlsm" in FORMAT.extensions
        assert read(written(tmp_path, parts)).columns["户主"] == ["甲"]

    def test_without_the_library_it_is_said_what_to_install(self, tmp_path, monkeypatch):
        path = written(tmp_path, self.good())
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        with pytest.raises(ConfigError) as caught:
            read(path)
        assert caught.value.code == "GM111"
        assert "gridmap[excel]" in caught.value.fix


def test_a_sheet_as_a_township_has_it_becomes_households(tmp_path):
    """From the file to the frame, with openpyxl as the spreadsheet."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["达茂旗牧户登记表"])
    sheet.merge_cells("A1:F1")
    sheet.append(["户号", "户主", "人口", "堡垒户", "坐标(WGS84)", None])
    sheet.append([None, None, None, None, "经度", "纬度"])
    for place in ("A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2"):
        sheet.merge_cells(place)
    sheet.append([7, "甲 ", "4", "是", "110.1", 42.5])
    sheet.append([8, "乙", 3, "否", "111°30′0″E", "42°30′N"])
    sheet.append([9, "丙", "many", "否", 110.2, 42.5])
    sheet.append([None, "合计", 7])
    for row in (4, 5, 6):
        sheet.cell(row, 1).number_format = "0000"
    path = tmp_path / "牧户.xlsx"
    made.save(path)
    reading = read_rows(path, kind="household", spec=SPEC, options=ReadOptions(), reader=in_process)
    assert reading.frame["id"].tolist() == ["0007", "0008"]
    assert reading.frame["name"].tolist() == ["甲", "乙"]
    assert reading.frame["persons"].tolist() == [4, 3]
    assert [fault.row for fault in reading.faults] == [6]
    assert reading.total == 3
    assert [number for number, _ in reading.left_out] == [1, 7]
