"""Settings of audiences: what leads nowhere or contradicts itself is an error when the project is opened."""

from __future__ import annotations

import pytest

from gridmap.config import parse_spec, template_text
from gridmap.errors import ConfigError

REDACTION = "\n[[audiences.office.redactions]]\n"
HOMES = f'{REDACTION}kind = "household"\nredaction = "areas"\n'


def read(settings):
    text = template_text(name_en="x", name_zh="x", crs="EPSG:4508", synthetic=False, source="")
    return parse_spec(text + '\n[audiences.office]\ntitle = { en = "x", zh = "x" }\n' + settings, where="x")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[audiences.office.columns]\nhousehol = []", "did you mean household?"),
        ('[audiences.office.columns]\nhousehold = ["nam"]', "did you mean name?"),
        ('per_unit = true\n[audiences.office.others]\nhousehold = ["nam"]', "did you mean name?"),
        ("[audiences.office.others]\nhousehold = []", "per_unit = true"),
        ("everything = true\nper_unit = true", "contradict"),
        ('everything = true\nids = "new"', "true ids"),
        (f'{REDACTION}kind = "household"\nredaction = "area"', "did you mean areas?"),
        (f'{REDACTION}kind = "householt"\nredaction = "areas"', "did you mean household?"),
        (f'{HOMES}level = "gach"', "did you mean gacha?"),
        (f'{HOMES}columns = ["person"]', "did you mean persons?"),
        (f"{HOMES}k = 1", "redactions.0.k"),
        (f"{HOMES}cell_m = 500.0", "give all of them cell_m = 1000"),
        (f"[audiences.office.columns]\nhousehold = []{HOMES}", "passes as it is"),
        (f'{REDACTION}kind = "household"\nredaction = "drop"', "nothing of it can be dropped"),
        (f'{REDACTION}kind = "track"\nredaction = "areas"', "the rows of track are no points"),
        (f'{REDACTION}kind = "unit"\nredaction = "generalise"', "the rows of unit are no points"),
        ('approval_number = "' + "9" * 121 + '"', "120"),
    ],
)
def test_settings_that_lead_nowhere_are_refused(settings, said):
    with pytest.raises(ConfigError) as caught:
        read(settings)
    assert caught.value.code == "GM103"
    assert said in str(caught.value)


def test_the_same_settings_spelled_well_are_taken():
    listed = "[audiences.office.columns]\ntrack = []\nlandmark = ['id', 'class']"
    dropped = f'{REDACTION}kind = "landmark"\nredaction = "drop"\nonly = {{ class = ["port"] }}\n'
    office = read(f"ids = 'true'\n{listed}{dropped}{HOMES}level = 'gacha'").audiences["office"]
    assert [one.redaction for one in office.redactions] == ["drop", "areas"]
    assert office.keeps_ids
    assert not read("").audiences["office"].keeps_ids
