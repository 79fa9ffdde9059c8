"""Waiting for a thing to be so, instead of sleeping and hoping."""
import time

# Seconds, of a program or a condition: no statement about speed, a busy machine takes minutes for what is soon done.
PATIENCE = 240


def until(condition, timeout=PATIENCE, what="the condition"):
    """Ask again and again; what was true at last. Fails by name when it never is."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true in {timeout} s"
        time.sleep(0.01)
