"""Honest files of every format, in bytes, for the hostile corpus to damage.

Made by libraries that gridmap's own readers and writers have no part in, so that a fault in these does not
hide itself.
"""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import shapely

HOMES = [
    (f"H9{at:03}", f"示例·{name}", 110.01 + at / 200, 42.55 + at / 300)
    for at, name in enumerate("甲乙丙丁戊")
]
HEADER = "id,name,lon_wgs84,lat_wgs84"
Files = Mapping[str, bytes]


def csv(separator: str = ",") -> bytes:
    lines = [HEADER, *(",".join(map(str, home)) for home in HOMES), ""]
    return "\r\n".join(lines).replace(",", separator).encode("utf-8")


def feature(home: tuple[str, str, float, float]) -> str:
    name, called, lon, lat = home
    return (
        f'{{"type":"Feature","properties":{{"id":"{name}","name":"{called}"}},'
        f'"geometry":{{"type":"Point","coordinates":[{lon},{lat}]}}}}'
    )


def collection(*features: str) -> bytes:
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode()


def with_geometry(text: str) -> bytes:
    """Return GeoJSON of one household with a geometry of its own."""
    return collection(f'{{"type":"Feature","properties":{{"id":"H1","name":"x"}},"geometry":{text}}}')


def geojson() -> bytes:
    return collection(*map(feature, HOMES))


def geojsonl() -> bytes:
    return "\n".join([*map(feature, HOMES), ""]).encode("utf-8")


def kml(inside: str | None = None, before: str = "") -> bytes:
    marks = inside or "".join(
        f"<Placemark><name>{name}</name>"
        f"<ExtendedData><Data name='id'><value>{id_}</value></Data></ExtendedData>"
        f"<Point><coordinates>{lon},{lat}</coordinates></Point></Placemark>"
        for id_, name, lon, lat in HOMES
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{marks}</Document></kml>"
    ).encode()


def gpx(inside: str | None = None, before: str = "") -> bytes:
    points = inside or "".join(
        f'<wpt lat="{lat}" lon="{lon}"><name>{name}</name></wpt>' for _, name, lon, lat in HOMES
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<gpx version="1.1" creator="t" '
        f'xmlns="http://www.topografix.com/GPX/1/1">{points}</gpx>'
    ).encode()


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER.split(","))
    for home in HOMES:
        sheet.append(home)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def frame() -> gpd.GeoDataFrame:
    points = [shapely.Point(lon, lat) for *_, lon, lat in HOMES]
    table = {"id": [home[0] for home in HOMES], "name": [home[1] for home in HOMES]}
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def parquet() -> bytes:
    stream = io.BytesIO()
    frame().to_parquet(stream)
    return stream.getvalue()


@cache
def by_gdal(driver: str, extension: str) -> dict[str, bytes]:
    """Return what GDAL writes, by extension: the main file and what belongs to it."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"x{extension}"
        layer = "household" if driver == "GPKG" else "x"
        pyogrio.write_dataframe(frame(), path, driver=driver, layer=layer, encoding="UTF-8")
        return {one.suffix: one.read_bytes() for one in Path(folder).iterdir()}


def shapefile() -> dict[str, bytes]:
    return by_gdal("ESRI Shapefile", ".shp")


def gpkg() -> bytes:
    return by_gdal("GPKG", ".gpkg")[".gpkg"]


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def rezipped(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """Return an archive with its members changed; None leaves one out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        given = {name: archive.read(name) for name in archive.namelist()}
    made = {name: change(name, content) for name, content in given.items()}
    return zipped({name: content for name, content in made.items() if content is not None})


# Every format that is read, by the extension of its main file.
HONEST: dict[str, Callable[[], Files]] = {
    ".csv": lambda: {".csv": csv()},
    ".tsv": lambda: {".tsv": csv("\t")},
    ".geojson": lambda: {".geojson": geojson()},
    ".geojsonl": lambda: {".geojsonl": geojsonl()},
    ".kml": lambda: {".kml": kml()},
    ".kmz": lambda: {".kmz": zipped({"doc.kml": kml()})},
    ".gpx": lambda: {".gpx": gpx()},
    ".xlsx": lambda: {".xlsx": xlsx()},
    ".parquet": lambda: {".parquet": parquet()},
    ".gpkg": lambda: {".gpkg": gpkg()},
    ".fgb": lambda: by_gdal("FlatGeobuf", ".fgb"),
    ".shp": shapefile,
    ".zip": lambda: {".zip": zipped({f"x{end}": data for end, data in shapefile().items()})},
    ".tab": lambda: by_gdal("MapInfo File", ".tab"),
    ".mif": lambda: by_gdal("MapInfo File", ".mif"),
}
