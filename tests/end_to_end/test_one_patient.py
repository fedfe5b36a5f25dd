"""One simulated patient, the real models, a real broker, a real hospital process."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_service.wire.v1 import Report

from .conftest import UNIT, Ward

pytestmark = pytest.mark.timeout(300)


def _waiting(ward: Ward) -> int:
    with sqlite3.connect(ward.outbox) as outbox:
        count: int = outbox.execute("SELECT count(*) FROM waiting").fetchone()[0]
    outbox.close()
    return count


def test_the_hospital_has_signal_report_and_page(
    ward: Ward, report_of: Callable[[Ward], Path]
) -> None:
    hospital = ward.hospital()
    device = ward.device("screen", "--patient", "left-droop")
    raised = hospital.wait_for("SIGNAL  face RAISED", 120)
    assert "weaker left" in raised
    hospital.wait_for("REPORT")
    hospital.wait_for("FILES")
    assert device.end() == 0, device.errors
    assert any("emergency department has the report" in line for line in device.lines)

    report = Report.read(report_of(ward).read_bytes())
    assert report.unit == UNIT
    assert report.overall.value == "raised"
    assert report.simulated
    assert set(report.models) >= {"attention_mesh_int8", "silero_vad"}
    page = report_of(ward).with_suffix(".pdf").read_bytes()
    assert page.startswith(b"%PDF-")
    for table in ("symmetry", "functional"):
        text = next(ward.out.glob(f"*-{table}.csv")).read_text()
        assert "mouth" in text
    assert _waiting(ward) == 0


def test_a_report_waits_for_the_broker_and_a_crash_loses_nothing(ward: Ward) -> None:
    hospital = ward.hospital()
    ward.broker.stop()
    hospital.wait_for("LINK    down")
    device = ward.device("screen", "--patient", "mute", "--wait", "1")
    device.wait_for("saved, waiting for the network", 180)
    assert device.end() == 75
    assert "hospital has not signed" in device.errors[-1]
    assert _waiting(ward) >= 2
    assert not list(ward.out.glob("*.json"))

    ward.broker.restart()
    killed = ward.device("screen", "--patient", "left-droop", "--realtime")
    killed.wait_for("Raise your eyebrows", 120)
    killed.kill()
    again = ward.device("screen", "--patient", "nobody")
    hospital.wait_for("interrupted", 120)
    hospital.wait_for("FILES", 120)
    assert again.end() == 0, again.errors

    reports = [json.loads(path.read_text()) for path in ward.out.glob("report-*.json")]
    assert sorted(report["status"] for report in reports) == ["complete", "interrupted", "partial"]
    interrupted = next(report for report in reports if report["status"] == "interrupted")
    assert {task["task"] for task in interrupted["tasks"] if task["usable"]} >= {"rest", "smile"}
    assert _waiting(ward) == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["screen", "--patient", "left-drop"], 1, "did you mean 'left-droop'?"),
        (["screen", "--video", "absent.mp4"], 1, "absent.mp4: no such file"),
        (["screen", "--settings", "absent.toml"], 78, "absent.toml: cannot be read"),
    ],
)
def test_a_wrong_word_is_one_clear_line(
    ward: Ward, words: list[str], code: int, message: str
) -> None:
    device = ward.device(*words)
    assert device.end() == code
    assert len(device.errors) == 1
    assert message in device.errors[0]
