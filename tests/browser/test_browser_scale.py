"""Many homes and many cells: all are there, drawn as far as the screen has room, and answer at once."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.model import Bilingual, View, ViewTable
from gridmap.model.scene import to_plain
from gridmap.model.view import seal
from gridmap.render import compose
from gridmap.render.backends.folium import to_html
from gridmap.render.codec import pack_ints
from gridmap.render.pack import pack_column, pack_ids

pytestmark = pytest.mark.browser
HOMES = 120_000


@pytest.fixture(scope="module")
def crowd(synthetic_view):
    """A hundred thousand homes, crowded around some places, and every thousandth a stronghold."""
    dice = np.random.default_rng(4)
    middles = dice.uniform([110.05, 42.05], [110.65, 42.42], size=(30, 2))
    xy = np.round(middles[dice.integers(0, 30, HOMES)] + dice.normal(0, 0.012, (HOMES, 2)), 5)
    rows = np.arange(HOMES)
    homes = gpd.GeoDataFrame(
        {
            "id": pd.Series([f"H{row:06d}" for row in rows], dtype="str"),
            "name": pd.Series(
                [f"{chr(0x4E00 + row % 911)}{chr(0x5000 + row // 911)}" for row in rows], dtype="str"
            ),
            "stronghold": pd.array(rows % 1000 == 0, dtype="boolean"),
            "persons": pd.array(np.where(rows % 13 == 0, None, rows % 6 + 1), dtype="Int64"),
        },
        geometry=shapely.points(xy),
        crs="EPSG:4490",
    )
    held = synthetic_view.tables()
    assigned = pd.DataFrame(
        {
            "kind": "household",
            "feature": homes["id"],
            "layer": "point",
            "target": [f"H{row // 1000 * 1000:06d}" for row in rows],
            "unit": [f"U{row // 1000 % 3 + 1}" for row in rows],
            "role": "lead",
            "metres": (rows % 15_000).astype(float),
            "rule": "nearest_stronghold",
        }
    )
    return {**held, "household": homes, "assignments": assigned}


@pytest.fixture(scope="module")
def html(crowd, synthetic_view):
    return to_html(compose(synthetic_view.view(crowd), synthetic_view.spec()))


@pytest.fixture
def opened(open_page, html):
    return open_page(html)


def test_every_home_is_the_one_that_it_was(opened, crowd):
    """What the page unpacks is what the table holds: places, ids, names, columns, assignments."""
    page, homes = opened.page, crowd["household"]
    found = json.loads(
        page.evaluate(
            """() => { const table = gridmap.scene.tables.household; const out = [];
            for (let row = 0; row < table.rows; row += 97) {
              const id = table.id(row); const [one] = gridmap.scene.assignments.of("household", row);
              out.push([id, table.get(row, "name"), table.get(row, "stronghold"), table.get(row, "persons"),
                table.lon[row], table.lat[row], one.target, one.unit, one.metres, table.rowOf(id) === row]);
            } return JSON.stringify(out); }"""
        )
    )
    by_id = homes.set_index("id")
    assigned = crowd["assignments"].set_index("feature")
    assert len({one[0] for one in found}) == len(found) == -(-HOMES // 97)
    for ident, name, strong, persons, lon, lat, target, unit, metres, same in found:
        home, row = by_id.loc[ident], assigned.loc[ident]
        wanted = None if pd.isna(home["persons"]) else home["persons"]
        assert [name, strong, persons] == [home["name"], home["stronghold"], wanted]
        assert [round(lon, 5), round(lat, 5)] == [home.geometry.x, home.geometry.y]
        assert [target, unit, metres] == [row["target"], row["unit"], row["metres"]]
        assert same, "an id leads back to its row"
    # Ids that nobody has lead nowhere.
    for wrong in ("H999999", "H1", "h000001", "", "H00001x", "<img onerror>"):
        assert page.evaluate("(id) => gridmap.scene.tables.household.rowOf(id)", wrong) == -1
    counted = page.evaluate("gridmap.scene.assignments.on('household', 'H005000')")
    assert counted == [{"kind": "household", "lead": 1000, "support": 0}]


def test_the_whole_is_drawn_as_cells_and_what_is_near_as_homes(opened):
    page = opened.page
    assert "每格牧户" in opened.text(".gm-crowd")
    cells = page.evaluate(
        """() => { const one = gridmap.scene.drawings.find((one) => one.name === "households");
        return Array.from(gridmap.parts.crowd(one).cells).reduce((sum, many) => sum + many, 0); }"""
    )
    assert cells == HOMES - HOMES // 1000, "every home that is no stronghold is in a cell"
    assert page.locator(".gm-labels text", has_text=r",000").count() >= 3, "some round numbers"
    page.evaluate(
        """() => { const table = gridmap.scene.tables.household;
        gridmap.map.setView([table.lat[5], table.lon[5]], 16, {animate: false}); }"""
    )
    page.wait_for_timeout(200)
    assert page.locator(".gm-crowd").is_hidden()
    hit = page.evaluate(
        """() => { const table = gridmap.scene.tables.household;
        const found = gridmap.parts.at(L.latLng(table.lat[5], table.lon[5]));
        return found.some((one) => one.table === table && one.row === 5); }"""
    )
    assert hit


def test_strongholds_are_drawn_one_by_one_however_many_homes_there_are(opened):
    found = opened.page.evaluate(
        """() => { const table = gridmap.scene.tables.household;
        const drawing = gridmap.scene.drawings.find((one) => one.name === "strongholds"); let hits = 0;
        for (let row = 0; row < table.rows; row += 1) {
          if (drawing.codes[row] !== 0) continue;
          const found = gridmap.parts.at(L.latLng(table.lat[row], table.lon[row]));
          hits += found.some((one) => one.row === row && one.table === table);
        } return hits; }"""
    )
    assert found == HOMES // 1000


def test_what_the_filters_leave_out_is_neither_drawn_nor_found(open_page, html):
    page = open_page(html).page
    found = page.evaluate(
        """() => { const table = gridmap.scene.tables.household; const real = gridmap.parts.passes;
        const mask = new Uint8Array(table.rows); mask[5] = 1;
        gridmap.parts.passes = (one) => ((one.name || one) === "household" ? mask : real(one));
        gridmap.parts.tell("filter", {});
        const at = (row) => gridmap.parts.at(L.latLng(table.lat[row], table.lon[row]))
          .some((one) => one.table === table && one.row === row);
        const drawing = gridmap.scene.drawings.find((one) => one.name === "households");
        return [at(5), at(6), at(90000), gridmap.parts.crowd(drawing)]; }"""
    )
    assert found == [True, False, False, None]
    page.wait_for_timeout(200)
    painted = page.evaluate(
        """() => { const canvas = document.querySelector(".leaflet-gm-points-pane canvas");
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let many = 0; for (let at = 3; at < data.length; at += 4) many += data[at] > 128; return many; }"""
    )
    assert 0 < painted < 4000, "one home, and the outposts and landmarks"


def test_labels_do_not_meet(opened):
    page = opened.page
    for zoom in (9, 10.5, 12, 14):
        page.evaluate("(zoom) => { gridmap.map.setZoom(zoom, {animate: false}); }", zoom)
        page.wait_for_timeout(150)
        meeting = page.evaluate(
            """() => { const texts = document.querySelectorAll(".gm-labels text"); let many = 0;
            const boxes = Array.from(texts, (one) => one.getBoundingClientRect());
            boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => {
              const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
              const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
              many += x > 2 && y > 5; })); return many; }"""
        )
        assert meeting == 0, zoom


def test_a_screen_of_twice_the_dots_shows_the_same_cells(open_page, html):
    sharp = open_page(html, device_scale_factor=2)
    ratio = sharp.page.evaluate(
        """() => { const canvas = document.querySelector(".leaflet-gm-points-pane canvas");
        return canvas.width / canvas.getBoundingClientRect().width; }"""
    )
    assert abs(ratio - 2) < 0.01
    # The middle of the fullest cell is tinted, and so is the ground around it.
    tinted = sharp.page.evaluate(
        """() => { const drawing = gridmap.scene.drawings.find((one) => one.name === "households");
        const crowd = gridmap.parts.crowd(drawing);
        const at = crowd.cells.indexOf(Math.max.apply(null, Array.from(crowd.cells)));
        const canvas = document.querySelector(".leaflet-gm-points-pane canvas");
        const origin = gridmap.map.getPixelOrigin().add(L.DomUtil.getPosition(canvas));
        const x = ((crowd.left + (at % crowd.wide) + 0.5) * 10 - origin.x) * 2;
        const y = ((crowd.top + Math.floor(at / crowd.wide) + 0.5) * 10 - origin.y) * 2;
        return canvas.getContext("2d").getImageData(Math.round(x), Math.round(y), 1, 1).data[3]; }"""
    )
    assert tinted > 150


def cells_view(synthetic_view, columns, rows):
    x, y = (part.ravel() for part in np.meshgrid(np.arange(columns), np.arange(rows)))
    boxes = shapely.box(110 + x / 100, 42 + y / 100, 110 + (x + 1) / 100, 42 + (y + 1) / 100)
    frame = gpd.GeoDataFrame(
        {
            "id": pd.Series([f"Z{at}" for at in range(len(x))], dtype="str"),
            "unit": pd.Series([f"U{at % 3 + 1}" for at in x], dtype="str"),
        },
        geometry=boxes,
        crs="EPSG:4490",
    )
    units = synthetic_view.tables()["unit"]
    return seal(
        View(
            "planner",
            {"patrol_zone": ViewTable("patrol_zone", frame), "unit": ViewTable("unit", units)},
            5,
            {},
        )
    )


@pytest.mark.parametrize(("columns", "canvases", "paths"), [(8, 0, 200), (64, 1, 0)])
def test_many_cells_go_onto_a_canvas_and_few_stay_sharp(open_page, synthetic_view, columns, canvases, paths):
    view = cells_view(synthetic_view, columns, 25)
    opened = open_page(to_html(compose(view, synthetic_view.spec())))
    page = opened.page
    drawn = page.evaluate(
        """() => { const all = Array.from(document.querySelectorAll(".leaflet-map-pane > .leaflet-pane"));
        const panes = all.filter((one) => /gm-[0-9]+-pane/.test(one.className));
        const many = (what) => panes.reduce((sum, one) => sum + one.querySelectorAll(what).length, 0);
        return [many("canvas"), many("path[fill^='url(#gm-hatch']")]; }"""
    )
    assert drawn == [canvases, paths]
    opened.click(110.025, 42.105)
    assert "Z" in opened.text("#gm-details")
    # Filtered to nothing, nothing is drawn, and nothing answers.
    left = page.evaluate(
        """() => { const table = gridmap.scene.tables.patrol_zone; const mask = new Uint8Array(table.rows);
        gridmap.parts.passes = (one) => ((one.name || one) === "patrol_zone" ? mask : null);
        gridmap.parts.tell("filter", {}); gridmap.parts.redraw(true);
        let painted = 0;
        document.querySelectorAll(".leaflet-map-pane canvas").forEach((one) => {
          const data = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
          for (let at = 3; at < data.length; at += 40) painted += data[at] > 0; });
        const paths = document.querySelectorAll(".leaflet-map-pane path[fill^='url(#gm-hatch']").length;
        return [painted, paths, gridmap.parts.at(L.latLng(42.105, 110.025)).length]; }"""
    )
    assert left == [0, 0, 0]


INTEGERS = [
    [],
    [7] * 70,
    [0, 2**32 - 1] * 20,
    [-5, 3, 2**31 - 1 - 5],
    list(range(1000)),
    [2**52 + at % 9 for at in range(99)],
    [int(one) for one in np.random.default_rng(1).integers(-(2**30), 2**30, 333)],
    *(
        [int(one) for one in np.random.default_rng(width).integers(0, 2**width, 101)]
        for width in range(1, 33)
    ),
]


def test_the_page_unpacks_what_python_packs(open_page, synthetic_view):
    """The codec is written twice: every width of bits, steps and not, texts of every form."""
    opened = open_page(to_html(compose(synthetic_view.view(), synthetic_view.spec())))
    packed = [to_plain(pack_ints(values)) for values in INTEGERS]
    found = opened.page.evaluate("(all) => all.map((one) => Array.from(gridmap.parts.ints(one)))", packed)
    assert found == INTEGERS
    title = Bilingual(en="x", zh="x")
    texts = [
        f"{'😀' if row % 3 else '<b>'}{row * 7919 % 1009:x}{chr(0x4E00 + row % 40)}" for row in range(700)
    ]
    columns = [
        (pack_ids(pd.Series([f"K{row}" for row in range(5, 705)], dtype="str"), title=title), None),
        (pack_ids(pd.Series(texts, dtype="str"), title=title), texts),
        (pack_column("c", pd.Series([row / 8 for row in range(700)]), title=title), None),
        (
            pack_column("c", pd.Series(texts, dtype="str").where(lambda one: one.index % 5 > 0), title=title),
            None,
        ),
    ]
    assert [column.form for column, _ in columns] == ["pattern", "letters", "numbers", "letters"]
    read = opened.page.evaluate(
        """(all) => all.map((one) => { const column = gridmap.parts.column(one, 700);
        const cells = Array.from({length: 700}, (_, row) => column.get(row));
        const back = !column.read.find || cells.every((one, row) => one === null || column.find(one) === row);
        return [cells, back]; })""",
        [to_plain(column) for column, _ in columns],
    )
    assert read[0] == [[f"K{row}" for row in range(5, 705)], True]
    assert read[1] == [texts, True]
    assert read[2][0] == [row / 8 for row in range(700)]
    assert read[3] == [[text if row % 5 else None for row, text in enumerate(texts)], True]
