"""The long run of tests/e2e/test_outside.py: `test` goes no further than the first file that it refuses, and so it is
run again for each form of each way that leads out of a database."""
from test_outside import check_left_as_it_is, outer, target  # noqa: F401


def test_every_form_of_every_way(target):  # noqa: F811
    check_left_as_it_is(target, "test", target.files())
