import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))

from harness.fixtures import *  # noqa: E402,F401,F403
from harness.killing import make_experiment, summary  # noqa: E402,F401
from harness.sync import make_sides, sides  # noqa: E402,F401


def pytest_terminal_summary(terminalreporter):
    """One line an experiment: what was done, and with which seed."""
    lines = [text for reports in terminalreporter.stats.values() for report in reports
             for name, text in getattr(report, "user_properties", ())
             if name == "summary" and getattr(report, "when", "") == "call"]
    if lines:
        terminalreporter.section("experiments")
        for line in sorted(lines):
            terminalreporter.line(line)
