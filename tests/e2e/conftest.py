import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from harness.fixtures import *  # noqa: E402,F401,F403
from harness.sync import make_sides, sides  # noqa: E402,F401

# What no server's version changes runs on the system's server only.
if os.environ.get("GODWIT_TEST_PG_BINDIR"):
    collect_ignore = ["test_cli.py", "test_dashboard.py", "test_docs.py", "test_docs_browser.py",
                      "test_embedded_server.py", "test_lint.py", "test_scripts.py", "test_track_demo.py"]

# The program's own words, other tools' files, pages and keys: what these send to a server is in sql/,
# and test_sql_files.py has each of those read by each version.
HARDLY_CHANGED = {f"test_{subject}.py" for subject in (
    "adopt", "adopted_locks", "bad_input", "ci_files", "compat_sqlx", "connection_words", "conventions", "files_rewritten",
    "fresh_eyes", "harness", "keys", "ledgerflow_pages", "library", "models", "names_and_words", "other_tools", "redo",
    "serve", "serve_api", "serve_backups", "serve_doctor", "serve_end", "serve_environments",
    "serve_half_closed", "serve_upkeep", "serve_who", "squash", "sync_mapping", "sync_status", "telemetry",
    "test_command", "track_watch")}


def pytest_ignore_collect(collection_path, config):
    return True if config.getoption("--by-version") and collection_path.name in HARDLY_CHANGED else None
