"""The engine: rules in file order, then the tables, the proof and the findings."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from gridmap import geo, registry
from gridmap.assign import faults, frames
from gridmap.assign.arrangement import Arrangement
from gridmap.assign.frames import Made
from gridmap.assign.ground import Floats, Ground, Tables, survey
from gridmap.assign.proof import prove
from gridmap.assign.rule import Claims, Rule, State
from gridmap.claims import Assigned
from gridmap.config import ProjectSpec
from gridmap.config.spec import RuleSpec
from gridmap.errors import ConfigError
from gridmap.model import Findings

log = logging.getLogger(__name__)


def arrange(
    tables: Tables,
    spec: ProjectSpec,
    *,
    known: Findings | None = None,
    placed: Mapping[str, Floats] | None = None,
) -> Arrangement:
    """Assign everything to the three layers, and prove the arrangement complete.

    Parameters
    ----------
    tables : mapping of kind to DataFrame
        Frames in the working CRS; the order of rows does not matter, and faulty rows do no harm.
    spec : ProjectSpec
        Settings: the rules in the order they run, and their parameters.
    known : Findings, optional
        Faults of the data found already: what only follows from them is not reported again.
    placed : mapping of str to (n, 2) metres, optional
        Positions of the rows, by kind, where they are looked up already; see `gridmap.assign.ground.survey`.

    Returns
    -------
    Arrangement
        The same for the same input, whatever the order of rows.

    Raises
    ------
    AssignmentError
        GM502 if there is nothing at all to arrange: no usable border, township or household.
    ConfigError
        GM103 if a rule is used on a layer or a kind that it is not made for.
    """
    told = known or Findings()
    ground = survey(tables, spec, known=told, placed=placed)
    state, made = run(State(ground), spec.rules)
    return proven(state, frames.assigned_of(state, [*section_leads(state), *made]), known=told)


def proven(
    state: State, assigned: Assigned, *, known: Findings, tiling: geo.Tiling | None = None
) -> Arrangement:
    """Prove what the rules made, and list its faults.

    Parameters
    ----------
    state : State
        What the rules left.
    assigned : Assigned
        What they claimed.
    known : Findings
        Faults of the data.
    tiling : Tiling, optional
        How the zones tile the jurisdiction, where that is known already.
    """
    proof = prove(state, assignments=len(assigned), tiling=tiling)
    findings = faults.find(state, proof, known=known)
    log.info("arranged %d assignments, %d findings", proof.figures.assignments, len(findings))
    return Arrangement(
        assigned=assigned,
        findings=findings,
        figures=proof.figures,
        notes=_notes(state.ground),
        state=state,
        tiling=proof.tiling,
    )


def run(state: State, uses: Iterable[RuleSpec]) -> tuple[State, list[Made]]:
    """Let rules add to each other, in file order.

    Parameters
    ----------
    state : State
        What is there already: the ground, and maybe stretches.
    uses : iterable of RuleSpec
        The rules, with their kinds.

    Returns
    -------
    state : State
        What the rules left.
    made : list of (Rule, Claims)
        What they claimed.
    """
    made: list[Made] = []
    for use in uses:
        rule: Rule = registry.get("rules", use.rule)
        for kind in use.kinds:
            _fits(rule, use, kind, state.ground.spec)
            added = rule.apply(state, kind)
            for stretches in added.stretches:
                state = state.with_stretches(stretches, rule=rule.name)
            for claims in added.claims:
                kept = _first_lead(state, rule, claims)
                state = _with_leads(state, rule, kept)
                made.append((rule, kept))
    return state, made


def _fits(rule: Rule, use: RuleSpec, kind: str, spec: ProjectSpec) -> None:
    where = f"gridmap.toml: rules: {use.rule}"
    if rule.layer != use.layer:
        raise ConfigError(
            "GM103",
            f"the rule {use.rule} does not work on the layer {use.layer}",
            where=where,
            fix=f'write layer = "{rule.layer}"',
        )
    if spec.kinds[kind].geometry not in rule.takes:
        takes = " or ".join(sorted(rule.takes))
        raise ConfigError(
            "GM103",
            f"the rule {use.rule} cannot be used for {kind}",
            where=where,
            fix=f"name kinds whose geometry is {takes}",
        )


def _first_lead(state: State, rule: Rule, claims: Claims) -> Claims:
    """Drop leads of features that an earlier rule gave a lead on this layer."""
    if (rule.layer, claims.kind) not in state.led:
        return claims
    kept = ~claims.lead | state.unled(rule.layer, claims.kind)[claims.feature]
    if kept.all():
        return claims
    return Claims(claims.kind, claims.feature[kept], claims.target[kept], claims.lead[kept], claims.mm[kept])


def _with_leads(state: State, rule: Rule, claims: Claims) -> State:
    if not claims.lead.any():
        return state
    count = state.ground.of(claims.kind).count
    feature = claims.feature
    if claims.lead.all() and len(feature) == count and (feature[1:] > feature[:-1]).all():
        # All of them, once each: what a rule gives for nearly all homes.
        led = np.ones(count, dtype=bool)
    else:
        led = ~state.unled(rule.layer, claims.kind)
        led[feature[claims.lead]] = True
    return replace(state, led={**state.led, (rule.layer, claims.kind): led})


def section_leads(state: State) -> list[Made]:
    """Return one lead per section: its outpost, by the rule that gave it the stretch."""
    held = state.stretches
    pairs = sorted(set(zip(held.rule, held.kind, strict=True)))
    found: list[Made] = []
    for name, kind in pairs:
        given = zip(held.rule, held.kind, strict=True)
        mine = np.array([at for at, pair in enumerate(given) if pair == (name, kind)], dtype=np.int64)
        lead = np.ones(len(mine), dtype=bool)
        rule: Rule = registry.get("rules", name)
        found.append((rule, Claims(kind, held.feature[mine], mine, lead, held.mm[mine])))
    return found


def _notes(ground: Ground) -> tuple[str, ...]:
    missing = {
        "there is no usable border: nothing is on the line layer": ground.border is None,
        "there is no usable township: the area layer cannot be proven complete": ground.jurisdiction is None,
        "there is no usable patrol zone": not len(ground.zones.ids),
        "there is no usable stronghold": not len(ground.strongholds.ids),
    }
    return tuple(note for note, holds in missing.items() if holds)
