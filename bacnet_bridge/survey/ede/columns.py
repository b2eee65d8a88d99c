"""EDE's columns, and the headings under which they are met in the field. Pure.

Source: BIG-EU, Engineering Data Exchange Template for BACnet Systems, layouts 2.0 to 2.3, and what tools write.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

KEYNAME: Final = "keyname"
DEVICE: Final = "device obj.-instance"
NAME: Final = "object-name"
TYPE: Final = "object-type"
INSTANCE: Final = "object-instance"
DESCRIPTION: Final = "description"
DEFAULT: Final = "present-value-default"
MIN: Final = "min-present-value"
MAX: Final = "max-present-value"
SETTABLE: Final = "settable"
COV: Final = "supports COV"
HIGH: Final = "hi-limit"
LOW: Final = "low-limit"
STATES: Final = "state-text-reference"
UNIT: Final = "unit-code"
ADDRESS: Final = "vendor-specific-address"
CLASS: Final = "notification-class"

COLUMNS: Final = (
    KEYNAME, DEVICE, NAME, TYPE, INSTANCE, DESCRIPTION, DEFAULT, MIN, MAX, SETTABLE, COV, HIGH, LOW, STATES, UNIT,
    ADDRESS, CLASS,
)  # fmt: skip
"""Of layout 2.3, in its order; 2.2 lacks the last. The first five are mandatory."""
NUMBERS: Final = frozenset({DEFAULT, MIN, MAX, HIGH, LOW})
"""Where a comma is a decimal sign."""
TEXTS: Final = "state-texts"
"""A column of vendors: all texts in one cell."""

_HEADINGS: Final = {
    KEYNAME: "key keynames schluessel schluesselname",
    DEVICE: "device deviceid deviceinstance devinstance deviceobjectinstance deviceobjectid deviceobjectidentifier"
    " deviceobjinst deviceinstancenumber devicenumber geraeteinstanz geraet geraeteobjektinstanz",
    NAME: "name objname objektname pointname",
    TYPE: "type objtype objtypecode objecttypecode objekttyp",
    INSTANCE: "instance objinstance objectinst objinst instancenumber objektinstanz",
    DESCRIPTION: "desc descr descriptiontext objectdescription beschreibung objektbeschreibung kommentar",
    DEFAULT: "presentvalue defaultvalue defaultpresentvalue presentvaluedefaultvalue",
    MIN: "minpresvalue minvalue minimumpresentvalue",
    MAX: "maxpresvalue maxvalue maximumpresentvalue",
    SETTABLE: "commandable commandvalue writable writeable",
    COV: "cov supportcov covsupport supportscovreporting",
    HIGH: "highlimit",
    LOW: "lolimit lowerlimit",
    STATES: "statetextref statetextreferencenumber statetextid",
    UNIT: "unit units unitcodes engineeringunit engineeringunits einheit einheiten einheitencode",
    ADDRESS: "vendorspecificaddres vendoraddress herstellerspezifischeadresse",
    CLASS: "notificationclassreference nc",
    TEXTS: "statetext states statustexte zustandstexte",
}
_STATE: Final = re.compile(r"(?:state|text|statetext|zustandstext)0{0,2}(\d{1,3})(?:or(?:in)?active(?:text)?)?")
_BINARY: Final = {"inactivetext": 1, "activetext": 2}


def column(heading: str) -> str | None:
    """The column that a heading names: one of COLUMNS, TEXTS, or `state 3`; None for a vendor's own."""
    squeezed = squeeze(heading)
    if match := _STATE.fullmatch(squeezed):
        return state_column(int(match[1]))
    if squeezed in _BINARY:
        return state_column(_BINARY[squeezed])
    return _BY_HEADING.get(squeezed)


def state_column(number: int) -> str:
    """Of the text of one state."""
    return f"state {number}"


def is_header(texts: Sequence[str]) -> bool:
    """The row heads a list: it names an object's type and instance, or three of the mandatory columns."""
    named = {column(text) for text in texts if text}
    return {TYPE, INSTANCE} <= named or len(named & set(COLUMNS[:5])) >= 3


def squeeze(text: str) -> str:
    """Small letters and digits alone: headings differ in blanks, signs and case."""
    spelled = text.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", spelled))


_BY_HEADING: Final = {
    squeezed: name for name, others in _HEADINGS.items() for squeezed in (squeeze(name), *others.split())
}
