"""The program is there, says who it is, and refuses what it does not know."""
import re


def test_version(godwit):
    result = godwit("--version", code=0)
    assert re.match(r"godwit \d+\.\d+\.\d+", result.out)
    assert result.err == ""


def test_help_names_every_command_that_exists(godwit):
    result = godwit("--help", code=0)
    for command in ("init", "new", "up", "down", "status", "verify", "repair", "baseline", "adopt", "db"):
        assert re.search(rf"^\s+{command}\b", result.out, re.M), f"{command} is not in --help"


def test_each_command_explains_itself(godwit):
    for command in ("up", "down", "status"):
        result = godwit(command, "--help", code=0)
        assert f"godwit {command}" in result.out


def test_unknown_command(godwit):
    result = godwit("frobnicate", code=2)
    assert "error:" in result.err and "frobnicate" in result.err
    assert result.out == ""


def test_unknown_option(godwit):
    result = godwit("up", "--frobnicate", code=2)
    assert "--frobnicate" in result.err


def test_no_words_is_wrong_usage(godwit):
    assert "godwit" in godwit(code=2).err
