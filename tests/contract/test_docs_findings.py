"""A reader who meets a finding's code must find it in the reference."""

from __future__ import annotations

from pathlib import Path

from gridmap.assign import CODES
from gridmap.model import Change
from gridmap.project.outside import outside_findings
from gridmap.store import verify

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def test_every_code_of_the_store_and_of_changes_has_a_line():
    page = (DOCS / "findings.md").read_text(encoding="utf-8")
    changed = outside_findings([Change("household", "H1", "moved", metres=3.0)])
    for code in [*verify.CODES, *changed.codes()]:
        assert f"| `{code}` |" in page


def test_every_code_of_the_arrangement_has_a_line():
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    for code in CODES:
        assert f"`{code}`" in page
