"""What `discover` says of trend logs."""

from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.survey.file import document, from_document
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey, Trend
from bacnet_bridge.survey.reach import log_sentences
from bacnet_bridge.vocabulary.objects import ObjectId

POWER = FoundObject(ObjectId(0, 7), name="Main Power")


def device_with(*trends: Trend) -> FoundDevice:
    logs = [
        FoundObject(ObjectId(20, at), explored=True, name=f"Log {at}", trend=each) for at, each in enumerate(trends)
    ]
    return FoundDevice(77, "10.0.0.7", objects=(POWER, *logs))


def test_a_log_of_an_interval() -> None:
    trend = Trend(POWER.id, 85, interval=300, enabled=True, buffer=2016, records=812, oldest="2026-11-20T14:05:00.00")
    (said,) = log_sentences(device_with(trend))
    assert said == (
        "device 77 trend-log,0 (Log 0): analog-input,7 Main Power, every 300 s, 812 of 2016 records, "
        "back to 2026-11-20T14:05:00.00 by its own clock, room for 7.0 days"
    )


def test_a_log_by_change_of_another_devices_property() -> None:
    trend = Trend(ObjectId(2, 3), 104, device=99, interval=0, enabled=False, stops_when_full=True)
    (said,) = log_sentences(device_with(trend))
    assert said == (
        "device 77 trend-log,0 (Log 0): analog-value,3 relinquish-default of device 99, by change of value, or when it "
        "is triggered, disabled, stops when it is full"
    )


def test_a_log_of_several_and_one_that_says_nothing() -> None:
    several = Trend(members=(LoggedProperty(POWER.id, 85), None, LoggedProperty(ObjectId(0, 8), 85)), interval=60)
    first, second = log_sentences(device_with(several, Trend()))
    assert first.endswith(": analog-input,7 Main Power + analog-input,8, every 60 s")
    assert second.endswith(": nobody knows what")


def test_what_a_log_says_is_in_the_surveys_file() -> None:
    several = Trend(members=(LoggedProperty(POWER.id, 85, 2, 99), None), interval=60, total=2**32 - 1)
    survey = Survey(1, 2, finished=True, devices=(device_with(several),))
    assert from_document(document(survey)) == survey
