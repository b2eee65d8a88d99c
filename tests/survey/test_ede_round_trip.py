"""What EDE has a column for survives its files, whatever the texts; so does what a list said beyond it."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.sheets.cells import Quotes, cells
from bacnet_bridge.sheets.encoding import decode
from bacnet_bridge.survey.ede.columns import ADDRESS, CLASS, COLUMNS, DEFAULT, KEYNAME, SETTABLE
from bacnet_bridge.survey.ede.lists import Beside, Lists
from bacnet_bridge.survey.ede.states import state_texts
from bacnet_bridge.survey.ede.tables import rows_of, table
from bacnet_bridge.survey.ede.written import Written, address_network
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Stated, Survey
from bacnet_bridge.vocabulary.objects import ObjectId

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", " ", '"', ";", "\r\n", "=A01+E1", "#1", "#REF!", " a ", "-", "1;2", "\ufeff", "\0", "object-type", "a\x85"]
)
ADDRESSES = st.sampled_from(["10.0.0.7", "10.0.0.8:47809", "100:12", "100:0x0a0b0c", "2001:10.0.0.7:47808"])
VENDORS = ("Gewerk", "Room No", "min-present-value (2)")
"""In the order of their names."""


@st.composite
def _stated(draw: Callable[[Any], Any], names: tuple[str, ...]) -> tuple[Stated, ...]:
    """Of a list: in its order, no cell of it blank, and its numbers with a point."""
    chosen = [name for name in names if draw(st.booleans())]
    filled = st.text("abc;\n\"'= 1", min_size=1, max_size=6).filter(str.strip).map(str.strip)
    return tuple(Stated(name, draw(filled)) for name in chosen)


@st.composite
def _objects(draw: Callable[[Any], Any]) -> tuple[FoundObject, ...]:
    ids = draw(
        st.sets(
            st.builds(ObjectId, st.integers(0, 1023).filter(lambda n: n != 8), st.integers(0, 4_194_303)), max_size=4
        )
    )
    found = []
    for each in sorted(ids):
        name, description = draw(st.none() | TEXTS), draw(st.none() | TEXTS)
        units, texts = (
            draw(st.none() | st.integers(0, 65_535)),
            draw(st.none() | st.lists(TEXTS, max_size=3).map(tuple)),
        )
        stated = draw(_stated((DEFAULT, SETTABLE, ADDRESS, CLASS, *VENDORS)))
        explored = any(value is not None for value in (name, description, units, texts))
        found.append(
            FoundObject(each, explored, name=name, description=description, units=units, states=texts, stated=stated)
        )
    return tuple(found)


@st.composite
def _surveys(draw: Callable[[Any], Any]) -> Survey:
    keys = draw(st.sets(st.tuples(st.integers(0, 3), ADDRESSES), max_size=4))
    devices = []
    for instance, address in sorted(keys):
        name = draw(st.none() | TEXTS)
        devices.append(
            FoundDevice(
                instance,
                address,
                network=address_network(address),
                identified=name is not None,
                name=name,
                description=draw(st.none() | TEXTS),
                objects=draw(_objects()),
                stated=draw(_stated((KEYNAME, CLASS, *VENDORS))),
            )
        )
    return Survey(0, 0, finished=True, devices=tuple(devices))


def _through_files(written: Written) -> Survey:
    texts = cells(decode(written.states.encode()).text, ";", Quotes.LENIENT)
    lists = Lists()
    report = lists.read(table(rows_of(decode(written.list.encode()).text)), Beside(state_texts(texts)))
    assert (report.skipped, report.noted) == ([], [])
    return lists.survey(0, (), ())


@settings(max_examples=60)
@given(_surveys())
def test_export_and_import_again_is_lossless(survey: Survey) -> None:
    written = Written(survey, "Project; one", "somebody")
    again = _through_files(written)
    assert again == survey
    twice = Written(again, "Project; one", "somebody")
    assert (twice.list, twice.states) == (written.list, written.states)


def test_what_is_written() -> None:
    states = ("Off", "On; or so")
    objects = (
        FoundObject(ObjectId(0, 1), name="L1", description="", units=48),
        FoundObject(ObjectId(3, 2), name="Fan", states=states),
        FoundObject(ObjectId(3, 3), name="Pump", states=states, stated=(Stated("Gewerk", "HZG"),)),
        FoundObject(ObjectId(130, 4)),
    )
    device = FoundDevice(1001, "10.0.0.7", name="Main", objects=objects)
    written = Written(Survey(0, 86_400_000, finished=True, devices=(device,)), "Rathaus", "bridge")
    assert written.list.removeprefix("\ufeff").split("\r\n") == [
        "#Engineering-Data-Exchange - B.I.G.-EU",
        "PROJECT_NAME;Rathaus",
        "VERSION_OF_REFERENCEFILE;1",
        "TIMESTAMP_OF_LAST_CHANGE;1970-01-02",
        "AUTHOR_OF_LAST_CHANGE;bridge",
        "VERSION_OF_LAYOUT;2.3",
        "#mandatory;mandatory;mandatory;mandatory;mandatory" + ";optional" * 13,
        f"# {';'.join(COLUMNS)};Gewerk",
        "1001.device.1001;1001;Main;8;1001;;;;;;;;;;;10.0.0.7;;",
        '1001.analog-input.1;1001;L1;0;1;"";;;;;;;;;48;;;',
        "1001.binary-input.2;1001;Fan;3;2;;;;;;;;;1;;;;",
        "1001.binary-input.3;1001;Pump;3;3;;;;;;;;;1;;;;HZG",
        "1001.130.4;1001;;130;4;;;;;;;;;;;;;",
        "",
    ]
    assert written.states.removeprefix("\ufeff").split("\r\n") == [
        "#State Text Reference",
        "#Reference Number;Text 1 or Inactive-Text;Text 2 or Active-Text",
        '1;Off;"On; or so"',
        "",
    ]


def test_references_of_a_list_whose_texts_are_missing_are_not_given_to_others() -> None:
    objects = (
        FoundObject(ObjectId(3, 1), stated=(Stated("state-text-reference", "1"),)),
        FoundObject(ObjectId(3, 2), states=("Off", "On")),
    )
    survey = Survey(0, 0, finished=True, devices=(FoundDevice(1, "", objects=objects),))
    assert Written(survey, "", "").states.split("\r\n")[2] == "2;Off;On"
