"""`exchange` without the figures: nothing is begun. What it does with them is tested with a service."""

import pytest
from typer.testing import CliRunner

from bacnet_bridge.cli import app


@pytest.mark.parametrize(
    "options",
    [(), ("--old-final", "1"), ("--new-start", "1"), ("--withdraw", "--old-final", "1", "--new-start", "0")],
    ids=" ".join,
)
def test_figures_that_are_not_given_are_asked_for(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["exchange", "gas", *options], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 2
    assert "say what both registers showed, like --old-final 81234.5 --new-start 0" in result.stderr
