"""docs/settings.md lists every setting of the model, with its variable and default, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bacnet_bridge.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text()


def settings_of(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Every setting with its path; `NAME` stands for the key of a mapping from names to sections."""
    for name, field in model.model_fields.items():
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from settings_of(inner, (*path, name))
        elif section := next((arg for arg in get_args(inner) if _is_section(arg)), None):
            yield from settings_of(section, (*path, name, "NAME"))
        else:
            yield (*path, name), field


def _is_section(argument: Any) -> bool:
    return isinstance(argument, type) and issubclass(argument, BaseModel)


def default_of(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    return "none" if field.default is None else f"`{field.default}`"


def documented() -> dict[str, tuple[str, str, str]]:
    rows = re.findall(r"^\| `([^`]+)` \| `(BRIDGE_[A-Z_]+)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    return {name: (variable, default, meaning) for name, variable, default, meaning in rows}


SETTINGS = {".".join(path): field for path, field in settings_of(Settings)}


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(documented()) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_variable_default_and_meaning(name: str) -> None:
    variable, default, meaning = documented()[name]
    assert variable == "BRIDGE_" + name.replace(".", "__").upper()
    assert default == default_of(SETTINGS[name])
    assert len(meaning) > 10


def test_the_pages_site_file_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "site.yaml").write_text(example)
    secrets = re.findall(r"^/run/secrets/(\S+)$", PAGE, re.MULTILINE)
    for name in secrets:
        (tmp_path / name).write_text("a secret of the site\n")
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))
    settings = load_settings(tmp_path / "site.yaml")
    passwords = [settings.platform.password, settings.accounts["tenant-two"].password]
    assert [password and password.get_secret_value() for password in passwords] == ["a secret of the site"] * 2
