"""What a check says of its scope is what a run after an edit relies on: a lie there is a stale finding."""

import pytest

import gridmap as gm
from gridmap.checks import NO_ROW, Check, Context, Reads, Scope, Stage, in_order


def said(tables, spec):
    """Return what each check says of which row, by module and name of the check."""
    context = Context(tables, spec)
    found = {}
    for check in in_order():
        mine = found.setdefault((check.run.__module__, check.run.__name__), set())
        for faults in check.run(context):
            context.note(faults)
            ids = context.ids(faults.table)
            for at, row in enumerate(faults.rows.tolist()):
                message = faults.messages if isinstance(faults.messages, str) else faults.messages[at]
                mine.add((faults.table, None if row == NO_ROW else ids[row], faults.code, message))
    return found


@pytest.fixture(scope="module")
def faulty():
    with gm.demo(households=60, faults=True) as made:
        return made.spec, made.frames()


@pytest.fixture(scope="module")
def whole(faulty):
    return said(faulty[1], faulty[0])


SCOPES = {(check.run.__module__, check.run.__name__): check.scope for check in in_order()}


def of_kind(found, kind, ids):
    return {one for one in found if one[0] == kind and one[1] in ids}


def narrow(whole, scopes):
    """Return the ids with findings of checks of these scopes, by kind: dropping those would show nothing."""
    found = {}
    for check, scope in SCOPES.items():
        for kind, row, *_ in whole[check] if scope in scopes else ():
            found.setdefault(kind, set()).add(row)
    return found


def test_a_row_is_judged_alike_without_its_neighbours(faulty, whole):
    spec, tables = faulty
    scopes = {Scope.ROW, Scope.LINKED}
    for kind, ids in narrow(whole, scopes).items():
        kept = tables[kind]["id"].isin(ids).to_numpy(copy=True)
        kept[::3] = True
        found = said({**tables, kind: tables[kind][kept]}, spec)
        for check, scope in SCOPES.items():
            if scope in scopes:
                assert of_kind(found[check], kind, ids) == of_kind(whole[check], kind, ids), (check, kind)


def test_a_row_is_judged_alike_without_other_tables(faulty, whole):
    spec, tables = faulty
    for kind, ids in narrow(whole, {Scope.ROW}).items():
        found = said({kind: tables[kind]}, spec)
        for check, scope in SCOPES.items():
            if scope is Scope.ROW:
                assert of_kind(found[check], kind, ids) == of_kind(whole[check], kind, ids), (check, kind)


def test_there_are_rows_to_judge(whole):
    assert {"household", "outpost"} <= narrow(whole, {Scope.LINKED}).keys()
    assert {"household", "landmark", "admin", "track"} <= narrow(whole, {Scope.ROW}).keys()


READS = {(check.run.__module__, check.run.__name__): check.reads for check in in_order()}


def of_reads(found, reads):
    return {(check, one) for check, ones in found.items() for one in ones if READS[check] is reads}


def test_who_reads_values_alone_says_the_same_wherever_rows_are(faulty, whole):
    spec, tables = faulty
    for kind, frame in tables.items():
        if spec.kinds[kind].spatial and len(frame):
            elsewhere = frame.set_geometry(frame.geometry.iloc[::-1].set_axis(frame.index))
            found = said({**tables, kind: elsewhere}, spec)
            assert of_reads(found, Reads.VALUES) == of_reads(whole, Reads.VALUES)


def test_who_reads_places_alone_says_the_same_whatever_else_a_row_holds(faulty, whole):
    spec, tables = faulty
    for kind, frame in tables.items():
        # Levels and names of areas and of the border say what others are held against.
        if kind not in {"admin", "border"} and len(frame):
            others = frame.copy()
            for column in spec.kinds[kind].columns:
                others[column] = frame[column].iloc[::-1].to_numpy()
            found = said({**tables, kind: others}, spec)
            assert of_reads(found, Reads.PLACE) == of_reads(whole, Reads.PLACE)


def test_there_is_something_that_either_would_miss(whole):
    assert of_reads(whole, Reads.VALUES)
    assert {one[2] for _, one in of_reads(whole, Reads.PLACE)} >= {"position-duplicate", "position-outside"}


def test_what_a_check_does_not_say_is_taken_as_the_widest():
    assert Check(Stage.ROW, (), lambda _context: ()).scope is Scope.SET
    assert Check(Stage.ROW, (), lambda _context: ()).reads is Reads.BOTH
    assert {Scope.ROW, Scope.LINKED, Scope.SET} == set(SCOPES.values())
