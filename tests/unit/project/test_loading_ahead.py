"""What is loaded while tables are read: it saves time, and must never cost an answer."""

import json
import logging
import subprocess
import sys
import threading

import pytest

import gridmap as gm
from gridmap.errors import ConfigError
from gridmap.project import ahead

RUN = """
import json, sys
from gridmap.project import ahead
class Store:
    def tables(self):
        return {"household": int(sys.argv[1])}
with ahead.loading(Store()):
    pass
print(json.dumps(sorted(sys.modules)))
"""


class Broken:
    def tables(self):
        raise OSError("gone")


def threads():
    return [one for one in threading.enumerate() if one.name == "gridmap-ahead"]


@pytest.mark.parametrize("rows", [ahead.MANY - 1, ahead.MANY])
def test_what_rules_need_is_loaded_only_where_reading_takes_as_long(rows):
    ran = subprocess.run([sys.executable, "-c", RUN, str(rows)], capture_output=True, text=True, check=True)
    loaded = {"gridmap.assign", "gridmap.checks", "gridmap.geo.index.sites"}
    assert loaded & set(json.loads(ran.stdout)) == (loaded if rows >= ahead.MANY else set())
    assert ran.stderr == ""
    # Too few for compiled kernels; and the trees of scipy, which take long to load, no usual run needs.
    assert not {"numba", "scipy.spatial"} & set(json.loads(ran.stdout))


def test_kernels_are_loaded_for_as_many_places_as_pay(monkeypatch):
    asked = []
    monkeypatch.setattr("gridmap.geo.index.loading.load", asked.append)
    store = gm.demo(households=20).store
    monkeypatch.setattr(store, "tables", lambda: {"household": 700_000, "camp": 900_000, "unit": 3})
    with ahead.loading(store):
        pass
    assert asked == [900_000]


def test_what_cannot_be_loaded_ahead_stops_nothing(caplog):
    with caplog.at_level(logging.DEBUG, logger="gridmap.project.ahead"), ahead.loading(Broken()):
        pass
    assert [one.levelno for one in caplog.records] == [logging.DEBUG]
    assert "gone" in caplog.text


@pytest.mark.parametrize("error", [ConfigError("GM105", "a", where="b", fix="c"), KeyboardInterrupt()])
def test_an_error_while_reading_is_raised_and_the_thread_has_ended(error):
    with pytest.raises(type(error)) as caught, ahead.loading(Broken()):
        raise error
    assert caught.value is error
    assert threads() == []


def test_the_small_index_of_each_sort_answers(monkeypatch):
    """Loading asks real indexes: were one not reached, its kernels would load when they are needed."""
    from gridmap.geo.index import loading

    settled = []
    for kind, name in ((loading.ZoneIndex, "contain"), (loading.SiteIndex, "nearest_mm")):
        ask = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda *how, ask=ask: settled.append(ask(*how)) or settled[-1])
    locate = loading.LineIndex.locate_mm
    monkeypatch.setattr(
        loading.LineIndex, "locate_mm", lambda *how: settled.append(locate(*how)) or settled[-1]
    )
    loading.load(10)
    zone, site, line = settled
    assert zone.lead.tolist() == [0]
    assert site[0].tolist() == [0]
    assert 10_000 < site[1][0] < 15_000
    assert line[1][0] >= 0
