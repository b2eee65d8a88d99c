"""Registers' codes, table by table."""

import pytest

from bacnet_bridge.survey.codes import spelled_out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Z1:32.7.0", "Z1: voltage l1"),
        ("1-0:51.7.0*255", "current l2"),
        ("76.7.0", "active power l3"),
        ("16.7.0", "active power total"),
        ("1.8.0", "active energy import"),
        ("2.8.0", "active energy export"),
        ("1.8.2", "active energy import tariff"),
        ("1-0:1.8.0*03", "active energy import previous"),
        ("16.8.0", "active energy net"),
        ("41.8.0", "active energy import l2"),
        ("3.8.0", "reactive energy import"),
        ("64.7.0", "reactive power export l3"),
        ("9.7.0", "apparent power import"),
        ("1.6.0", "active power import maximum"),
        ("1.4.0", "active power import average"),
        ("31.7.5", "current l1 harmonic"),
        ("91.7.0", "neutral current"),
        ("81.7.2", "angle"),
        ("13.7.0", "powerfactor"),
        ("6-0:8.0.0", "obisheat"),
        ("10.0.0.1", "10.0.0.1"),
        ("192.168.7.0", "192.168.7.0"),
        ("TIC/EAST", "TIC/ active energy import total"),
        ("East wing", "East wing"),
        ("SINSTS2", "apparent power import l2"),
        ("HCHP", "active energy tariff"),
    ],
)
def test_a_code_stands_for_its_words(text: str, said: str) -> None:
    assert " ".join(spelled_out(text).split()) == said


@pytest.mark.parametrize(
    ("text", "measured", "said"),
    [
        ("M4_52.7", "voltage", "M4_ voltage l2"),
        ("M4 1-8-0", "energy", "M4 active energy import"),
        ("M4 3_8_0", "reactive energy", "M4 reactive energy import"),
        ("Room 32.7", "temperature", "Room 32.7"),
        ("Room 1.8", "", "Room 1.8"),
        ("M4 52.7", "current", "M4 52.7"),
    ],
)
def test_a_loose_code_counts_only_where_the_unit_says_the_same(text: str, measured: str, said: str) -> None:
    assert " ".join(spelled_out(text, measured).split()) == said
