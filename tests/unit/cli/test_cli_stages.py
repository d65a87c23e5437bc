"""A long job says how far it is and what its stages took, to the person who watches and to nobody else."""

import json

import pytest

from gridmap.cli.console import Console
from gridmap.cli.stages import Stages, peak_mib, spoken


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def run(stages, clock, **seconds):
    for name, took in seconds.items():
        stages.begin(name)
        clock.now += took
    stages.end()


def test_what_remains_follows_the_pace_of_this_job():
    clock = Clock()
    stages = Stages({"read": 1.0, "check": 2.0, "draw": 4.0}, clock=clock, cpu=clock)
    stages.begin("read")
    assert stages.remaining_s() is None
    assert stages.share() is None
    clock.now = 3.0
    stages.begin("check")
    assert stages.remaining_s() == pytest.approx(3.0 * 6.0)
    clock.now = 6.0
    assert stages.remaining_s() == pytest.approx(3.0 + 12.0)
    assert stages.share() == pytest.approx(6.0 / 21.0)
    # Longer than usual: what is left of this stage is not known, and is never less than nothing.
    clock.now = 60.0
    assert stages.remaining_s() == pytest.approx(12.0)
    assert stages.share() < 1.0
    stages.begin("draw")
    stages.end()
    assert stages.remaining_s() == pytest.approx(0.0)


def test_a_job_of_unknown_stages_promises_nothing():
    clock = Clock()
    stages = Stages({}, clock=clock, cpu=clock)
    run(stages, clock, anything=5.0)
    assert stages.remaining_s() is None
    assert spoken(None) == ""


def test_the_table_adds_up():
    clock = Clock()
    stages = Stages({}, clock=clock, cpu=clock)
    run(stages, clock, read=1.5, draw=2.5)
    heads, *rows, whole = stages.rows()
    assert heads[0] == "stage"
    assert [row[:3] for row in rows] == [("read", "1.5", "1.5"), ("draw", "2.5", "2.5")]
    assert whole[:3] == ("together", "4.0", "4.0")


def test_memory_that_nobody_counts_is_left_open(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "resource", None)
    assert peak_mib() is None
    stages = Stages()
    stages.begin("read")
    stages.end()
    assert stages.done[0].to_json()["peak_mib"] is None
    assert stages.rows()[1][3] == "-"


def test_memory_is_that_of_a_python_process():
    peak = peak_mib()
    assert peak is None or 10.0 < peak < 1e6


def test_times_to_go_are_said_in_words():
    assert spoken(0.2) == "about 1 s left"
    assert spoken(61.0) == "about 61 s left"
    assert spoken(150.0) == "about 2 min left"


@pytest.mark.parametrize(
    ("quiet", "verbose", "told"), [(False, False, False), (True, True, False), (False, True, True)]
)
def test_stages_are_told_to_who_asks(capsys, quiet, verbose, told):
    console = Console(quiet=quiet, verbose=verbose)
    with console.working("work", steps={"read": 1.0}) as step:
        step("read")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("peak MiB" in captured.err) is told


def test_an_answer_has_its_stages_only_when_verbose():
    for verbose in (False, True):
        console = Console(verbose=verbose, quiet=True)
        with console.working("work", steps={"read": 1.0}) as step:
            step("read")
            found = json.loads(json.dumps(console.measured()))
        assert [one["name"] for one in found.get("stages", [])] == (["read"] if verbose else [])
