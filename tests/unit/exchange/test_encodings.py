"""Encodings that are stated, proven or asked for: what is decided, and what a user is asked."""

from __future__ import annotations

import time

import pytest

from gridmap.errors import InputError
from gridmap.exchange.encodings import Cut, bom_of, canonical, decide, destroyed
from gridmap.exchange.texts import CUT, NOT_TEXT, decoded, without_cut

HOMES = ["巴特尔", "娜仁高娃", "其其格"]


def of(texts, encoding, **said):
    return decide([text.encode(encoding) for text in texts], where="homes.dbf", **said)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("GB2312", "gbk"),
        ("cp936", "gbk"),
        (" 936 ", "gbk"),
        ("ANSI 936", "gbk"),
        ("\ufeffUTF-8", "utf-8"),
        ("65001", "utf-8"),
        ("54936", "gb18030"),
        ("ISO-8859-1", "latin-1"),
        ("1251", "1251"),
    ],
)
def test_an_encoding_has_many_names(name, plain):
    assert canonical(name) == plain


def test_headers_are_shown_and_no_cell_where_a_person_must_choose():
    """What stands in a column may be private; its name hardly ever is."""
    texts = ["户主", "苏木", *HOMES]
    with pytest.raises(InputError) as caught:
        of(texts, "gbk", asked="utf-8", headers=[text.encode("gbk") for text in ("id", "户主", "苏木")])
    assert "--encoding gbk: 户主 / 苏木\n" in caught.value.where + "\n"
    assert not any(home in caught.value.where for home in HOMES)


@pytest.mark.parametrize(
    "name", ["", "klingon", "hex", "rot13", "idna", "punycode", "unicode_escape", "a\0b"]
)
def test_what_is_no_encoding_of_files_is_refused(name):
    """Python runs some of these on bytes; a .cpg is a stranger's file."""
    with pytest.raises(InputError) as caught:
        canonical(name)
    assert caught.value.code == "GM207"


def test_a_wrong_statement_about_utf_8_is_corrected_and_said():
    decision = of(HOMES, "utf-8", stated="GBK", by=".cpg")
    assert (decision.encoding, decision.notes) == ("utf-8", (".cpg says gbk, but the texts are UTF-8",))


def test_a_wrong_statement_about_gbk_is_corrected_and_said():
    decision = of(HOMES, "gbk", stated="UTF-8", by=".cpg")
    assert (decision.encoding, decision.notes) == ("gbk", (".cpg says utf-8, but the texts are gbk",))


@pytest.mark.parametrize("stated", ["ISO-8859-1", "cp1252", "big5", "cp949"])
def test_chinese_that_says_it_is_something_else_is_asked_about(stated):
    """ArcGIS writes ISO-8859-1 whatever the texts are in; Ê×Òà must not be stored for a name."""
    with pytest.raises(InputError) as caught:
        of(HOMES, "gbk", stated=stated, by=".cpg")
    assert caught.value.code == "GM207"
    assert "--encoding gbk: 巴特尔 / 娜仁高娃 / 其其格" in caught.value.where


def test_western_text_is_what_it_says_it_is():
    assert of(["Müller", "Österreich"], "latin-1", stated="ISO-8859-1", by=".cpg").encoding == "latin-1"
    assert of(["Улаанбаатар"], "cp1251", stated="1251", by=".cpg").encoding == "1251"


def test_korean_is_not_taken_for_chinese():
    """Every syllable of EUC-KR is a frequent character of GBK."""
    with pytest.raises(InputError):
        of(["울란바토르", "초이발산", "동고비 아이막"], "euc-kr")


def test_what_the_caller_says_counts_unless_the_texts_prove_the_contrary():
    assert of(["龘"], "gbk", asked="gbk").encoding == "gbk"
    with pytest.raises(InputError) as caught:
        of(["户主"], "utf-8", asked="gbk")
    assert caught.value.what == "the texts are UTF-8, not gbk"


def test_a_sample_is_taken_where_encodings_differ():
    """The first 24 characters of a table are often plain ASCII, the same in every encoding."""
    whole = ("id,code,lon_wgs84,lat_wgs84,name\n" * 50 + "1,2,3,4,йцук\n").encode("cp1251")
    with pytest.raises(InputError) as caught:
        decide([whole], where="x.csv")
    shown = [line for line in caught.value.where.splitlines() if "latin-1" in line]
    assert shown == [f"    --encoding latin-1: {'йцук'.encode('cp1251').decode('latin-1')}"]


def test_a_long_table_is_judged_in_no_time():
    """A million rows of ASCII before the first name, and a long run without any mark."""
    whole = b"1,110.5,42.5\n" * 1_000_000 + "巴特尔\n".encode("gbk") + b"x" * 1_000_000
    begin = time.perf_counter()
    assert decide([whole], where="x.csv").encoding == "gbk"
    assert time.perf_counter() - begin < 3


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize("length", range(240, 255))
def test_a_text_that_is_cut_does_not_decide_the_encoding(encoding, length):
    cell = ("满都拉镇𠮷" if encoding == "gb18030" else "满都拉镇").encode(encoding) * 40
    made = decide([without_cut(cell[:length], length), "苏木".encode(encoding)], where="x")
    assert made.encoding == encoding
    assert isinstance(without_cut(cell[:length], length), Cut)


def test_a_cell_that_is_no_text_is_told_by_its_place():
    decision = of(HOMES, "utf-8")
    cells = ["巴特尔".encode(), "巴特尔".encode()[:-1], "巴特".encode("gbk") + b"ab", None, 7]
    values, faults = decoded(cells, decision, "name")
    assert values == ["巴特尔", None, None, None, 7]
    assert faults == [(1, "name", CUT), (2, "name", NOT_TEXT)]


def test_marks_and_ruins():
    assert bom_of(b"\xef\xbb\xbfid") == ("utf-8", 3)
    assert bom_of(b"\xff\xfei\0") == ("utf-16", 2)
    assert bom_of(b"id") is None
    assert [destroyed(text) for text in ("锟斤拷", "a\ufffd", "锟", "斤两")] == [True, True, False, False]
