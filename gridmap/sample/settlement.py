"""Where things stand in the demo area: wells, posts, the port, strongholds, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gridmap.sample import network
from gridmap.sample.dice import Dice, Floats, Ints
from gridmap.sample.ground import Ground
from gridmap.sample.homes import BORDER_STRIP_M, REACH_M, STRONGHOLDS, Places
from gridmap.sample.layout import Layout
from gridmap.sample.network import GRAVEL, ROAD, TRACK
from gridmap.sample.plane import MM, along, lengths, squared_gap
from gridmap.sample.relief import EAST_M, NORTH_M, SOUTH_M, WEST_M, height, noise

STREAM = 3
WELLS, WELL_SPACING_M = 76, 5_600.0
HILLS, HILL_SPACING_M = 6, 12_000.0
LINE_POSTS = 8
PORT_SHARE, PORT_M = 0.68, 700.0
CANDIDATES = 6_000
ROUNDS, SAMPLE = 12, 7
# A stronghold stands by the nearest well that no other has, if there is one this near, else on open ground.
WELL_STEP_M = 4_500.0
TRACK_STEP_M = 250.0
# The line posts from which a gravel way leads inland, and how far an exit goes towards the edge.
SPURS = (1, 3, 6)
LEAD_OUT = 0.97


@dataclass(frozen=True, slots=True)
class Settlement:
    """Places (n, 2) in metres, and ways as (class, line)."""

    seats: Floats
    line_posts: Floats
    seat_posts: Floats
    field_posts: Floats
    port: Floats
    wells: Floats
    hills: Floats
    ways: list[tuple[str, Floats]]
    homes: Places


def found(plan: Layout, ground: Ground, border: Floats, seed: int) -> Settlement:
    """Return everything that stands in the area, households aside."""
    seats = np.array(list(plan.seats.values()))
    dice = Dice(seed, STREAM, 0)
    shift = dice.between(-0.13, 0.13, LINE_POSTS)
    line_posts = behind(
        border, (np.arange(LINE_POSTS) + 0.5 + shift) / LINE_POSTS, dice.between(1_300.0, 2_700.0, LINE_POSTS)
    )
    port = behind(border, np.array([PORT_SHARE]), np.array([PORT_M]))
    field_posts = np.round(
        np.array(list(plan.posts.values())) + dice.between(-1_000.0, 1_000.0, 6).reshape(3, 2), MM
    )
    fixed = np.concatenate([seats, port, line_posts, field_posts])
    wells = _wells(ground, fixed, seed)
    ways = _ways(plan, ground, [seats, port, line_posts, field_posts, wells], seed)
    return Settlement(
        seats=seats,
        line_posts=line_posts,
        seat_posts=np.round(seats + np.array([420.0, -310.0]), MM),
        field_posts=field_posts,
        port=port[0],
        wells=wells,
        hills=_hills(ground, seed),
        ways=ways,
        homes=Places(
            wells=wells,
            tracks=np.concatenate([_even(line) for _, line in ways]),
            seats=seats,
            strongholds=_strongholds(ground, wells, seed),
        ),
    )


def behind(border: Floats, share: Floats, away: Floats) -> Floats:
    """Return places `away` metres to the right of the border (the south) at shares of its length."""
    ahead = along(border, share + 0.004) - along(border, share - 0.004)
    size = np.sqrt(squared_gap(ahead, np.zeros(2)))
    right = np.column_stack([ahead[:, 1], -ahead[:, 0]]) / size[:, None]
    return np.round(along(border, share) + right * away[:, None], MM)


def _candidates(ground: Ground, dice: Dice) -> Floats:
    low, high = np.array([WEST_M, SOUTH_M]), np.array([EAST_M, NORTH_M])
    xy = low + (high - low) * dice.unit(2 * CANDIDATES).reshape(-1, 2)
    return np.asarray(np.round(xy[ground.is_clear(xy, border_m=BORDER_STRIP_M + 700.0)], MM))


def _apart(xy: Floats, *, spacing: float, most: int, taken: Floats) -> Floats:
    """Return the first `most` places that keep their distance from each other and from `taken`."""
    kept = [*taken]
    for place in xy:
        if len(kept) - len(taken) == most:
            break
        if (squared_gap(np.array(kept).reshape(-1, 2), place) >= spacing * spacing).all():
            kept.append(place)
    return np.array(kept[len(taken) :]).reshape(-1, 2)


def _wells(ground: Ground, taken: Floats, seed: int) -> Floats:
    """Return the wells: on low ground, some kilometres apart, and not where something else stands."""
    xy = _candidates(ground, Dice(seed, STREAM, 1))
    low = noise(xy, wavelength=17_000.0, seed=seed, octave=1) + noise(
        xy, wavelength=8_000.0, seed=seed, octave=2
    )
    order = np.argsort(low + Dice(seed, STREAM, 2).between(-0.9, 0.9, len(xy)), kind="stable")
    return _apart(xy[order], spacing=WELL_SPACING_M, most=WELLS, taken=taken)


def _hills(ground: Ground, seed: int) -> Floats:
    xy = _candidates(ground, Dice(seed, STREAM, 3))
    order = np.argsort(-height(xy, seed=seed) - xy[:, 1] * 0.004, kind="stable")
    return _apart(xy[order], spacing=HILL_SPACING_M, most=HILLS, taken=np.empty((0, 2)))


def _ways(plan: Layout, ground: Ground, stops: list[Floats], seed: int) -> list[tuple[str, Floats]]:
    net = network.lattice(ground, stops=np.concatenate(stops), seed=seed)
    seats, port, line_posts, field_posts, wells = ([net.node(place) for place in group] for group in stops)
    exits = [net.node(place) for place in plan.exits.values()]
    mandula, bayinhua, chagan = seats
    south, southeast, west = exits
    for start, end in ((mandula, port[0]), (mandula, bayinhua), (mandula, chagan), (bayinhua, south)):
        net.join(start, np.array([end]), way=ROAD)
    net.join(chagan, np.array([southeast]), way=ROAD)
    for start, end in ((bayinhua, chagan), (bayinhua, west)):
        net.join(start, np.array([end]), way=GRAVEL)
    # Spurs before the patrol way: joined later, posts would reach the roads along the border alone.
    for post in [*(line_posts[number] for number in SPURS), *field_posts]:
        net.join(post, net.settled(), way=GRAVEL)
    for start, end in pairwise(line_posts):
        net.join(start, np.array([end]), way=GRAVEL, patrol=True)
    for well in wells:
        if well not in net.settled():
            net.join(well, net.settled(), way=TRACK)
    return [(way, _led_out(line, net.xy[exits], ground.outline)) for way, line in network.draw(net)]


def _led_out(line: Floats, exits: Floats, outline: Floats) -> Floats:
    """Return a way, with a last stretch to just inside the area's edge if it ends at one of the exits."""
    for place in np.round(exits, MM):
        if (line[0] == place).all():
            line = line[::-1]
        if (line[-1] == place).all():
            beyond = outline[np.argmin(squared_gap(outline, place))]
            return np.concatenate([line, [np.round(place + LEAD_OUT * (beyond - place), MM)]])
    return line


