"""docs/metrics.md has every metric with its labels, and the dashboard and the alert rules use no other."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bacnet_bridge.service.healing import FILLED, GIVEN_UP
from bacnet_bridge.status.metrics import Metrics
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.status import FIGURES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "metrics.md").read_text()
DASHBOARD: dict[str, Any] = json.loads((DOCS / "grafana" / "bacnet-bridge.json").read_text())
RULES: dict[str, Any] = yaml.safe_load((DOCS / "alert-rules.yml").read_text())
TEXT = Metrics().text(FIGURES, problems=0).decode()
FAMILIES = list(text_string_to_metric_families(TEXT))
SAMPLES = {sample.name: sample.labels for family in FAMILIES for sample in family.samples}
OF_HISTOGRAMS = re.compile(r"_(bucket|sum|count|created)$")
BY_PROMETHEUS = {"up"}


def documented() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `(\w+)` \|(.*?)\| .+ \|$", PAGE, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def shown() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for family in FAMILIES:
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                name = family.name if family.type == "histogram" else sample.name
                found.setdefault(name, set()).update(set(sample.labels) - {"le"})
    return found


def expressions() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return panels + [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]


def test_every_metric_is_documented_with_its_labels_and_no_other() -> None:
    assert documented() == shown()


@pytest.mark.parametrize("expression", expressions())
def test_dashboard_and_rules_use_metrics_and_labels_that_are_there(expression: str) -> None:
    names = set(re.findall(r"\b((?:bacnet_bridge|process)_\w+|up)\b", expression))
    assert names
    assert names - BY_PROMETHEUS <= set(SAMPLES)
    known = {label for name in names - BY_PROMETHEUS for label in SAMPLES[name]} | {"instance", "job"}
    selected = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", expression)
    grouped = [name for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression) for name in group.split(", ")]
    assert {*selected, *grouped} <= known


def test_reasons_in_the_rules_are_reasons() -> None:
    told = re.findall(r'reason(?:=~|!=|=)"([^"]+)"', " ".join(expressions()))
    assert {reason for each in told for reason in each.split("|")} <= {reason.value for reason in HoleReason}


def test_what_becomes_of_gaps_is_shown_and_alarmed_as_it_is_counted() -> None:
    told = re.findall(r'outcome="([^"]+)"', " ".join(expressions()))
    assert told
    assert set(told) <= {FILLED, GIVEN_UP}
    healing = {name for name in SAMPLES if re.search(r"_(slots_healed_total|gaps_total|queues_healing)$", name)}
    used = set(re.findall(r"bacnet_bridge_\w+", " ".join(expressions())))
    assert len(healing) == 3
    assert healing <= used


def test_every_panel_has_a_place_of_its_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells


BAD = {
    "BridgeGone": {"up": "0x60"},
    "BridgeStandsStill": {"bacnet_bridge_moves": "0x60"},
    "BridgeHasProblems": {"bacnet_bridge_problems": "2x60"},
    "BridgeBacklogGrows": {
        "bacnet_bridge_oldest_waiting_seconds": "3601x60",
        "bacnet_bridge_waiting_packets": "0+10x60",
    },
    "BridgeOutboxRefuses": {'bacnet_bridge_slots_missed_total{reason="quota"}': "0+1x60"},
    "BridgeMissesSlots": {
        'bacnet_bridge_slots_missed_total{reason="device silent"}': "0+6x60",
        'bacnet_bridge_slots_missed_total{reason="late"}': "0x60",
        "bacnet_bridge_slots_due_total": "0+100x60",
    },
    "BridgeGapsStayHoles": {
        'bacnet_bridge_gaps_total{outcome="given up"}': "0+1x60",
        'bacnet_bridge_gaps_total{outcome="filled"}': "0+9x60",
    },
    "BridgeDeviceSilent": {'bacnet_bridge_device_silent{device="1001"}': "1x60"},
    "BridgeDeviceErrs": {
        'bacnet_bridge_device_errors_total{device="1001", kind="unanswered"}': "0+11x60",
        'bacnet_bridge_device_errors_total{device="1001", kind="refused"}': "0x60",
        'bacnet_bridge_device_requests_total{device="1001"}': "0+100x60",
    },
    "BridgeCredentialsRefused": {"bacnet_bridge_accounts_paused": "1x60"},
    "BridgeClockNotCredible": {"bacnet_bridge_clock_credible": "0x60"},
    "BridgeClockDeparts": {"bacnet_bridge_clock_offset_seconds": "-11x60"},
    "BridgeLags": {
        'bacnet_bridge_loop_lag_seconds_bucket{le="0.2"}': "0+200x60",
        'bacnet_bridge_loop_lag_seconds_bucket{le="0.5"}': "0+240x60",
        'bacnet_bridge_loop_lag_seconds_bucket{le="+Inf"}': "0+240x60",
    },
    "BridgeDescriptorsRunOut": {"process_open_fds": "900x60", "process_max_fds": "1024x60"},
}
"""By alert, what lets it fire within an hour: Prometheus's notation of a value a minute."""


def test_every_alert_has_a_case_that_lets_it_fire() -> None:
    assert {rule["alert"] for group in RULES["groups"] for rule in group["rules"]} == set(BAD)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian's package prometheus is not installed")
def test_each_alert_fires_when_it_should(tmp_path: Path) -> None:
    cases = [
        {
            "name": alert,
            "interval": "1m",
            "input_series": [{"series": _of_a_bridge(name), "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})',
                    "eval_time": "1h",
                    "exp_samples": [{"labels": "{}", "value": 1}],
                },
                {"expr": f'ALERTS{{alertname!="{alert}"}}', "eval_time": "1h", "exp_samples": []},
            ],
        }
        for alert, series in BAD.items()
    ]
    file = tmp_path / "test.yml"
    rules = str(DOCS / "alert-rules.yml")
    file.write_text(yaml.safe_dump({"rule_files": [rules], "evaluation_interval": "1m", "tests": cases}))
    told = subprocess.run(["promtool", "test", "rules", file], capture_output=True, check=False, timeout=60, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def _of_a_bridge(series: str) -> str:
    name, _, labels = series.partition("{")
    return f'{name}{{instance="a", job="bacnet-bridge"{f", {labels}" if labels else "}"}'


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian's package prometheus is not installed")
def test_prometheus_takes_the_rules_and_finds_nothing_in_the_names() -> None:
    rules = subprocess.run(["promtool", "check", "rules", DOCS / "alert-rules.yml"], capture_output=True, check=False)
    assert rules.returncode == 0, rules.stdout.decode() + rules.stderr.decode()
    own = "".join(f"{line}\n" for line in TEXT.splitlines() if "bacnet_bridge_" in line and "_created" not in line)
    names = subprocess.run(
        ["promtool", "check", "metrics"], input=own.encode(), capture_output=True, check=False, timeout=30
    )
    assert (names.returncode, names.stdout.decode(), names.stderr.decode()) == (0, "", "")
