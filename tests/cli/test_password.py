import pytest
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.vocabulary.password import parse


def test_the_hash_of_what_was_given() -> None:
    result = CliRunner().invoke(app, ["password"], input="correct horse battery\n")
    assert result.exit_code == 0
    assert parse(result.stdout).fits("correct horse battery")
    assert "horse" not in result.output


def test_one_is_made_for_a_program() -> None:
    made, kept = CliRunner().invoke(app, ["password", "--generate"]).stdout.splitlines()
    assert len(made) >= 32
    assert parse(kept).fits(made)


def test_one_that_can_be_guessed_is_refused() -> None:
    result = CliRunner().invoke(app, ["password"], input="hunter2\n")
    assert isinstance(result.exception, SettingsError)
    with pytest.raises(SettingsError, match="12 characters"):
        raise result.exception
    assert "hunter2" not in result.output
