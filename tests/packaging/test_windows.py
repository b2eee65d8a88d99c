"""The zip for Windows: made here, and resolved here as a Windows without internet would."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.package, pytest.mark.timeout(600)]


def test_everything_that_windows_needs_is_in_one_zip(tmp_path: Path) -> None:
    if not (ROOT / ".venv").exists():
        pytest.skip("`make windows` builds with .venv: `make install`")
    environment = os.environ | {"WINDOWS_OUT": str(tmp_path), "PYTHON_VERSION": "3.13"}
    subprocess.run(["sh", str(ROOT / "packaging" / "windows.sh")], env=environment, check=True)
    (made,) = tmp_path.glob("bacnet-bridge-*-windows-py3.13.zip")
    with zipfile.ZipFile(made) as packed:
        packed.extractall(tmp_path)
    (root,) = (each for each in tmp_path.iterdir() if each.is_dir())
    for file in (ROOT / "packaging" / "windows").iterdir():
        text = (root / file.name).read_bytes()
        assert text.count(b"\n") == text.count(b"\r\n"), f"{file.name} has Windows' ends of lines"
        assert b"@" not in text.replace(b"@echo", b""), f"{file.name} is filled in"
    house = root / "wheelhouse"
    assert all(wheel.name.endswith(("none-any.whl", "win_amd64.whl")) for wheel in house.iterdir())
    subprocess.run(
        [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-index", "--find-links", house,
         "--python-platform", "windows", "--python-version", "3.13", "--only-binary", ":all:",
         "--target", tmp_path / "there", "bacnet-bridge"],
        check=True,
    )  # fmt: skip
    assert list((tmp_path / "there").glob("psutil-*"))
