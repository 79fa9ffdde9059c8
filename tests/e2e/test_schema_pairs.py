"""Public pairs of schemas (see README.md beside them): from old to new and back, the plan makes one
the other, and a second plan is empty."""
import pytest
from psycopg2 import errors

from harness.schemas import ROLES, load, shared, turn_both_ways

PAIRS = shared("schema-pairs")
CASES = sorted(str(p.parent.relative_to(PAIRS)) for p in PAIRS.rglob("old.sql")) if PAIRS else []


@pytest.fixture(scope="module")
def roles(server):
    for role in ROLES:
        try:
            server.execute(f'CREATE ROLE "{role}"')
        except errors.DuplicateObject:
            pass


def test_the_pairs_are_here():
    if not PAIRS:
        pytest.skip("needs ../shared/data/schema-pairs beside the repository")
    assert len(CASES) >= 151


@pytest.mark.many
@pytest.mark.parametrize("case", CASES)
def test_pair(case, plan_tool, server, make_database, roles):
    x, y = make_database(), make_database()
    for database, name in ((x, "old.sql"), (y, "new.sql")):
        problem = load(database, (PAIRS / case / name).read_text())
        assert not problem, f"{name} does not load: {problem}"
    problems = turn_both_ways(plan_tool, server, x, y)
    assert not problems, "\n".join(problems)
