"""Lists of points as they are met: EDE of several layouts, YABE's export. Every row is read, or has a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.survey.ede.lists import Beside, Lists, Remark
from bacnet_bridge.survey.ede.tables import NoListError, rows_of, table
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Stated, Survey
from bacnet_bridge.vocabulary.objects import ObjectId

PREAMBLE = """# Proposal_Engineering-Data-Exchange - B.I.G.-EU
PROJECT_NAME;Rathaus
VERSION_OF_REFERENCEFILE;1
TIMESTAMP_OF_LAST_CHANGE;19. Dez 2005
AUTHOR_OF_LAST_CHANGE;{author}
VERSION_OF_LAYOUT;{layout}
#mandatory;mandatory;mandatory;mandatory;mandatory;optional
"""
HEADINGS = (
    "# keyname;device obj.-instance;object-name;object-type;object-instance;description;present-value-default;"
    "min-present-value;max-present-value;commandable;supports COV;hi-limit;low-limit;state-text-reference;unit-code;"
    "vendor-specific-address\n"
)
BEFORE = PREAMBLE.format(author="G. Sampler", layout="2.2") + HEADINGS
"""Eight lines."""


def read(
    text: str, beside: Beside | None = None, device: int | None = None
) -> tuple[tuple[FoundDevice, ...], list[Remark], list[Remark]]:
    lists = Lists(device)
    report = lists.read(table(rows_of(text)), beside or Beside())
    return lists.survey(7, (), ()).devices, report.skipped, report.noted


def only(text: str, beside: Beside | None = None) -> FoundObject:
    (device,), skipped, noted = read(text, beside)
    assert (skipped, noted) == ([], [])
    (found,) = device.objects
    return found


@pytest.mark.parametrize(
    "text",
    [
        BEFORE + "K;77;Vorlauf;0;3;Größe;;;;;;;;;62;\n",
        (BEFORE + "K;77;Vorlauf;0;3;Größe;;;;;;;;;62;\n").replace("\n", "\r\n"),
        (BEFORE + "K;77;Vorlauf;0;3;Größe;;;;;;;;;62;\n").replace(";", ","),
        (BEFORE + "K;77;Vorlauf;0;3;Größe;;;;;;;;;62;\n").replace(";", "\t"),
        "sep=;\r\n" + BEFORE + 'K;77;"Vorlauf";"0";3;Größe;;;;;;;;;62.0;\n',
        "\n\n" + HEADINGS.removeprefix("# ") + "K;77;Vorlauf;Analog Input;3;Größe;;;;;;;;;°C\n",
        "K;77;Vorlauf;0;3;Größe;;;;;;;;;62\n",
        (
            "Unit;Beschreibung;Objekt-Instanz;Objekt-Typ;Objekt-Name;Geräteinstanz;keyname\n"
            "degrees-celsius;Größe;3;OBJECT_ANALOG_INPUT;Vorlauf;77;K\n"
        ),
        (
            "#keyname;device-obj-instance;object_name;Object Type;OBJECT INSTANCE;description;unit-code;\n"
            "K;77;Vorlauf;AI;3;Größe;UNITS_DEGREES_CELSIUS;\n"
        ),
    ],
    ids=["2.2", "crlf", "commas", "tabs", "sep line", "no preamble", "no headings", "other order", "other headings"],
)
def test_one_point_in_many_spellings(text: str) -> None:
    (device,), skipped, noted = read(text)
    assert skipped == []
    assert [remark.line for remark in noted] == ([1] if text.startswith("K") else [])
    assert (device.instance, device.address, device.complete) == (77, "", False)
    assert device.objects == (
        FoundObject(
            ObjectId(0, 3),
            explored=True,
            name="Vorlauf",
            description="Größe",
            units=62,
            stated=(Stated("keyname", "K"),),
        ),
    )


def test_what_a_survey_has_no_field_for_is_kept() -> None:
    text = BEFORE.replace("vendor-specific-address", "vendor-specific-address;notification-class;Gewerk;Gewerk")
    found = only(text + '1.analog-input.3;77;V;0;3;;"21,5";0;100,5;N;Y;1.234,5;;;62;DB1;3;ELT;H\n')
    assert found.stated == tuple(
        Stated(*each)
        for each in (
            ("present-value-default", "21.5"),
            ("min-present-value", "0"),
            ("max-present-value", "100.5"),
            ("settable", "N"),
            ("supports COV", "Y"),
            ("hi-limit", "1.234,5"),
            ("vendor-specific-address", "DB1"),
            ("notification-class", "3"),
            ("Gewerk", "ELT"),
            ("Gewerk (2)", "H"),
        )
    )


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("0", 0),
        ("62", 62),
        ("130", 130),
        ("1023", 1023),
        ("Proprietary 500", 500),
        ("accumulator", 23),
        ("Spezial", 777),
    ],
)
def test_every_object_type_is_kept(said: str, number: int) -> None:
    found = only(f"{BEFORE}K;77;V;{said};4194303;\n", Beside(types={"spezial": 777}))
    assert found.id == ObjectId(number, 4194303)


@pytest.mark.parametrize(
    ("headings", "cell", "texts"),
    [
        ("state-text-reference", "7", ("Aus", "Ein")),
        ("state-text-reference", "007", ("Aus", "Ein")),
        ("State Text Ref", "Modes", ("Auto", "", "Hand")),
        ("state-text-reference", "0=Aus|1=Ein", ("Aus", "Ein")),
        ("state-text-reference", '"1: Auto, 2: Hand"', ("Auto", "Hand")),
        ("state-text-reference", "Off/On", ("Off", "On")),
        ("state-text", '"Off\nOn"', ("Off", "On")),
        ("state-texts", "2=B|1=A|4=D", ("A", "B", "", "D")),
        ("Inactive Text;Active Text", "Off;On", ("Off", "On")),
        ("Text 1 or Inactive-Text;Text 2 or Active-Text;Text 3", "A;;C", ("A", "", "C")),
        ("state-text-1;state-text-2", "A;", ("A",)),
        ("state-text-reference", "", None),
    ],
)
def test_texts_of_states(headings: str, cell: str, texts: tuple[str, ...] | None) -> None:
    text = f"keyname;device;object-name;object-type;object-instance;{headings}\nK;77;V;19;1;{cell}\n"
    beside = Beside(states={"7": ("Aus", "Ein"), "modes": ("Auto", "", "Hand")})
    assert only(text, beside).states == texts


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("K;77;V;Analogthing;1", "'Analogthing' is no object type that is known"),
        ("K;77;V;1024;1", "object type 1024 is larger than BACnet allows (1023)"),
        ("K;77;V;;1", "it has no object-type"),
        ("K;77;V;0;", "it has no object-instance"),
        ("K;77;V;0;4194304", "'4194304' is no object instance"),
        ("K;77;V;0;1,5", "'1,5' is no object instance"),
        ("K;9999999;V;0;1", "'9999999' is no device instance"),
        ("K;-1;V;0;1", "'-1' is no device instance"),
        ("#K;77;V;0;1", "it is commented out"),
        ("K;77;V;0;1;;;;;;;;;;;;;too", "'too' stands under no heading"),
        ("OK;77;V;0;9", "analog-input,9 of device 77 is there twice, first in line 9"),
    ],
)
def test_every_row_that_is_skipped_has_its_reason(row: str, reason: str) -> None:
    (device,), skipped, _ = read(f"{BEFORE}OK;77;V;0;9\n{row}\n")
    assert [each.id.instance for each in device.objects] == [9]
    ((line, sentence),) = ((each.line, each.sentence) for each in skipped)
    assert line == 10
    assert sentence.startswith(reason)


@pytest.mark.parametrize(
    ("row", "note"),
    [
        ("K;77;V;0;1;;;;;;;;;;Furlong", "'Furlong' is no unit that BACnet has a number for"),
        ("K;77;V;0;1;;;;;;;;;;70000", "'70000' is no unit that BACnet has a number for"),
        ("K;77;#NAME?;0;1", "object-name holds a spreadsheet's error, #NAME?: the text is lost"),
        (f"K;77;{'V' * 1025};0;1", "object-name is cut after 1024 characters"),
        ("K;77;V;19;1;;;;;;;;;44;", "the state texts '44' are not in the file of state texts"),
    ],
)
def test_a_row_that_is_read_in_part_is_told_of(row: str, note: str) -> None:
    (device,), skipped, noted = read(f"{BEFORE}{row}\n", Beside(states={"7": ()}))
    assert len(device.objects) == 1
    assert skipped == []
    assert noted == [Remark(9, note)]


def test_references_without_a_file_of_texts_are_told_of_once() -> None:
    _, _, noted = read(f"{BEFORE}K;77;V;19;1;;;;;;;;;4;\nK;77;V;19;2;;;;;;;;;4;\n")
    assert [each.sentence for each in noted] == [
        "2 rows refer to state texts, and no file of them stands beside the list"
    ]


def test_the_device_where_rows_do_not_name_it() -> None:
    text = "keyname;object-name;object-type;object-instance\nK;V;0;1\nD;Panel;8;500\nK;W;0;2\n"
    devices, skipped, _ = read(text)
    assert [(each.instance, each.name, len(each.objects)) for each in devices] == [(500, "Panel", 1)]
    assert skipped == [Remark(2, "it names no device; say which with --device")]
    devices, skipped, noted = read(text, device=77)
    assert [(each.instance, each.name, len(each.objects)) for each in devices] == [(77, "Panel", 2)]
    assert skipped == []
    assert noted == [Remark(3, "the device object has instance 500, its rows say 77")]


def test_several_devices_and_lists_behind_each_other() -> None:
    text = (
        BEFORE + "K;1;A;8;1;;;;;;;;;;;10.0.0.1:47809\nK;1;V;0;1\nK;2;V;0;1\n" + BEFORE + "K;2;B;8;2;;;;;;;;;;;100:12\n"
    )
    devices, skipped, _ = read(text)
    assert skipped == []
    assert [(each.instance, each.name, each.address, each.network, len(each.objects)) for each in devices] == [
        (1, "A", "10.0.0.1:47809", None, 1),
        (2, "B", "100:12", 100, 1),
    ]


def test_one_instance_at_two_addresses_is_two_devices() -> None:
    row = "K;1;{name};8;1;;;;;;;;;;;{address}\nK;1;V;0;1\n"
    both = row.format(name="A", address="10.0.0.1") + row.format(name="B", address="10.0.0.2")
    devices, skipped, _ = read(BEFORE + both)
    assert skipped == []
    assert [(each.name, len(each.objects)) for each in devices] == [("A", 1), ("B", 1)]
    assert len(Survey(0, 0, finished=True, devices=devices).conflicts) == 1


@pytest.mark.parametrize("text", ["", "hello\n", "meter;id;device\nA;1;2\n", "1;Off;On\n2;Auto;Hand\n", "a;b;c;d;e\n"])
def test_what_is_no_list(text: str) -> None:
    with pytest.raises(NoListError):
        table(rows_of(text))


YABE = PREAMBLE.format(author="YABE Yet Another Bacnet Explorer", layout="2.3").replace(
    "PROJECT_NAME;Rathaus", "PROJECT_NAME"
) + HEADINGS.replace("address", "addres").replace("commandable", "settable")


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_yabe_quotes_nothing(sign: str) -> None:
    rows = [
        ["OBJECT_DEVICE:1001", "1001", 'Main "incomer"', "8", "1001", "", *[""] * 7, "", ""],
        ["OBJECT_ANALOG_INPUT:1", "1001", "L1 Power ", "0", "1", f"L1{sign} in the  panel", *[""] * 7, "", "48"],
        ["OBJECT_ANALOG_INPUT:2", "1001", f'"L2"{sign}{sign} Power', "0", "2", f"a{sign}b{sign}", *[""] * 7, "", "48"],
        ["OBJECT_BINARY_INPUT:3", "1001", "Fan", "3", "3", "", *[""] * 7, "0", ""],
        ["OBJECT_ANALOG_VALUE:5", "1001", f"x{sign}y", "2", "5", "", *[""] * 7, "", ""],
        ["500:4", "1001", '"odd', "500", "4", "", *[""] * 7, "", ""],
    ]
    text = YABE.replace(";", sign) + "".join(sign.join(row) + "\r\n" for row in rows)
    (device,), skipped, noted = read(text, Beside(states={"0": ("Off", "On")}))
    assert (skipped, noted) == ([], [])
    assert device.name == 'Main "incomer"'
    assert [(str(each.id), each.name, each.description, each.units, each.states) for each in device.objects] == [
        ("analog-input,1", "L1 Power ", f"L1{sign} in the  panel", 48, None),
        ("analog-input,2", f'"L2"{sign}{sign} Power', f"a{sign}b{sign}", 48, None),
        ("analog-value,5", f"x{sign}y", None, None, None),
        ("binary-input,3", "Fan", None, None, ("Off", "On")),
        ("500,4", '"odd', None, None, None),
    ]


WORDS = st.sampled_from(
    [
        "#",
        ";",
        ",",
        "\n",
        '"',
        "AUTHOR_OF_LAST_CHANGE;YABE",
        "PROJECT_NAME\n",
        "object-type",
        "8",
        "77",
        "K;77;V;0;1",
        "text 3",
        "7=a|9=b",
        "sep=;\n",
    ]
)


@given(st.text() | st.lists(WORDS).map("".join) | st.lists(WORDS).map(lambda words: BEFORE + "".join(words)))
def test_any_text_is_read_or_gets_a_reason(text: str) -> None:
    try:
        found = table(rows_of(text))
    except NoListError:
        return
    lists = Lists()
    report = lists.read(found, Beside())
    taken = report.points + report.devices + len(report.skipped)
    assert taken == len(found.rows) + len(found.commented)
