"""PostgreSQL's own extensions as loose objects: their members are taken out of them and the extension is
dropped; what stays (types with their functions in C, operator classes, casts, dictionaries) is dumped,
loaded into an empty database, and equal."""
import contextlib

import pytest
from psycopg2 import Error
from psycopg2.errors import DependentObjectsStillExist

from harness.schemas import apply, brief, text

WORDS = {"foreign-data wrapper": "FOREIGN DATA WRAPPER"}


def members(cursor, name):
    cursor.execute("""SELECT i.type, i.identity FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid,
                      pg_identify_object(d.classid, d.objid, d.objsubid) AS i
                      WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = %s
                      ORDER BY d.objid""", [name])
    return cursor.fetchall()


def set_loose(cursor, name):
    """How many objects the extension leaves behind."""
    found = members(cursor, name)
    cursor.execute("BEGIN")
    # Row types go along with their tables and views, and on newer servers array types with their elements.
    for kind, identity in sorted(found, key=lambda member: member[1].endswith("[]")):
        if kind == "type" and (kind, identity) not in members(cursor, name):
            continue
        if kind == "transform":
            identity = identity.replace("for ", "FOR ", 1).replace(" on language ", " LANGUAGE ")
        cursor.execute(f'ALTER EXTENSION "{name}" DROP {WORDS.get(kind, kind.upper())} {identity}')
    try:
        cursor.execute(f'DROP EXTENSION "{name}"')
    except Error:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")
    return len(found)


# What lives in pg_catalog, which is said and not rendered, and languages, which have tests of their own.
LEFT = ("adminpack", "pl", "hstore_pl", "jsonb_pl", "ltree_pl", "bool_pl")


@pytest.mark.slow
def test_loose(plan_tool, server, make_database):
    """All of them in one database."""
    x, y = make_database(), make_database()
    names = [r[0] for r in server.execute("SELECT name FROM pg_available_extensions ORDER BY 1")
             if not r[0].startswith(LEFT)]
    made, left = [], 0
    with_them = x.connect()
    with with_them.cursor() as cursor:
        for name in names:
            with contextlib.suppress(Error):  # made of a library that is not here
                cursor.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}" CASCADE')
                made.append(name)
        for _ in range(3):  # what others need goes after them
            for name in list(made):
                with contextlib.suppress(DependentObjectsStillExist):
                    left += set_loose(cursor, name)
                    made.remove(name)
    with_them.close()
    assert not made and left > 1500
    plan = plan_tool.dump(x)
    assert not plan["notes"], plan["notes"]
    problem = apply(y, plan)
    assert not problem, f"{problem}\n{plan['notes']}"
    rest = plan_tool.diff(y, x)
    assert not rest["changes"] and not rest["sql"], f"{brief(rest)}\n{text(rest)}"
    assert plan_tool.read(y)["fingerprint"] == plan_tool.read(x)["fingerprint"]
    plan = plan_tool.diff(y, make_database())
    problem = apply(y, plan)
    assert not problem, f"what was made does not go: {problem}\n{plan['notes']}"
