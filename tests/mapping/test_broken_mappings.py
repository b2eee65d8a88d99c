# ruff: noqa: E501 - a sentence stays on one line, as it is printed and searched for
"""What people get wrong, and the one sentence that each of it gets, with the right line and column."""

from pathlib import Path

import pytest

from bacnet_bridge.mapping import BrokenMappingError, Defaults, parse
from bacnet_bridge.mapping.csv_rows import COLUMNS

DEFAULTS = Defaults("Europe/Dublin", 300)
ACCOUNTS = {"default", "tenants"}
HEADER = "meter;id;device;as;field;object;multiplier;ct;unit\n"


YAML = [
    pytest.param(
        "meter:\n  A: {id: a, device: 1, value: AI1}\n",
        "m.yaml:1:1: the file has no key 'meter'; did you mean meters?",
        id="unknown key at the top",
    ),
    pytest.param(
        "meters:\n  A: {id: a, devise: 1, device: 1, value: AI1}\n",
        "m.yaml:2:14: a meter has no key 'devise'; did you mean device?",
        id="unknown key of a meter",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, ap_1: AI1}\n",
        "m.yaml:2:25: a meter has no key 'ap_1'; did you mean aP_1?",
        id="unknown field",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, unit: kW, aP_1: AI1}\n",
        "m.yaml:2:25: a meter has no key 'unit'; it stands within a field, as in aP_1: {object: AI1, unit: kW}",
        id="point key beside the meter's",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, property: 22, cov: yes}}\n",
        "m.yaml:2:65: devices tell no changes of cov-increment; leave cov out: it is read",
        id="cov of another property",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, cov: maybe}}\n",
        "m.yaml:2:51: cov: 'maybe' is neither yes nor no; write yes or no",
        id="cov neither yes nor no",
    ),
    pytest.param(
        "meters:\n  A:\n    id: a\n    device: 1\n    value: {object: ACC1, as: index}\n",
        "m.yaml:5:27: a field has no key 'as'; it stands beside the meter's id",
        id="meter key within a field",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: analog-imput 1}\n",
        "m.yaml:2:32: object type 'analog-imput' is unknown; did you mean analog-input?",
        id="unknown object type",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: temperature}\n",
        "m.yaml:2:32: object: 'temperature' is not an object; write a type and an instance, like analog-input,1 or AI1",
        id="no object at all",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: AI4194303}\n",
        "m.yaml:2:32: object: instance 4194303 is larger than BACnet allows (4194302)",
        id="instance out of range",
    ),
    pytest.param(
        'meters:\n  A: {id: a, device: 1, value: "1024,1"}\n',
        "m.yaml:2:32: object type 1024 is larger than BACnet allows (1023)",
        id="type out of range",
    ),
    pytest.param(
        'meters:\n  A: {id: a, device: 1, value: "trend-log,1"}\n',
        "m.yaml:2:32: trend-log,1 has no number as its present-value; name another object or a property",
        id="object without value",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, aP_1: BI1}\n",
        "m.yaml:2:31: binary-input,1 is a state, not a measurement; states can only be sent as value",
        id="state as power",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, aP_1: {object: AI1, unit: kWatt}}\n",
        "m.yaml:2:51: unit 'kWatt' is unknown; did you mean W or kW?",
        id="unknown unit",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, aP_1: {object: AI1, unit: mw}}\n",
        "m.yaml:2:51: unit 'mw' can be read in more than one way, because m is milli and M is mega; write mW or MW",
        id="ambiguous unit",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, aP_1: {object: AI1, unit: kVA}}\n",
        "m.yaml:2:51: aP_1 is sent in W, and kVA cannot be converted to that; mend unit:, or convert with multiplier: and name the result's unit",
        id="unit of another quantity",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {object: AI1, unit: therm}}\n",
        "m.yaml:2:51: pC_1 is sent in Wh, and therm cannot be converted to that: a therm is 105480400 J in the USA and 105505585.262 J elsewhere; mend unit:, or convert with multiplier: and name the result's unit",
        id="therms for energy",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, zone: Europe/Dubln, value: AI1}\n",
        "m.yaml:2:31: zone: 'Europe/Dubln' is no IANA time zone; did you mean Europe/Dublin?",
        id="unknown zone",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, account: tenats, value: AI1}\n",
        "m.yaml:2:34: the settings know no account 'tenats'; did you mean tenants?",
        id="unknown account",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: AI1, aP_1: AI2}\n",
        "m.yaml:2:37: aP_1 stands beside value; a meter sends either value or electrical fields, so make two meters of them",
        id="value and electrical",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1}\n",
        "m.yaml:2:3: 'A' has no field; add value: AI1, or electrical fields like aP_1: AI1",
        id="no fields",
    ),
    pytest.param(
        "meters:\n  A: {id: a, value: AI1}\n",
        "m.yaml:2:3: 'A' names no device; add device: and its instance",
        id="device missing",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  B: {id: a, device: 1, value: AI2}\n",
        "m.yaml:3:11: the id 'a' is already used, at m.yaml:2:11; give each meter its own id, as the platform lists them",
        id="same id",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  B: {id: a, account: tenants, device: 1, value: AI2}\n",
        "m.yaml:3:11: the id 'a' is already used, at m.yaml:2:11; give each meter its own id, as the platform lists them",
        id="same id in two accounts",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AV1, property: priority-array}}\n",
        "m.yaml:2:56: priority-array is an array; name the element with index:, from 1",
        id="array without an index",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AV1, property: 8}}\n",
        "m.yaml:2:56: all is not a number; leave property out for present-value",
        id="property that stands for all",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  A: {id: b, device: 1, value: AI2}\n",
        "m.yaml:3:3: 'A' is there twice, first in line 2; keep one of them",
        id="same name",
    ),
    pytest.param(
        "meters:\n  A:\n    id: a\n    device: 1\n    device: 2\n    value: AI1\n",
        "m.yaml:5:5: 'device' is there twice, first in line 4; keep one of them",
        id="same key",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: main, value: AI1}\n",
        "m.yaml:2:22: device: 'main' is not a device instance; write a whole number from 0 to 4194302",
        id="device not a number",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 4194303, value: AI1}\n",
        "m.yaml:2:22: device: 4194303 is larger than a device instance can be; the largest is 4194302",
        id="device is the wildcard",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, interval: 0, value: AI1}\n",
        "m.yaml:2:35: interval: '0' is no time at all; write 300, 5 min or 1 h",
        id="interval zero",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, interval: -300, value: AI1}\n",
        "m.yaml:2:35: interval: '-300' is not a length of time; write 300, 5 min or 1 h",
        id="interval negative",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, interval: 1.5 s, value: AI1}\n",
        "m.yaml:2:35: interval: '1.5 s' is not a whole number of seconds; write the interval that the platform knows",
        id="interval not whole",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, interval: 2 d, value: AI1}\n",
        "m.yaml:2:35: interval: '2 d' is longer than a day; the platform expects at least one packet a day",
        id="interval too long",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, interval: 5 fortnights, value: AI1}\n",
        "m.yaml:2:35: interval: '5 fortnights' is not a length of time; write 300, 5 min or 1 h",
        id="interval in strange words",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, interval: 60, tolerance: 60, value: AI1}\n",
        "m.yaml:2:50: tolerance 60 s is not shorter than the interval, 60 s; leave tolerance out to have 15 s",
        id="tolerance too long",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, ct: big, aP_1: AI1}\n",
        "m.yaml:2:29: ct: 'big' is not a transformer's ratio; write primary/secondary like 200/5 or, where a spreadsheet makes dates of that, the quotient 40",
        id="ct of words",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, ct: 5/200, aP_1: AI1}\n",
        "m.yaml:2:29: ct: '5/200' is upside down; the primary comes first, as in 200/5",
        id="ct upside down",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, ct: 200/0, aP_1: AI1}\n",
        "m.yaml:2:29: ct: '200/0' is not a transformer's ratio; both numbers are larger than zero",
        id="ct by zero",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, vt: 100, value: AI1}\n",
        "m.yaml:2:29: vt acts on electrical fields only; give value a multiplier instead",
        id="vt on a value",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, invert: [1, 4], aP_1: AI1}\n",
        "m.yaml:2:33: invert: '1, 4' are not phases; write 1, 2 or 3, several as [1, 3]",
        id="invert a fourth phase",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, invert: [], aP_1: AI1}\n",
        "m.yaml:2:33: invert: '[]' are not phases; write 1, 2 or 3, several as [1, 3]",
        id="invert nothing",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, multiplier: 0}}\n",
        "m.yaml:2:58: multiplier: zero makes every value zero; leave it out to take the value as it is",
        id="multiplier zero",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, multiplier: ten}}\n",
        "m.yaml:2:58: multiplier: 'ten' is not a number; write it like 0.001",
        id="multiplier of words",
    ),
    pytest.param(
        'meters:\n  A: {id: a, device: 1, value: {object: AI1, offset: "0,5"}}\n',
        "m.yaml:2:54: offset: '0,5' has a comma; write 0.5 if it is the decimal sign",
        id="offset with a comma",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, as: index, pC_1: AI1}\n",
        "m.yaml:2:29: as is for value only; leave it out, electrical energies are counters and all else is measured",
        id="as on electrical",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, as: diff, value: AI1}\n",
        "m.yaml:2:29: as: 'diff' is not what a number can be; known are instant, index, delta",
        id="as something else",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, index: 2}}\n",
        "m.yaml:2:53: present-value has no elements; leave index out",
        id="index of present-value",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AV1, property: priority-array, index: 0}}\n",
        "m.yaml:2:79: index: '0' is not the number of an element; write 1 for the first",
        id="index zero",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, property: present_valu}}\n",
        "m.yaml:2:56: property 'present_valu' is unknown; did you mean present-value?",
        id="property unknown",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, property: object-name}}\n",
        "m.yaml:2:56: object-name is not a number; leave property out for present-value",
        id="property not a number",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {sum: []}}\n",
        "m.yaml:2:32: the sum of pC_1 is empty; write sum: [AI1, AI2]",
        id="sum empty",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {sum: AI1}}\n",
        "m.yaml:2:37: sum: is not a list; write sum: [AI1, AI2]",
        id="sum not a list",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {sum: [AI1, AI2], unit: kWh}}\n",
        "m.yaml:2:49: 'unit' stands beside sum; write it within, for each register that it is for",
        id="sum with a neighbour",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {sum: [AI1, AI1]}}\n",
        "m.yaml:2:25: analog-input,1 present-value is there twice in the sum of pC_1; name another register",
        id="sum counts twice",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: [AI1, AI2]}\n",
        "m.yaml:2:31: pC_1 holds a list; to add registers up write pC_1: {sum: [AI1, AI2]}",
        id="list without sum",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {name: X}}\n",
        "m.yaml:2:32: value names no object; add object: AI1",
        id="field without object",
    ),
    pytest.param(
        "meters:\n  A:\n    id: a\n    device: 1\n    value:\n",
        "m.yaml:5:5: value names no object; write value: AI1, or delete the line",
        id="blank field",
    ),
    pytest.param(
        "meters:\n  A: {id: a b, device: 1, value: AI1}\n",
        "m.yaml:2:11: id: 'a b' contains a blank; copy the id from the platform once more, without it",
        id="id with a blank",
    ),
    pytest.param(
        "meters:\n  A: {id: 'a\"b', device: 1, value: AI1}\n",
        "m.yaml:2:11: id: 'a\"b' contains the character '\"'; copy the id from the platform once more, without it",
        id="id with a quote",
    ),
    pytest.param(
        'meters:\n  A: {id: "a\\u200bb", device: 1, value: AI1}\n',
        "m.yaml:2:11: id: 'a\\u200bb' contains the character '\\u200b'; copy the id from the platform once more, without it",
        id="id of an unseen character",
    ),
    pytest.param(
        "meters:\n  A: {id: 1.2E+12, device: 1, value: AI1}\n",
        "m.yaml:2:11: id: '1.2E+12' looks like a number that a spreadsheet has shortened; format the column as text and enter the id again",
        id="id by a spreadsheet",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, address: 10.0.0.300, value: AI1}\n",
        "m.yaml:2:34: address: '10.0.0.300' is not an address; write 10.0.0.5, 10.0.0.5:47809 or, behind a router, network:station like 100:12",
        id="address malformed",
    ),
    pytest.param(
        'meters:\n  A: {id: a, device: 1, address: "10.0.0.3:99999", value: AI1}\n',
        "m.yaml:2:34: address: '10.0.0.3:99999' is not an address; write 10.0.0.5, 10.0.0.5:47809 or, behind a router, network:station like 100:12",
        id="address with a wild port",
    ),
    pytest.param(
        'meters:\n  A: {id: a, device: 1, address: "100:999", value: AI1}\n',
        "m.yaml:2:34: address: '100:999' is not an address; write 10.0.0.5, 10.0.0.5:47809 or, behind a router, network:station like 100:12",
        id="address of a wild station",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, require_all: maybe, aP_1: AI1}\n",
        "m.yaml:2:38: require_all: 'maybe' is neither yes nor no; write yes or no",
        id="require_all maybe",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, valid_when: BI7 active, value: AI1}\n",
        "m.yaml:2:37: valid_when: 'BI7 active' is not a condition; write it like BI7 = active or MSV3 = 2",
        id="condition without an equals sign",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, valid_when: BI7 = on, value: AI1}\n",
        "m.yaml:2:37: valid_when: 'on' is no state of binary-input,7; write active, inactive, 0 or 1",
        id="condition of another state",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, valid_when: BI7 = 2, value: AI1}\n",
        "m.yaml:2:37: valid_when: '2' is no state of binary-input,7; write active or inactive",
        id="condition of a third state",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, valid_when: MSV3 = normal, value: AI1}\n",
        "m.yaml:2:37: valid_when: 'normal' is no state of multi-state-value,3; write the state's or value's number",
        id="condition by a state's text",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, valid_when: 'trend-log,1 = 1', value: AI1}\n",
        "m.yaml:2:37: valid_when: trend-log,1 has no state and no number; name another object, like BI7 = active",
        id="condition of what has no value",
    ),
    pytest.param(
        "defaults: {valid_when: BJ7 = active}\nmeters:\n  A: {id: a, device: 1, value: AI1}\n",
        "m.yaml:1:24: valid_when: object type 'BJ' is unknown; write one like analog-input or AI, or its number",
        id="condition of an unknown object",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, flags: {falt: skip}}}\n",
        "m.yaml:2:53: flags: 'falt' is no status flag; did you mean fault?",
        id="unknown flag",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, flags: {fault: ignore}}}\n",
        "m.yaml:2:53: flags: 'ignore' is not what can be done with fault; write skip or send",
        id="unknown rule for a flag",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, flags: {fault: [skip]}}}\n",
        "m.yaml:2:61: 'fault' holds more than one value; write skip or send",
        id="list for a flag",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, flags: 'fault: send, fault=skip'}}\n",
        "m.yaml:2:53: flags: fault is there twice; keep one of them",
        id="flag twice",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, value: {object: AI1, flags: ','}}\n",
        "m.yaml:2:53: flags: it names no flag; write it like {fault: skip, overridden: send}",
        id="flags without a flag",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, v_1: {object: AI1, frozen_after: 1}}\n",
        "m.yaml:2:58: frozen_after: '1' is not a number of readings; write 12, or 0 to turn it off",
        id="frozen at once",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, v_1: {object: AI1, frozen: drop}}\n",
        "m.yaml:2:52: frozen: 'drop' is not what can be done with a frozen value; known are notice, refuse",
        id="frozen and dropped",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {object: AI1, frozen_after: 12}}\n",
        "m.yaml:2:59: frozen_after is for measurements; a counter may stand still, so leave it out",
        id="frozen counter",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, aP_1: {object: AI1, max_rate: 50}}\n",
        "m.yaml:2:55: max_rate is for counters; say as: index or as: delta, or leave it out",
        id="rate of what is no counter",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {object: AI1, max_rate: 0}}\n",
        "m.yaml:2:55: max_rate: '0' is not larger than zero; write it like 50",
        id="rate of nothing",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {object: AI1, rollover: big}}\n",
        "m.yaml:2:55: rollover: 'big' is not a number; write it like 0.001",
        id="rollover of words",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {object: AI1, rollover: 999, falls: yes}}\n",
        "m.yaml:2:55: rollover contradicts falls: yes; a counter that falls by nature has none",
        id="rollover of a net meter",
    ),
    pytest.param(
        "meters:\n  A: {id: a, device: 1, pC_1: {object: AI1, after_fall: folow}}\n",
        "m.yaml:2:57: after_fall: 'folow' is not what can be done after a fall; did you mean follow?",
        id="after_fall misspelt",
    ),
    pytest.param(
        "defaults: {max_rate: 5}\nmeters:\n  A: {id: a, device: 1, value: AI1}\n",
        "m.yaml:1:12: defaults has no key 'max_rate'; it stands beside the meter's id",
        id="rate for a whole file",
    ),
    pytest.param(
        "meters:\n  - {id: a, device: 1, value: AI1}\n",
        "m.yaml:2:3: meters: holds no names; write a meter's name with a colon, its keys indented below",
        id="meters as a list",
    ),
    pytest.param(
        "meters:\n  A: AI1\n",
        "m.yaml:2:6: a meter is not made of keys; write `key: value`, like id:",
        id="a meter as a text",
    ),
    pytest.param(
        "meters:\n  A: {id: [a, b], device: 1, value: AI1}\n",
        "m.yaml:2:7: id holds more than one value; write id: and the value behind it",
        id="two values for one key",
    ),
    pytest.param(
        "meters:\n  A: &a {id: a, device: 1, value: AI1}\n  B: *a\n",
        "m.yaml:2:6: anchors (&name) are not used in mappings; write the value out, or use `defaults:`",
        id="alias",
    ),
    pytest.param(
        "meters:\n  A:\n    <<: {id: a}\n    device: 1\n",
        "m.yaml:3:5: merges (<<) are not used in mappings; write the values out",
        id="merge",
    ),
    pytest.param(
        "meters:\n  A: {id: !!python/name:os.system x, device: 1}\n",
        "m.yaml:2:11: tags (!name) are not used in mappings; delete it",
        id="tag",
    ),
    pytest.param(
        "meters: {}\n---\nmeters: {}\n",
        "m.yaml:2:1: a second document begins here (---); put every document into its own file",
        id="two documents",
    ),
    pytest.param(
        "meters:\n  A:\n    id: a\n   device: 1\n",
        "m.yaml:4:4: this is not valid YAML: did not find expected key; mind indentation, colons and quotes just before",
        id="bad indentation",
    ),
    pytest.param(
        'meters:\n  A: {id: "a, device: 1}\n',
        "m.yaml:2:11: this quote is not closed as it should be; mind quotes within quotes",
        id="open quote",
    ),
    pytest.param(
        "meters:\n\tA: {id: a}\n",
        "m.yaml:2:1: YAML allows no tab for indenting; write blanks",
        id="tab",
    ),
    pytest.param(
        "meters:\n  A: {id: a\x07}\n",
        "m.yaml:2:12: YAML allows no such control character here; delete it and type anew",
        id="control character",
    ),
    pytest.param(
        "meters: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
        "m.yaml:1:20: this is nested too deeply for a mapping; docs/mapping.md shows examples",
        id="nested deeply",
    ),
    pytest.param(
        "hello\n",
        "m.yaml:1:1: the file is not made of keys; write `key: value`, like meters:",
        id="a text for a file",
    ),
    pytest.param(
        "? [a, b]\n: c\n",
        "m.yaml:1:3: this key is not a name; write `name: value`",
        id="key is a list",
    ),
    pytest.param(
        "defaults: {id: a}\n",
        "m.yaml:1:12: defaults has no key 'id'; it stands beside the meter's id",
        id="defaults with a meter's own key",
    ),
    pytest.param(
        "defaults: {interval: soon}\nmeters:\n  A: {id: a, device: 1, value: AI1}\n",
        "m.yaml:1:22: interval: 'soon' is not a length of time; write 300, 5 min or 1 h",
        id="wrong default",
    ),
]