def _even(line: Floats) -> Floats:
    """Return places along a line at even distances, both ends among them."""
    count = int(lengths(line)[-1] / TRACK_STEP_M) + 2
    return along(line, np.arange(count) / (count - 1))


def _strongholds(ground: Ground, wells: Floats, seed: int) -> Floats:
    """Return 40 places that reach the whole area, ordered so that the first few spread well.

    Even places first (Lloyd's iteration over the raster's cells), then each moves to a well near by.
    """
    centres = ground.centres()
    land = centres[ground.clear.ravel() & (ground.border_m.ravel() >= BORDER_STRIP_M)]
    even = _lloyd(land, land[Dice(seed, STREAM, 4).below(len(land), STRONGHOLDS)])
    moved, free = even.copy(), np.ones(len(wells), dtype=bool)
    for position, place in enumerate(even):
        gap = np.where(free, squared_gap(wells, place), np.inf)
        best = int(np.argmin(gap))
        if gap[best] < WELL_STEP_M**2:
            moved[position], free[best] = wells[best], False
    moved += Dice(seed, STREAM, 5).between(-260.0, 260.0, 2 * STRONGHOLDS).reshape(-1, 2)
    moved = np.where(ground.is_clear(moved, border_m=BORDER_STRIP_M)[:, None], moved, even)
    reaches = float(_nearest(land, moved)[1].max()) < REACH_M**2
    return _spreading(np.round(moved if reaches else even, MM))


def _nearest(land: Floats, places: Floats) -> tuple[Ints, Floats]:
    best, which = np.full(len(land), np.inf), np.zeros(len(land), dtype=np.int64)
    for position, place in enumerate(places):
        gap = squared_gap(land, place)
        nearer = gap < best
        best[nearer], which[nearer] = gap[nearer], position
    return which, best


def _lloyd(land: Floats, places: Floats) -> Floats:
    sample = land[::SAMPLE]
    for _ in range(ROUNDS):
        which, _ = _nearest(sample, places)
        count = np.maximum(np.bincount(which, minlength=len(places)), 1)
        sums = [np.bincount(which, weights=sample[:, axis], minlength=len(places)) for axis in (0, 1)]
        places = np.column_stack(sums) / count[:, None]
    return np.array([land[np.argmin(squared_gap(land, place))] for place in places])


def _spreading(places: Floats) -> Floats:
    """Return the places in farthest-first order, the most central one first."""
    middle = places.sum(axis=0) / len(places)
    order = [int(np.argmin(squared_gap(places, middle)))]
    gap = np.full(len(places), np.inf)
    while len(order) < len(places):
        gap = np.minimum(gap, squared_gap(places, places[order[-1]]))
        order.append(int(np.argmax(gap)))
    return places[order]
