"""A product looked at again when the file of depths of snow beside the settings is another one, or gone."""

from __future__ import annotations

import gridmap as gm

HEAD = "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 9000000\n"
DEEP = '\n[scenarios.deep]\ntitle = { en = "Deep", zh = "深" }\nsnow_grid = "deep.asc"\n'


def test_another_file_of_snow_is_another_product(tmp_path):
    """Or a map of who is reached in the snow is said to be of the same data when the snow is another."""
    folder = tmp_path / "area"
    gm.demo(folder, households=60).close()
    with (folder / "gridmap.toml").open("a", encoding="utf-8", newline="\n") as settings:
        settings.write(DEEP)
    snow = folder / "deep.asc"
    snow.write_text(HEAD + "9 9\n9 9\n", encoding="ascii")
    with gm.open(folder) as area:
        # Any product: all say by one hash which settings and files they are made from.
        out = area.export("household", audience="planner", format="csv").save(tmp_path / "homes.csv")
        assert area.verify(out).same_data
        snow.write_text(HEAD + "9 9\n9 40\n", encoding="ascii")
        assert not area.verify(out).same_data
        snow.unlink()
        assert not area.verify(out).same_data
        snow.write_text(HEAD + "9 9\n9 9\n", encoding="ascii")
        assert area.verify(out).same_data
