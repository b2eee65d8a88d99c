"""A copy of a damaged file that SQLite consents to read: as long as its header says, and with a first page.

SQLite file format, 1.3: the first page holds the header and where each table begins. A file that this version made has
the same tables at the same places as any other that it made.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from bacnet_bridge.database_file import migrate
from bacnet_bridge.room import FILLER

_MAGIC: Final = b"SQLite format 3\0"
_PAGE: Final = 4096
_MODE, _PAGES, _FREE = slice(18, 20), slice(28, 32), slice(32, 40)
_WAL_MODE: Final = b"\2\2"


def made_readable(damaged: Path, copy: Path, migrations: Path) -> bool:
    """Make `copy`; whether it needed another first page, so that nothing in it is sure."""
    for tail in ("", "-wal"):
        source = damaged.with_name(f"{damaged.name}{tail}")
        if source.exists():
            shutil.copyfile(source, copy.with_name(f"{copy.name}{tail}"))
    _lengthen(copy)
    if _has_tables(copy):
        return False
    content = bytearray(copy.read_bytes().ljust(_PAGE, b"\0"))
    content[:_PAGE] = _first_page(copy.with_name(f"{copy.name}-model"), migrations)
    content[_MODE], content[_PAGES], content[_FREE] = _WAL_MODE, (len(content) // _PAGE).to_bytes(4, "big"), bytes(8)
    copy.write_bytes(content)
    return True


def _lengthen(copy: Path) -> None:
    """What was cut off is zeros, which SQLite calls damaged where it comes there, and not before."""
    with copy.open("r+b") as file:
        header = file.read(_PAGES.stop)
        size = file.seek(0, 2)
        pages = int.from_bytes(header[_PAGES], "big") if header.startswith(_MAGIC) else 0
        if size < pages * _PAGE <= 1000 * size:  # more is no length but damage, too
            file.truncate(pages * _PAGE)


def _has_tables(copy: Path) -> bool:
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'packet'").fetchone())
    except (sqlite3.Error, UnicodeError):
        return False


def _first_page(model: Path, migrations: Path) -> bytes:
    model.unlink(missing_ok=True)
    with closing(sqlite3.connect(model, isolation_level=None)) as connection:
        migrate(connection, model, migrations)
        connection.execute(FILLER)
    page = model.read_bytes()[:_PAGE]
    model.unlink()
    return page
