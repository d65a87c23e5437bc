"""Only a private copy is ever opened: lose that, and a name, a pipe or an archive decides what is read."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import sys
import time
import zipfile

import pytest

from gridmap.errors import InputError
from gridmap.exchange import archives, prologue, source
from gridmap.exchange.format import Format
from gridmap.exchange.source import Limits, staged

LIMITS = Limits(seconds=10, memory_mb=512, file_mb=2, vertices=1000)


def unread(_path, _request):
    raise AssertionError


def made(name, extensions, **more):
    return Format(
        name, name.upper(), extensions, lambda head: not head.startswith(b"BAD"), unread, None, **more
    )


FORMATS = {
    "csv": made("csv", (".csv",)),
    "shp": made("shp", (".shp",), siblings=(".dbf", ".shx", ".columns.json"), archives=(".zip",)),
    "kml": made("kml", (".kml",), archives=(".kmz",)),
    "gpkg": made("gpkg", (".gpkg",), siblings=("-wal",)),
    "mapinfo": made("mapinfo", (".tab", ".mif"), siblings=(".dat",), archives=(".zip",)),
}


@pytest.fixture(autouse=True)
def formats(monkeypatch):
    monkeypatch.setattr(source.registry, "everything", lambda _group: FORMATS)


def zipped(path, members, **more):
    with zipfile.ZipFile(path, "w", **more) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def refused(path, code, **more):
    with pytest.raises(InputError) as caught, staged(path, limits=LIMITS, **more):
        pass
    assert caught.value.code == code
    return caught.value


def beside(one):
    return {child.name: child.read_bytes() for child in one.path.parent.iterdir()}


def test_the_copy_has_a_name_that_means_nothing(tmp_path):
    path = tmp_path / "牧户 final(2).CSV"
    path.write_bytes(b"id\n1\n")
    with staged(path, limits=LIMITS) as one:
        assert one.path.name == "data.csv"
        assert one.path.read_bytes() == b"id\n1\n"
        assert one.path.parent != tmp_path
        assert (one.name, one.size, one.format.name) == (path.name, 5, "csv")
        assert one.sha256 == hashlib.sha256(b"id\n1\n").hexdigest()
        folder = one.path.parent
        if sys.platform != "win32":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_what_belongs_to_a_file_comes_with_it_in_any_case(tmp_path):
    for name, data in [("X.shp", b"s"), ("X.DBF", b"d"), ("x.Shx", b"i"), ("X.columns.json", b"{}")]:
        (tmp_path / name).write_bytes(data)
    (tmp_path / "X.prj").write_bytes(b"not asked for")
    (tmp_path / "Y.dbf").write_bytes(b"another's")
    with staged(tmp_path / "X.shp", limits=LIMITS) as one:
        wanted = {"data.shp": b"s", "data.dbf": b"d", "data.shx": b"i", "data.columns.json": b"{}"}
        assert beside(one) == wanted
        assert one.size == 5
        assert one.sha256 == hashlib.sha256(b"{}" + b"d" + b"s" + b"i").hexdigest()


def test_the_file_spelt_alike_is_meant_where_cases_differ(tmp_path):
    for name in ("a.shp", "A.dbf", "a.dbf"):
        (tmp_path / name).write_bytes(name.encode())
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this disk does not tell cases apart")
    with staged(tmp_path / "a.shp", limits=LIMITS) as one:
        assert beside(one)["data.dbf"] == b"a.dbf"


def test_the_log_of_a_database_comes_with_it(tmp_path):
    (tmp_path / "x.gpkg").write_bytes(b"db")
    (tmp_path / "x.gpkg-wal").write_bytes(b"log")
    with staged(tmp_path / "x.gpkg", limits=LIMITS) as one:
        assert beside(one) == {"data.gpkg": b"db", "data.gpkg-wal": b"log"}


def test_a_file_that_is_written_to_is_refused(tmp_path):
    (tmp_path / "x.gpkg").write_bytes(b"db")
    (tmp_path / "x.gpkg-journal").write_bytes(b"")
    assert "another program is writing" in refused(tmp_path / "x.gpkg", "GM202").what


def test_a_file_that_changes_during_the_copy_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_bytes(b"id\n")

    def slow(stream, _path):
        with path.open("ab") as other:
            other.write(b"more")
        return stream.read(0)

    monkeypatch.setattr(source, "_block", slow)
    assert "another program is writing" in refused(path, "GM202").what


def test_files_that_belong_together_are_of_one_moment(tmp_path, monkeypatch):
    """A log written back between the two copies: each file looks whole, and together they are torn."""
    path, log = tmp_path / "x.gpkg", tmp_path / "x.gpkg-wal"
    path.write_bytes(b"db")
    log.write_bytes(b"log")
    block = source._block
    read = []

    def checkpointed(stream, name):
        if not read and name == log:
            path.write_bytes(b"db with what was in the log")
        read.append(name)
        return block(stream, name)

    monkeypatch.setattr(source, "_block", checkpointed)
    # The main file is copied first, then the log: written to once it is copied.
    assert "another program is writing" in refused(path, "GM202").what


def test_a_log_that_appears_during_the_copy_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "x.gpkg"
    path.write_bytes(b"db")
    block = source._block

    def opened(stream, name):
        (tmp_path / "x.gpkg-wal").write_bytes(b"log")
        return block(stream, name)

    monkeypatch.setattr(source, "_block", opened)
    assert "another program is writing" in refused(path, "GM202").what


def test_a_file_put_in_the_place_of_another_is_refused(tmp_path, monkeypatch):
    path, other = tmp_path / "x.csv", tmp_path / "y.csv"
    path.write_bytes(b"id\n")
    other.write_bytes(b"no\n")
    block = source._block

    def replaced(stream, name):
        if other.exists():
            other.replace(path)
        return block(stream, name)

    if sys.platform != "win32":
        monkeypatch.setattr(source, "_block", replaced)
        assert "another program is writing" in refused(path, "GM202").what


def test_a_full_disk_is_no_damaged_file(tmp_path, monkeypatch):
    path = zipped(tmp_path / "x.zip", [("x.shp", b"1")])

    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(archives, "_extracted", full)
    assert "no room" in refused(path, "GM209").what


@pytest.mark.parametrize("fault", [ValueError, RuntimeError, OSError, KeyError])
def test_a_fault_of_ours_is_not_called_a_damaged_document(tmp_path, fault):
    path = zipped(tmp_path / "x.xlsx", [("a", b"1")])
    with pytest.raises(fault), archives.document(path, name="x"):
        raise fault


def test_a_document_that_is_damaged_where_it_is_read_is_told(tmp_path):
    path = zipped(tmp_path / "x.xlsx", [("a", b"12345678")])
    path.write_bytes(path.read_bytes().replace(b"12345678", b"12345679"))
    with (
        archives.document(path, name="x") as (opened, members),
        pytest.raises(InputError, match="damaged"),
    ):
        list(archives.blocks(opened, members["a"], name="x"))


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes by name")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "link.csv").symlink_to(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("pipe", "folder", "device", "link"):
        assert refused(tmp_path / f"{name}.csv", "GM202").what == "not a regular file"
    refused(tmp_path / "loop.csv", "GM202")


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes by name")
def test_what_belongs_to_a_file_is_a_regular_file_too(tmp_path):
    (tmp_path / "x.shp").write_bytes(b"s")
    os.mkfifo(tmp_path / "x.dbf")
    assert refused(tmp_path / "x.shp", "GM202").what == "not a regular file"


def test_a_link_to_a_file_is_that_file(tmp_path):
    (tmp_path / "real.csv").write_bytes(b"id\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with staged(tmp_path / "link.csv", limits=LIMITS) as one:
        assert one.path.read_bytes() == b"id\n"


@pytest.mark.parametrize(
    "name",
    ["/vsicurl/http:x.csv", "CSV:x.csv", "http:x.csv", "GPKG:a.gpkg:b.csv", "a?b.csv", "/vsizip/x.csv"],
)
def test_a_name_is_only_a_name(tmp_path, name, monkeypatch):
    """GDAL would fetch or unpack these; here they are files that are there or not."""
    monkeypatch.chdir(tmp_path)
    plain = tmp_path / name.replace("/", "_")
    assert refused(plain, "GM202").what == "there is no such file"
    if sys.platform != "win32":
        plain.write_bytes(b"id\n")
        with staged(plain, limits=LIMITS) as one:
            assert one.path.name == "data.csv"


def test_a_name_with_a_nul_is_refused(tmp_path):
    refused(tmp_path / "a\0b.csv", "GM202")


def test_other_extensions_and_contents_are_refused(tmp_path):
    for name in ("x.exe", "noextension", ".csv"):
        (tmp_path / name).write_bytes(b"x")
        assert ".kmz" in refused(tmp_path / name, "GM205").fix
    (tmp_path / "x.csv").write_bytes(b"BAD")
    assert "not CSV" in refused(tmp_path / "x.csv", "GM205").what
    (tmp_path / "x.csv").write_bytes(b"")
    assert refused(tmp_path / "x.csv", "GM202").what == "the file is empty"


def test_a_file_beyond_the_limit_is_refused_with_all_that_belongs_to_it(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"1" * (2 * 2**20))
    with staged(tmp_path / "x.csv", limits=LIMITS):
        pass
    (tmp_path / "x.shp").write_bytes(b"1" * (2 * 2**20))
    (tmp_path / "x.dbf").write_bytes(b"1")
    assert "max_file_mb" in refused(tmp_path / "x.shp", "GM209").fix


def test_a_projects_own_store_is_refused(tmp_path):
    (tmp_path / "gridmap.toml").write_bytes(b"")
    (tmp_path / "border.gpkg").write_bytes(b"x")
    assert "own store" in refused(tmp_path / "border.gpkg", "GM205").what


def test_a_zipped_shapefile_comes_out_under_a_neutral_name(tmp_path):
    members = [("旗/X.SHP", b"s"), ("旗/x.dbf", b"d"), ("旗/X.columns.json", b"{}"), ("旗/readme.txt", b"r")]
    path = zipped(tmp_path / "x.shp.zip", [*members, ("__MACOSX/旗/._X.SHP", b"m")])
    with staged(path, limits=LIMITS) as one:
        files = beside(one)
        assert files.pop("data.zip") == path.read_bytes()
        assert files == {"data.shp": b"s", "data.dbf": b"d", "data.columns.json": b"{}"}
        assert one.format.name == "shp"
        assert one.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert one.path.name == "data.shp"


def test_one_of_several_datasets_is_named(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a.shp", b"1"), ("b.shp", b"2"), ("c.tab", b"3"), ("b.dbf", b"4")])
    assert "a, b, c" in refused(path, "GM202").fix
    with staged(path, limits=LIMITS, layer="b") as one:
        assert one.path.read_bytes() == b"2"
        assert one.path.with_suffix(".dbf").read_bytes() == b"4"
    with staged(path, limits=LIMITS, layer="c") as one:
        assert (one.format.name, one.path.name) == ("mapinfo", "data.tab")


def test_names_of_a_chinese_packer_are_read(tmp_path):
    path = zipped(tmp_path / "x.zip", [("XXXX.shp", b"1"), ("b.shp", b"2")])
    path.write_bytes(path.read_bytes().replace(b"XXXX", "牧户".encode("gbk")))
    assert "牧户" in refused(path, "GM202").fix
    with staged(path, limits=LIMITS, layer="牧户") as one:
        assert one.path.read_bytes() == b"1"


def test_a_kmz_is_its_main_document(tmp_path):
    with staged(zipped(tmp_path / "a.kmz", [("doc.kml", b"1"), ("files/b.kml", b"2")]), limits=LIMITS) as one:
        assert one.path.read_bytes() == b"1"
    with staged(zipped(tmp_path / "b.kmz", [("other.kml", b"2"), ("x.png", b"3")]), limits=LIMITS) as one:
        assert one.path.read_bytes() == b"2"


@pytest.mark.parametrize("name", ["../x.shp", "/x.shp", "a/../../x.shp", "C:/x.shp", "..\\x.shp"])
def test_a_name_that_leads_out_is_refused(tmp_path, name):
    assert "leads out" in refused(zipped(tmp_path / "x.zip", [(name, b"1")]), "GM202").what


def test_links_doubles_archives_and_nothing_are_refused(tmp_path):
    link = zipfile.ZipInfo("x.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "link" in refused(zipped(tmp_path / "l.zip", [(link, b"/etc/passwd")]), "GM202").what
    assert "twice" in refused(zipped(tmp_path / "d.zip", [("x.shp", b"1"), ("X.SHP", b"2")]), "GM202").what
    inner = zipped(tmp_path / "i.zip", [("x.shp", b"1")]).read_bytes()
    assert "not opened" in refused(zipped(tmp_path / "n.zip", [("i.zip", inner)]), "GM202").what
    assert "holds no file" in refused(zipped(tmp_path / "e.zip", []), "GM202").what
    (tmp_path / "g.zip").write_bytes(b"PK\x03\x04 no archive")
    assert "damaged" in refused(tmp_path / "g.zip", "GM202").what


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path, monkeypatch):
    path = zipped(tmp_path / "b.zip", [("x.shp", b"\0" * (3 * 2**20))], compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 10_000
    refused(path, "GM209")
    monkeypatch.setattr(archives, "SMALL", 1000)
    small = zipped(tmp_path / "c.zip", [("x.shp", b"\0" * 2**20)], compression=zipfile.ZIP_DEFLATED)
    refused(small, "GM209")


def test_lists_of_members_without_end_are_refused(tmp_path, monkeypatch):
    path = zipped(tmp_path / "m.zip", [(f"{at}.txt", b"") for at in range(200)])
    monkeypatch.setattr(archives, "MOST_MEMBERS", 199)
    assert "more than 199" in refused(path, "GM202").what
    monkeypatch.setattr(archives, "LONGEST_LIST", 5000)
    assert "damaged" in refused(path, "GM202").what


def test_other_packings_are_refused(tmp_path):
    path = zipped(tmp_path / "l.zip", [("x.shp", b"1" * 99)], compression=zipfile.ZIP_LZMA)
    assert "encrypted, or packed" in refused(path, "GM202").what
    data = bytearray(zipped(tmp_path / "e.zip", [("x.shp", b"1")]).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "e.zip").write_bytes(data)
    assert "encrypted" in refused(tmp_path / "e.zip", "GM202").what


BOMB = '<!DOCTYPE x [<!ENTITY a "b">]><kml>&a;</kml>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("before", ["", "<?xml version='1.0'?>", "<!-- x -->\n<?a b?> "])
def test_entities_are_refused_in_any_encoding(tmp_path, encoding, before):
    (tmp_path / "x.kml").write_bytes((before + BOMB).encode(encoding))
    assert "declares a type or entities" in refused(tmp_path / "x.kml", "GM202").what


@pytest.mark.parametrize("name", ["utf-7", "ISO-2022-JP", "hz", "cp037", "nonsense"])
def test_an_encoding_that_could_hide_them_is_refused(name):
    with pytest.raises(InputError, match="encoding that is not read"):
        prologue.refuse_entities_in(f"<?xml version='1.0' encoding='{name}'?><kml/>".encode(), name="x")


@pytest.mark.parametrize("text", ["<!--" + "x" * 99, "<?xml " + "x" * 99, "<!-- a --", "<!-->"])
def test_a_beginning_without_end_is_refused(text):
    with pytest.raises(InputError, match=r"no end|declares"):
        prologue.refuse_entities_in(text.encode(), name="x")


@pytest.mark.parametrize(
    "text",
    [
        "<kml/>",
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- <!DOCTYPE x> -->\n<kml/>",
        "<?xml version='1.0' encoding='gbk'?><kml/>",
        "<kml><![CDATA[<!DOCTYPE html><p>a description]]></kml>",
        "no xml at all",
        "",
    ],
)
def test_documents_without_entities_go_on(text):
    prologue.refuse_entities_in(text.encode(), name="x")


@pytest.mark.parametrize("before", [b" ", b"<!-- x -->\n", b"<?a b?>"])
def test_a_document_type_behind_a_megabyte_of_nothing_is_refused(before):
    head = (before * (prologue.PROLOGUE // len(before) + 1))[: prologue.PROLOGUE - len(before)]
    head = head[: len(head) // len(before) * len(before)].ljust(prologue.PROLOGUE - 1) + b"<"
    with pytest.raises(InputError, match="does not begin"):
        prologue.refuse_entities_in(head, name="x")


def test_a_prologue_of_many_comments_takes_no_time():
    begin = time.monotonic()
    prologue.refuse_entities_in(b"<!---->" * 149_000 + b"<kml/>", name="x")
    assert time.monotonic() - begin < 2


def test_an_archive_is_searched_for_entities_too(tmp_path):
    refused(zipped(tmp_path / "x.kmz", [("doc.kml", BOMB.encode())]), "GM202")


def test_large_pieces_are_not_read_at_once():
    careful = archives._Careful(io.FileIO(os.devnull))
    with careful, pytest.raises(zipfile.BadZipFile):
        careful.read(archives.LONGEST_LIST + 1)
