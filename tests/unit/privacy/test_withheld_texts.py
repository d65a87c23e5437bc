"""Which texts the guard looks for: too few and a leak passes, too many and nothing can be published."""

from __future__ import annotations

import pandas as pd

from gridmap.privacy import make_view, withheld


def test_private_texts_of_enough_length_are_withheld(tables, spec):
    tables["household"].loc[:5, "name"] = ["甲", "乙丙", "abc", "abcd", "  Batu Bayar ", None]
    found = withheld(tables, spec, make_view(tables, spec, "planner", facts={}))
    names = found.by_column["household.name"]
    assert {"乙丙", "abcd", "Batu Bayar"} <= names
    assert not {"甲", "abc"} & names


def test_the_custodian_leaves_nothing_out(tables, spec):
    found = withheld(tables, spec, make_view(tables, spec, "custodian", facts={}))
    assert not found.needles
    assert found.found("秘密户0000号".encode()) == frozenset()


def test_what_the_audience_sees_elsewhere_is_no_proof(tables, spec):
    town = tables["admin"]["name"][0]
    tables["household"].loc[0, "name"] = town
    tables["household"].loc[1, "name"] = "border area"
    tables["household"].loc[2, "name"] = "Wikimedia"
    view = make_view(tables, spec, "planner", facts={"source": "from Wikimedia Commons"})
    found = withheld(tables, spec, view)
    for text in (town, "border area", "Wikimedia"):
        assert found.found(f"x{text}x".encode()) == frozenset()
    assert found.found("x秘密户0003号x".encode()) == {"秘密户0003号"}


def test_a_private_text_in_a_sentence_does_not_excuse_itself(tables, spec):
    found = withheld(tables, spec, make_view(tables, spec, "planner", facts={}))
    assert found.found("秘密户0000号".encode()) == {"秘密户0000号"}


def test_its_repr_tells_columns_never_texts(tables, spec):
    found = withheld(tables, spec, make_view(tables, spec, "planner", facts={}))
    assert "household.name" in repr(found)
    assert "秘密" not in repr(found)
    assert found.columns_of({"13800000007"}) == ("household.contact",)


def test_a_private_column_of_any_kind_counts(tables, spec):
    unit = spec.kinds["unit"]
    contact = unit.columns["contact"].model_copy(update={"private": True})
    secret = unit.model_copy(update={"columns": {**unit.columns, "contact": contact}})
    planner = spec.audiences["planner"]
    columns = {**planner.columns, "unit": ("id", "name")}
    changed = spec.model_copy(
        update={
            "kinds": {**spec.kinds, "unit": secret},
            "audiences": {"planner": planner.model_copy(update={"columns": columns})},
        }
    )
    tables["unit"] = tables["unit"].assign(
        contact=pd.Series(["值班电话七"] * len(tables["unit"]), dtype="str")
    )
    found = withheld(tables, changed, make_view(tables, changed, "planner", facts={}))
    assert "unit.contact" in found.by_column
