"""What a lint rule says the server refuses, the server refuses; its near misses run."""
import re

import psycopg2
import pytest

from harness.program import ROOT
from harness.sqltext import statements

# Rules whose finding is an error of PostgreSQL itself.
REFUSED = """cannot_run_in_transaction concurrent_index_on_partitioned created_twice default_not_in_enum duplicate_assignment
enum_value_used_at_once extension_missing foreign_key_target_not_unique function_used_before_created generated_not_immutable
index_not_immutable partition_bound_mismatch partition_bound_overlap partition_of_plain_table replace_changes_result replace_view_columns
table_used_before_created trigger_function_missing trigger_function_returns type_used_before_created
unique_without_partition_key unknown_column unknown_extension used_after_drop""".split()
# What the near misses need and a bare server lacks, or what they leave out on purpose.
LACKING = re.compile(r"is not available|does not exist|syntax error at or near \"…\"|can only be used in transaction|"
                     r"violates not-null|cannot drop columns from view|could not open extension control file")
# What the cases say in the grammar of 15 and an older server does not know yet.
NEWER = [(14, re.compile(r"DETACH PARTITION \w+ CONCURRENTLY|REINDEX \(VERBOSE, CONCURRENTLY\)")),
         (15, re.compile(r"SET ACCESS METHOD|NULLS NOT DISTINCT|security_invoker"))]


def cases(rule):
    """[(bad, title, text)] of tests/lint/RULE.sql; of several files only where they are all ups."""
    found = []
    for line in (ROOT / "tests/lint" / f"{rule}.sql").read_text().splitlines(True):
        if re.match("-- (bad|good)", line):
            found.append([line.startswith("-- bad"), line.strip(), ""])
        else:
            found[-1][2] += line
    return [tuple(c) for c in found if "down]" not in c[2]]


def run(database, rule, text):
    """[(line, error)] of the statements that fail, each tried by itself."""
    connection = psycopg2.connect(database.url)
    connection.autocommit = rule not in ("cannot_run_in_transaction", "enum_value_used_at_once")
    failed = []
    with connection.cursor() as cursor:
        for line, statement in statements(text):
            try:
                if not connection.autocommit:
                    cursor.execute("SAVEPOINT tried")
                cursor.execute(statement)
            except psycopg2.Error as error:
                failed.append((line, statement, str(error)))
                if not connection.autocommit:
                    cursor.execute("ROLLBACK TO tried")
    connection.close()
    return failed


@pytest.mark.parametrize("rule", REFUSED)
def test_the_server_refuses_it_too(database, rule):
    for bad, title, text in cases(rule):
        failed = run(database, rule, text) if bad else []
        for number, row in enumerate(text.splitlines(), 1):
            if "--!" in row:
                assert any(line <= number <= line + statement.count("\n") for line, statement, _ in failed), \
                    f"{rule}: {title}: line {number} runs: {row}"
        database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


RUNS = sorted(p.stem for p in (ROOT / "tests/lint").glob("*.sql")
              if p.stem not in ("syntax_error", "unread_statement", "reaches_outside", "not_valid_on_partitioned",
                                "newer_version_needed", "password_in_file", "set_expression", "drop_database", "rename_schema",
                                "cannot_run_in_transaction", "transaction_control", "uncommitted_transaction"))


@pytest.mark.parametrize("rule", RUNS)
def test_near_misses_run(database, rule):
    for bad, title, text in cases(rule):
        failed = [] if bad or "-- file:" in text else run(database, "", text)
        newer = [form for version, form in NEWER if database.server.major < version]
        failed = [f for f in failed if not LACKING.search(f[2]) and not any(form.search(f[1]) for form in newer)]
        assert not failed, f"{rule}: {title}: {failed}"
        database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
