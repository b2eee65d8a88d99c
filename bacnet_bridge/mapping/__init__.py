"""The mapping's files, YAML, CSV and spreadsheets, → Meters, or all problems at once.

load.py        the folder; look.py sees whether its files were touched; the only I/O
yaml_rows.py   csv_rows.py   each format → rows of texts with file, line, column   (over yaml_tree.py, table_cells.py)
meters.py      points.py     rows → Meters and Points, the same for both formats
difference.py  what an edit changes, in words
keys.py        texts.py      what may be said, and how each text is read; schema.py writes schema.json from it
"""

from bacnet_bridge.mapping.difference import Difference, difference
from bacnet_bridge.mapping.load import Mapping, load, parse
from bacnet_bridge.mapping.look import Look, look
from bacnet_bridge.mapping.meters import Defaults, Draft
from bacnet_bridge.mapping.problems import BrokenMappingError, MappingProblem

__all__ = [
    "BrokenMappingError",
    "Defaults",
    "Difference",
    "Draft",
    "Look",
    "Mapping",
    "MappingProblem",
    "difference",
    "load",
    "look",
    "parse",
]
