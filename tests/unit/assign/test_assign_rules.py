"""Rules run in file order, explain themselves in two languages, and come from anywhere."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from steppe import built, steppe

from gridmap import registry
from gridmap.assign import CODES, Claims, Contribution, Rule, State, arrange, reason, reasons
from gridmap.config import RuleSpec, default_spec
from gridmap.errors import ConfigError, StructureError
from gridmap.model import Bilingual

SPEC = default_spec()


def ruled(*uses: RuleSpec):
    return SPEC.model_copy(update={"rules": uses})


def use(rule: str, layer: str, *kinds: str) -> RuleSpec:
    return RuleSpec(rule=rule, layer=layer, kinds=kinds)


def test_a_rule_left_out_does_not_run() -> None:
    spec = ruled(*[one for one in SPEC.rules if one.rule != "nearest_stronghold"])
    plan = arrange(built(steppe(), spec), spec)
    assert set(plan.assignments["layer"]) == {"line", "area"}
    assert plan.figures.point.orphans == 4


def test_a_rule_on_the_wrong_layer_or_kind_is_an_error_with_a_fix() -> None:
    spec = ruled(use("containing_zone", "point", "household"))
    with pytest.raises(ConfigError, match=r'(?s)GM103.*layer = "area"'):
        arrange(built(steppe(), spec), spec)
    spec = ruled(use("nearest_stronghold", "point", "patrol_zone"))
    with pytest.raises(ConfigError, match=r"(?s)GM103.*geometry is point"):
        arrange(built(steppe(), spec), spec)


def first_stronghold(state: State, kind: str) -> Contribution:
    count = len(state.ground.of(kind).ids)
    rows = np.arange(1)
    assert count
    return Contribution(claims=(Claims(kind, rows, np.array([1]), np.array([True]), np.array([7_000])),))


THEIRS = Rule(
    name="by_hand",
    layer="point",
    takes=frozenset({"point"}),
    words={"lead": Bilingual(en="by hand to {target}, {metres} m", zh="人工指定{target}，{metres} 米")},
    limit=None,
    apply=first_stronghold,
)


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    real = registry.get
    monkeypatch.setattr(
        registry, "get", lambda group, name: THEIRS if name == "by_hand" else real(group, name)
    )


@pytest.mark.usefixtures("by_hand")
def test_an_earlier_rule_wins_and_a_later_one_fills_the_rest() -> None:
    first = ruled(use("by_hand", "point", "household"), use("nearest_stronghold", "point", "household"))
    point = arrange(built(steppe(), first), first).assignments.set_index("feature")
    assert point.loc["H1", ["target", "rule", "reason"]].tolist() == ["H2", "by_hand", "by hand to H2, 7 m"]
    assert point["target"].to_dict() == {"H1": "H2", "H2": "H2", "H3": "H1", "H4": "H2"}
    last = ruled(use("nearest_stronghold", "point", "household"), use("by_hand", "point", "household"))
    assert "by_hand" not in set(arrange(built(steppe(), last), last).assignments["rule"])


def test_the_rule_in_the_reference_works(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    found: dict = {}
    exec(compile(code, "rules.md", "exec"), found)  # noqa: S102 - the documented example
    real = registry.get
    monkeypatch.setattr(
        registry, "get", lambda group, name: found["RULE"] if name == "first_zone" else real(group, name)
    )
    spec = ruled(use("first_zone", "area", "household"))
    rows = arrange(built(steppe(), spec), spec).assignments
    assert rows[["target", "reason"]].drop_duplicates().to_numpy().tolist() == [["Z1", "all belongs to Z1"]]
    assert len(rows) == 4


def test_every_finding_of_the_arrangement_has_its_line_in_the_reference() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    for code, doc in CODES.items():
        assert f"| `{code}` | {doc.level} |" in page
        assert doc.title.en != doc.title.zh


def test_a_rule_named_twice_makes_each_row_once() -> None:
    spec = ruled(*SPEC.rules, *SPEC.rules)
    once, twice = arrange(built(steppe()), SPEC), arrange(built(steppe(), spec), spec)
    pd.testing.assert_frame_equal(once.assignments, twice.assignments)
    assert once.figures == twice.figures


def test_each_built_in_rule_has_words_in_both_languages() -> None:
    for name in ("section_plan", "chainage_midpoint", "within_belt", "containing_zone", "nearest_stronghold"):
        rule = registry.get("rules", name)
        assert rule.name == name
        for words in rule.words.values():
            for blank in ("{target}", "{metres}", "{limit}"):
                assert (blank in words.en) == (blank in words.zh)
            assert words.zh != words.en


def test_reasons_of_a_table_agree_with_those_made_row_by_row() -> None:
    plan = arrange(built(steppe()), SPEC)
    table = plan.assignments.sample(frac=1, random_state=3)
    assert reasons(table, SPEC, language="en").equals(table["reason"])
    chinese = reasons(table, SPEC, language="zh")
    assert chinese.index.equals(table.index)
    for at, row in table.iterrows():
        own = row["layer"] == "point" and row["feature"] == row["target"]
        rule = registry.get("rules", row["rule"])
        case = "self" if own else row["role"]
        one = reason(rule, case, metres=row["metres"], target=row["target"], spec=SPEC, language="zh")
        assert one == chinese[at]
    assert "最近的堡垒户H1，距离 1,000 米，在 15,000 米以内" in set(chinese)


def test_words_of_an_id_are_not_taken_for_blanks() -> None:
    rule = registry.get("rules", "nearest_stronghold")
    text = reason(rule, "lead", metres=12.4, target="{metres}{limit}", spec=SPEC)
    assert text == "nearest stronghold {metres}{limit} at 12 m, within 15,000 m"


def test_no_rows_no_reasons() -> None:
    empty = arrange(built(steppe()), SPEC).assignments.iloc[:0]
    assert len(reasons(empty, SPEC, language="zh")) == 0


def test_columns_and_order_are_what_other_programs_rely_on() -> None:
    plan = arrange(built(steppe()), SPEC)
    assert list(plan.assignments.columns) == [
        "kind",
        "feature",
        "layer",
        "target",
        "unit",
        "role",
        "metres",
        "rule",
        "reason",
    ]
    assert list(plan.sections.columns) == ["id", "unit", "outpost", "from_m", "to_m", "geometry"]
    assert plan.sections.crs == SPEC.crs
    keys = plan.assignments[["kind", "feature", "layer", "target"]]
    assert not keys.duplicated().any()
    leads = plan.assignments[plan.assignments["role"] == "lead"]
    assert not leads[["kind", "feature", "layer"]].duplicated().any()
    assert dict(plan.assignments.dtypes.astype(str)) == {
        **dict.fromkeys(keys, "str"),
        **dict.fromkeys(("unit", "role", "rule", "reason"), "str"),
        "metres": "float64",
    }


@pytest.mark.parametrize("other", [None, "O1"])
def test_rows_whose_ids_another_program_broke_are_an_error_with_a_fix(other: str | None) -> None:
    tables = built(steppe())
    posts = tables["outpost"]
    tables["outpost"] = posts.assign(id=pd.array(["O1", other, *posts["id"][2:]], dtype="str"))
    with pytest.raises(StructureError, match=r"(?s)GM305.*outpost"):
        arrange(tables, SPEC)