CSV = [
    pytest.param(
        "a;b;c\n1;2;3\n",
        "m.csv:1:1: this row names no column; begin with a row like meter;id;device;field;object",
        id="no header",
    ),
    pytest.param(
        "meter;id;device;field;objekt\nA;a;1;value;AI1\n",
        "m.csv:1:23: there is no column 'objekt'; did you mean object?",
        id="unknown column",
    ),
    pytest.param(
        "meter;id;device;field;object;hauteur\nA;a;1;value;AI1;3\n",
        f"m.csv:1:30: there is no column 'hauteur'; known are {', '.join(COLUMNS)}",
        id="column far from any",
    ),
    pytest.param(
        "meter;id;device;field;object;id\nA;a;1;value;AI1;a\n",
        "m.csv:1:30: the column 'id' is there twice; keep one of them",
        id="column twice",
    ),
    pytest.param(
        "meter;id;device;object\nA;a;1;AI1\n",
        "m.csv:1:1: the column field is missing; add it to the header",
        id="column missing",
    ),
    pytest.param(
        HEADER + "A;a;1;;value;AI1;;;;x\n",
        "m.csv:2:21: this cell has no column above it; mind a delimiter too many before it",
        id="cell too many",
    ),
    pytest.param(
        HEADER + ";;1;;value;AI1;;;\n",
        "m.csv:2:3: this row belongs to no meter; give it a meter's name or an id",
        id="row without a meter",
    ),
    pytest.param(
        HEADER + "A;a;1;;aP_1;AI1;;;\nA;a;2;;aP_2;AI2;;;\n",
        "m.csv:3:5: device '2' contradicts '1' of the same meter in line 2; leave it blank, or give the row a meter of its own",
        id="contradiction",
    ),
    pytest.param(
        HEADER + "A;a;1;;aP_1;AI1;;;\n;;;;aP_1;AI2;;;\n",
        "m.csv:3:5: aP_1 is there twice, first in line 2; if the registers add up, write sum aP_1 in each of the rows",
        id="field twice",
    ),
    pytest.param(
        HEADER + "A;a;1;;;AI1;;;\n",
        "m.csv:2:9: this row names no field; fill the column field, with value or aP_1 …",
        id="row without a field",
    ),
    pytest.param(
        HEADER + "A;a;1;;value;;;;\n",
        "m.csv:2:8: 'value' names no object; fill the column object, like AI1",
        id="row without an object",
    ),
    pytest.param(
        HEADER + "A;a;1;;value;AI1;1,000;;\n",
        "m.csv:2:18: '1,000' can be read in two ways; write 1 or 1000",
        id="two readings of a comma",
    ),
    pytest.param(
        HEADER + "A;a;1;;value;AI1;1.000;;\n",
        "m.csv:2:18: '1.000' can be read in two ways; write 1 or 1000",
        id="two readings of a point",
    ),
    pytest.param(
        HEADER + 'A;"a;1;;value;AI1;;;\n',
        "m.csv:2:3: this cell's quotes do not close where the cell ends; double a quote within a cell",
        id="broken quote",
    ),
    pytest.param(
        HEADER + "A;a;1;;aP_1;AI1;;20. May;\n",
        "m.csv:2:18: ct: '20. May' is not a transformer's ratio; write primary/secondary like 200/5 or, where a spreadsheet makes dates of that, the quotient 40",
        id="ct became a date",
    ),
    pytest.param(
        HEADER + "A;a;1001.0;;value;AI1;;;\n",
        "m.csv:2:5: device: '1001.0' is not a device instance; write a whole number from 0 to 4194302",
        id="device became a decimal",
    ),
    pytest.param(
        HEADER + "A;1,2E+12;1;;value;AI1;;;\n",
        "m.csv:2:3: id: '1,2E+12' looks like a number that a spreadsheet has shortened; format the column as text and enter the id again",
        id="id by a spreadsheet",
    ),
    pytest.param(
        HEADER + "A;a;1;;value;AI1;;;\nB;a;1;;value;AI2;;;\n",
        "m.csv:3:3: the id 'a' is already used, at m.csv:2:3; give each meter its own id, as the platform lists them",
        id="same id for two names",
    ),
    pytest.param(
        HEADER + "A;a;1;;aP_1;AI1;;;m3\n",
        "m.csv:2:19: aP_1 is sent in W, and m³ cannot be converted to that; mend unit:, or convert with multiplier: and name the result's unit",
        id="unit",
    ),
    pytest.param(
        "meter;id;device;as;field;object;flags;valid_when\nA;a;1;;value;AI1;fault=sent;BI7 = active\n",
        "m.csv:2:18: flags: 'sent' is not what can be done with fault; write skip or send",
        id="rule of a flag",
    ),
    pytest.param(
        HEADER + "A;a;1;;AP_1;AI1;;;\n",
        "m.csv:2:8: there is no field 'AP_1'; did you mean aP_1?",
        id="field in another case",
    ),
    pytest.param(
        'meter,id,device,field,object,multiplier\nA,a,1,value,AI1,"0,5"\n',
        "m.csv:2:17: multiplier: '0,5' has a comma; write 0.5 if it is the decimal sign",
        id="comma in a file of commas",
    ),
]


def _problems(name: str, text: str) -> list[str]:
    with pytest.raises(BrokenMappingError) as caught:
        parse([(Path(name), text.encode())], DEFAULTS, accounts=ACCOUNTS)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return str(caught.value).split("\n")


@pytest.mark.parametrize(("text", "problem"), YAML)
def test_yaml_that_is_wrong(text: str, problem: str) -> None:
    assert _problems("m.yaml", text) == [problem]


@pytest.mark.parametrize(("text", "problem"), CSV)
def test_csv_that_is_wrong(text: str, problem: str) -> None:
    assert _problems("m.csv", text) == [problem]
