import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from harness.fixtures import *  # noqa: E402,F401,F403
from harness.sync import make_sides, sides  # noqa: E402,F401

# What no server's version changes runs on the system's server only.
if os.environ.get("GODWIT_TEST_PG_BINDIR"):
    collect_ignore = ["test_cli.py", "test_dashboard.py", "test_docs.py", "test_docs_browser.py",
                      "test_embedded_server.py", "test_lint.py", "test_track_demo.py"]
