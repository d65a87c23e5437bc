"""The files that the README's reader has: a zipped GBK shapefile, a sheet pasted from a web map."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import shapely

TOWNSHIPS = [("150223102", "示例苏木甲", 109.6), ("150223103", "示例苏木乙", 110.2)]
HOMES = [
    ("001", "示例甲", 4, "是", "109.912345", "42.412345"),
    ("002", "示例乙", 3, "否", "110度30分", "42.4"),
]


def townships(path: Path) -> None:
    """Write a shapefile as many offices have it: GBK, no .cpg, zipped in a folder."""
    shapes = [shapely.box(west, 42.1, west + 0.6, 42.7) for *_, west in TOWNSHIPS]
    table = {"代码": [one[0] for one in TOWNSHIPS], "名称": [one[1] for one in TOWNSHIPS]}
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4490")
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(path, "w") as archive:
        pyogrio.write_dataframe(frame, Path(name) / "x.shp", driver="ESRI Shapefile", encoding="GBK")
        for one in sorted(Path(name).iterdir()):
            if one.suffix != ".cpg":
                archive.write(one, f"乡镇/乡镇{one.suffix}")


def homes(path: Path) -> None:
    """Write a sheet with a title, a blank row and a total, numbers as text."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "牧户"
    rows = [
        ["牧户登记表(示意·合成数据)"],
        ["户号", "户主", "人口", "堡垒户", "经度", "纬度"],
        *HOMES,
        [],
        ["合计", None, 7],
    ]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:F1")
    book.save(path)


def write(folder: Path) -> None:
    """Write both under the names that the README types."""
    townships(folder / "乡镇.zip")
    homes(folder / "牧户.xlsx")
