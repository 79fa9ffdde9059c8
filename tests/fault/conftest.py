import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))

from harness.fixtures import *  # noqa: E402,F401,F403
from harness.killing import make_experiment, summary  # noqa: E402,F401
from harness.sync import make_sides, sides  # noqa: E402,F401


def pytest_terminal_summary(terminalreporter):
    """One line an experiment: what was done, and with which seed."""
    told = [(name, text, report.outcome) for reports in terminalreporter.stats.values() for report in reports
            if getattr(report, "when", "") == "call" for name, text in report.user_properties]
    lines = [text for name, text, _ in told if name == "summary"]
    random = [(*map(int, text.split()), outcome) for name, text, outcome in told if name == "rows moved at random"]
    if random:
        lines.append(f"rows moved at random: {len(random)} histories, seeds {min(random)[0]} to {max(random)[0]}, runs disturbed"
                     f" {sum(count for _, count, _ in random)} times, {sum(outcome != 'passed' for *_, outcome in random)} not the same")
    if lines:
        terminalreporter.section("experiments")
        for line in sorted(lines):
            terminalreporter.line(line)
