"""The committed schemas are what the models say, and say what the models accept."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_service.wire import schema
from firmware_service.wire.schema.__main__ import main


def test_the_committed_schemas_are_current() -> None:
    assert schema.drifted() == [], "run scripts/schema"


def test_drift_is_found_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema.write(tmp_path)
    assert schema.drifted(tmp_path) == []
    (tmp_path / "signal.json").write_text("{}")
    (tmp_path / "picture.json").write_text("{}")
    (tmp_path / "report.json").unlink()
    assert schema.drifted(tmp_path) == ["picture.json", "report.json", "signal.json"]
    schema.write(tmp_path)
    assert schema.drifted(tmp_path) == []
    assert main(["--check"]) == 0
    assert main(["--nonsense"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_consumer_may_not_be_told_to_refuse_what_is_new() -> None:
    for text in schema.schemas().values():
        assert '"additionalProperties": false' not in text
