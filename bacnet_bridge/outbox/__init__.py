"""The site's one door: packets wait here, in order and on disk, until the platform has them.

`contract.py` says what holds; `sqlite.py` keeps it in one process: `order.py` is a queue's order in memory (pure),
`rows.py` its rows on disk; `healing.py` its holds for gaps, with `gap_rows.py`.
"""

from pathlib import Path
from typing import Final

MIGRATIONS: Final = Path(__file__).parent / "migrations"
"""The schemas of outbox and ledger, by number; what `Database` is opened with."""
