"""Schemas compared and planned, and the oracle that a plan is held to: applied to x, x is y."""
import json
import pathlib
import subprocess

import psycopg2
import pytest

from . import system
from .program import find_binary

# The roles that the public pairs of schemas refer to.
ROLES = ("schemainspect_test_role", "anonymous", "admin", "webuser", "dv")


def shared(*parts):
    """A path under ../shared, the folder of public data beside the repository; skips where absent."""
    here = pathlib.Path(__file__).resolve()
    for folder in here.parents:
        path = folder / "shared" / "data"
        if path.is_dir():
            return path.joinpath(*parts)
    return None


class PlanTool:
    """tests/unit/schema/plan_tool.c: reads and plans, without a command's proof around it."""

    def __init__(self):
        path = find_binary().parent / "tests" / "unit" / "schema" / "plan_tool"
        if not path.exists():
            pytest.skip(f"{path} is not built (meson configure -Dtests=true)")
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=system.clean_environment())

    def ask(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"plan_tool died: {self.process.stderr.read()}"
        answer = json.loads(line)
        assert "error" not in answer, f"{words[0]}: {answer['error']}"
        return answer

    def diff(self, x, y):
        return self.ask("diff", x.url, y.url)

    def dump(self, database):
        return self.ask("dump", database.url)

    def read(self, database):
        return self.ask("read", database.url)

    def kinds(self):
        return self.ask("kinds")

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        rest = self.process.stderr.read()
        assert self.process.returncode == 0, rest


def load(database, text):
    """Run a SQL text through psql, which knows COPY … FROM stdin. None, or what went wrong."""
    server = database.server
    done = subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", str(server.socket_dir), "-p", str(server.port),
         "-U", "postgres", "-d", database.name, "-f", "-"],
        input=text, capture_output=True, text=True, env=system.clean_environment(), check=False)
    return None if done.returncode == 0 else done.stderr


def apply(database, plan):
    """Run a plan statement by statement. None, or the statement that failed and why."""
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = pg_catalog; SET check_function_bodies = off")
            for statement in plan["sql"]:
                try:
                    cursor.execute(statement)
                except psycopg2.Error as problem:
                    return f"{statement}\n-> {problem}"
    finally:
        connection.close()
    return None


def text(plan):
    return ";\n".join(plan["sql"]) + (";" if plan["sql"] else "")


def brief(plan):
    changes = [f"{c['action']} {c['kind']} {c['object']} {' '.join(c['details'])}" for c in plan["changes"]]
    return "\n".join(changes + plan["notes"])


def turn(tool, x, y):
    """Take x to y. None, or why it did not come out equal."""
    plan = tool.diff(x, y)
    problem = apply(x, plan)
    if problem:
        return f"the plan fails: {problem}\n{plan['notes']}\n-- plan\n{text(plan)}"
    again = tool.diff(x, y)
    # What is only not rendered says so itself; a second plan has nothing left to do.
    if again["changes"] or again["sql"]:
        return f"not equal after the plan:\n{brief(again)}\n{text(again)}\n-- plan\n{text(plan)}"
    return None


def turn_both_ways(tool, server, x, y):
    """x to y and y to what x was; both databases are used up. A list of what failed."""
    copy = server.copy_database(x)
    try:
        forth = turn(tool, x, y)
        back = turn(tool, y, copy)
    finally:
        copy.drop()
    return [f"{way}: {problem}" for way, problem in (("forth", forth), ("back", back)) if problem]
