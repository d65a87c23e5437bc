"""Real files in the formats that users have, read exactly or refused; and the page that says so."""

from __future__ import annotations

import os

import pytest
from format_cases import FORMATS, PAGE, cases, missing, table

pytestmark = pytest.mark.skipif(
    not FORMATS.is_dir(), reason="the folder of format samples is not beside this checkout"
)


@pytest.fixture(scope="module")
def told():
    """Return what came of each case, once."""
    return {}


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.file} {case.typed}")
def test_it_is_read_exactly_or_refused(case, told):
    told[id(case)] = case.run()


def test_every_file_of_the_folder_is_a_case():
    assert missing() == []


def test_the_page_is_as_the_cases_make_it(told):
    made = table([(case, told[id(case)]) for case in cases() if id(case) in told])
    if os.environ.get("GRIDMAP_WRITE_FORMATS"):
        PAGE.write_text(made, encoding="utf-8", newline="\n")
    assert PAGE.read_text(encoding="utf-8") == made
