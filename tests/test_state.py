"""The state folder: one process at a time, and a mapping that survives."""

import subprocess
import sys
from pathlib import Path

import pytest

from bacnet_bridge.errors import StateError
from bacnet_bridge.state import StateFolder


def test_a_second_process_is_refused_by_name(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    state.create()
    story = rf"{state.folder} is in use by the bridge with process id \d+\. Two bridges must never send the same meters"
    with state.locked(), pytest.raises(StateError, match=story) as refused, StateFolder(state.folder).locked():
        pytest.fail("two processes hold one state folder")
    assert "BRIDGE_STATE" not in str(refused.value)
    with state.locked():
        pass


def test_a_lock_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    state.lock.mkdir(parents=True)  # like a file of another user's, for root too
    with pytest.raises(StateError, match=rf"{state.lock} cannot be written: .*, to the user"), state.locked():
        pytest.fail("it was taken")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="BRIDGE_STATE"):
        StateFolder(tmp_path / "file" / "state").create()


def test_the_last_good_mapping_is_kept_and_replaced(tmp_path: Path) -> None:
    state, source = StateFolder(tmp_path / "state"), tmp_path / "source"
    state.create()
    assert not state.good_mapping
    for text in ("one", "two"):
        state.keep_mapping(source, [(source / "sub" / "a.yaml", text.encode())])
        kept = state.good_mapping or pytest.fail("nothing was kept")
        assert (kept / "sub" / "a.yaml").read_text() == text


def test_a_crash_between_the_renames_leaves_the_mapping_before(tmp_path: Path) -> None:
    state, source = StateFolder(tmp_path / "state"), tmp_path / "source"
    state.create()
    files = [(source / "sub" / "a.yaml", b"one")]
    state.keep_mapping(source, files)
    (state.folder / "mapping").rename(state.folder / "mapping.old")
    assert state.good_mapping == state.folder / "mapping.old"
    state.keep_mapping(source, files)
    assert state.good_mapping == state.folder / "mapping"


def test_a_mapping_that_cannot_be_kept_leaves_the_one_before(tmp_path: Path) -> None:
    state, source = StateFolder(tmp_path / "state"), tmp_path / "source"
    state.create()
    state.keep_mapping(source, [(source / "a.yaml", b"one")])
    with pytest.raises(StateError, match="cannot be kept"):
        state.keep_mapping(source, [(source / "a.yaml", b"two"), (source / "a.yaml" / "below a file", b"")])
    assert (state.folder / "mapping" / "a.yaml").read_text() == "one"
    assert not (state.folder / "mapping.new").exists()


def test_a_full_disk_keeps_nobody_from_the_lock(tmp_path: Path) -> None:
    """In a process whose files may not grow at all."""
    story = (
        "import resource, sys; from pathlib import Path; from bacnet_bridge.state import StateFolder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "with StateFolder(Path(sys.argv[1])).locked(): print('held')"
    )
    told = subprocess.run([sys.executable, "-c", story, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("held\n", "")
