"""Work in parts: every row once, whatever the number of threads; an error in a part is not lost."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from gridmap.geo import threads
from gridmap.geo.threads import at_once, cut, in_parts


@pytest.mark.parametrize("processors", [1, 2, 3, 64])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 19, 35, 1_000])
def test_every_row_is_worked_on_once(monkeypatch: pytest.MonkeyPatch, processors: int, count: int) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: processors)
    seen, parts = np.zeros(count, dtype=int), []

    def work(some: slice) -> None:
        seen[some] += 1
        parts.append(some)

    in_parts(count, work, worth=10)
    assert (seen == 1).all()
    assert len(parts) == max(min(processors, threads.MOST, count // 10), 1)


def test_an_error_in_a_part_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: 4)

    def work(some: slice) -> None:
        if some.stop == 100:
            raise ValueError("the last part")

    with pytest.raises(ValueError, match="the last part"):
        in_parts(100, work, worth=10)


@pytest.mark.parametrize(("processors", "threads_used"), [(1, 1), (2, 2)])
def test_two_things_are_done_at_once_where_there_are_two_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int, threads_used: int
) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: processors)
    one, other = at_once(threading.get_ident, threading.get_ident)
    assert other == threading.get_ident()
    assert len({one, other}) == threads_used


@pytest.mark.parametrize("processors", [1, 2])
def test_an_error_in_one_of_two_things_is_not_lost(monkeypatch: pytest.MonkeyPatch, processors: int) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: processors)
    with pytest.raises(ZeroDivisionError):
        at_once(lambda: 1 // 0, lambda: 1)
    with pytest.raises(ZeroDivisionError):
        at_once(lambda: 1, lambda: 1 // 0)


def test_rows_are_cut_into_slices_of_no_more_than_was_said() -> None:
    assert list(cut(slice(5, 12), 3)) == [slice(5, 8), slice(8, 11), slice(11, 12)]
    assert list(cut(slice(4, 4), 3)) == []


def test_two_threads_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer must not depend on how many processors a machine has."""
    from gridmap.geo.index.sites import SiteIndex

    rng = np.random.default_rng(5)
    xy = rng.uniform([450_000, 4_600_000], [500_000, 4_650_000], (2 * threads.WORTH + 11, 2)).round(3)
    ids = np.array([f"T{at:02d}" for at in range(30)], dtype=object)
    index = SiteIndex.of(ids, xy[:30], "EPSG:4508", expected=1_000)
    found = []
    for processors in (1, 2):
        monkeypatch.setattr(threads, "_processors", lambda count=processors: count)
        found.append(index.nearest_mm(xy))
    assert all((one == other).all() for one, other in zip(*found, strict=True))
