"""Commands that answer: check, assign, who."""

from __future__ import annotations

from typing import Annotated

import typer

from gridmap.cli.console import console, print_findings, print_json, print_line
from gridmap.cli.options import HERE, Json, Project
from gridmap.model import Answer, Figures

FOUND = 1
KM = 1000.0
KM2 = 1e6


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("check")(check)
    app.command("assign")(assign)
    # Western longitudes start with a minus sign: they are places, not options.
    app.command("who", context_settings={"ignore_unknown_options": True})(who)


def check(
    *,
    folder: Project = HERE,
    deep: Annotated[
        bool, typer.Option("--deep", help="Compare every stored value with its hash too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find every fault of the data; exit 1 if any is an error.

    Example: gridmap check -C demo
    """
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs

    with project.open_area(folder) as area, console().working("checking"):
        found = area.check(deep=deep)
        tables = area.tables()
    if as_json:
        print_json({"findings": found.to_json(), "tables": tables})
    else:
        print_findings(found)
    raise typer.Exit(FOUND if found.has_errors else 0)


def assign(*, folder: Project = HERE, as_json: Json = False) -> None:
    """Assign everything to the three layers, prove it complete, store the plan.

    Exit 1 if a finding is an error; the plan is stored all the same.

    Example: gridmap assign -C demo
    """
    from gridmap import project  # noqa: PLC0415

    steps = project.ASSIGN_STEPS + 1
    with project.open_area(folder) as area, console().working("plan", steps=steps) as step:
        plan = area.assign(progress=step)
        step("storing")
        plan.save()
    for note in plan.made.notes:
        console().say(f"note: {note}")
    if as_json:
        print_json({**plan.figures.to_json(), "findings": plan.findings.to_json()})
    else:
        _print_figures(plan.figures)
        print_findings(plan.findings)
    raise typer.Exit(FOUND if plan.findings.has_errors else 0)


def who(
    place: Annotated[
        list[str],
        typer.Argument(
            metavar="PLACE...", help="LON LAT, degrees-minutes-seconds, K23+450, a landmark, kind:id."
        ),
    ],
    *,
    folder: Project = HERE,
    as_json: Json = False,
) -> None:
    """Say who answers at a place, on each layer.

    Example: gridmap who 110.12 42.53 -C demo
    """
    from gridmap import project  # noqa: PLC0415

    with project.open_area(folder) as area, console().working("plan", steps=project.ASSIGN_STEPS) as step:
        answer = area.plan(progress=step).who(*place)
    if as_json:
        print_json(answer.to_json())
    else:
        _print_answer(answer)


def _print_figures(figures: Figures) -> None:
    line, area, point = figures.line, figures.area, figures.point
    print_line(f"{figures.assignments:,} assignments")
    print_line(
        f"line  军管线  {line.targets:>6} sections     {line.length_m / KM:>12,.3f} km   "
        f"gap {line.gap_m / KM:,.3f} km   overlap {line.overlap_m / KM:,.3f} km"
    )
    print_line(
        f"area  警管面  {area.targets:>6} zones        {area.area_m2 / KM2:>12,.3f} km2  "
        f"gap {area.gap_m2 / KM2:,.3f} km2  overlap {area.overlap_m2 / KM2:,.3f} km2  "
        f"outside {area.outside_m2 / KM2:,.3f} km2"
    )
    print_line(
        f"point 户管点  {point.targets:>6} strongholds  {point.served:>12,} served  orphans {point.orphans:,}"
    )


def _print_answer(answer: Answer) -> None:
    line, area, point = answer.line, answer.area, answer.point
    if line is None:
        print_line("line  军管线  nobody")
    else:
        also = f"; also {', '.join(line.also)}" if line.also else ""
        print_line(
            f"line  军管线  section {line.section}, unit {line.unit or 'none'}: "
            f"{line.distance_m:,.0f} m from the border at chainage {line.chainage_m:,.0f} m{also}"
        )
    if area is None:
        print_line("area  警管面  nobody")
    else:
        also = f"; also {', '.join(area.also)}" if area.also else ""
        print_line(f"area  警管面  zone {area.zone}, unit {area.unit or 'none'}{also}")
    if point is None:
        print_line("point 户管点  nobody")
    else:
        print_line(
            f"point 户管点  stronghold {point.stronghold}, unit {point.unit or 'none'}: "
            f"{point.distance_m:,.0f} m at {point.bearing_deg:.0f} degrees"
        )
    for note in answer.notes:
        print_line(f"note: {note}")
