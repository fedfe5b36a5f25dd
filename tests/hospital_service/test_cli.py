"""The commands as a person or the demo runs them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ulid import ULID

from hospital_service.cli import main
from hospital_service.embedded_broker import EmbeddedBroker
from tests.hospital_service.ambulance import Ambulance, until
from tests.hospital_service.conftest import Site


def test_serve_print_tells_what_the_ed_receives(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance, capsys: pytest.CaptureFixture[str]
) -> None:
    out = site.folder / "out"
    folders = ["--state", str(site.folder / "state"), "--out", str(out)]
    service = subprocess.Popen(
        [
            *(sys.executable, "-m", "hospital_service.cli", "serve", "--print", *folders),
            *("--keys", str(site.folder / "keys"), "--units", str(site.units_dir)),
            *("--host", broker.host, "--port", str(broker.port)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert service.stdout is not None
    assert service.stdout.readline().startswith("ready ")
    screen_id = str(ULID())
    ambulance.send(ambulance.pen.signal(screen_id))
    ambulance.send(ambulance.pen.report(screen_id))
    assert until(lambda: len(ambulance.receipts) == 2)
    assert until(lambda: len(list(out.glob(f"report-{screen_id}*.[jpc]*"))) == 4)

    assert main(["seen", screen_id, "--role", "nurse", *folders]) == 0
    assert until(lambda: len(ambulance.receipts) == 3)
    service.send_signal(signal.SIGTERM)
    said, _ = service.communicate(timeout=10)
    assert service.returncode == 0
    expected = [
        r"SIGNAL  face RAISED, weaker left, score 0\.80 \(0\.70–0\.90\): mouth corner lifts",
        r"REPORT  version 1, complete: RAISED: face weaker on the left\. \(simulated patient\)",
        rf"FILES   .*report-{screen_id}\.pdf",
        rf"SEEN    screen {screen_id} by nurse",
    ]
    for pattern in expected:
        assert re.search(pattern, said), said
    assert re.search(r"\[medic-7, \d+ ms\]", said)

    capsys.readouterr()
    assert main(["show", screen_id, *folders]) == 0
    shown = capsys.readouterr().out
    assert "RAISED, complete, version 1; seen by nurse" in shown
    assert "not assessed: arms: not done" in shown
    assert main(["show", *folders]) == 0
    assert screen_id in capsys.readouterr().out
    assert main(["show", "--quarantine", *folders]) == 0
    assert capsys.readouterr().out == "nothing was refused\n"
    assert main(["export", screen_id, *folders, "--out", str(site.folder / "again")]) == 0
    again = sorted(path.name for path in (site.folder / "again").iterdir())
    assert again == sorted(path.name for path in out.iterdir())
    assert all(
        (out / name).read_bytes() == (site.folder / "again" / name).read_bytes() for name in again
    )


def test_the_files_of_a_report_are_written_after_a_restart_that_cut_in(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    site.open(site.settings(broker))  # without a folder: stored, no files
    report = ambulance.pen.report(str(ULID()))
    ambulance.send(report)
    assert until(lambda: ambulance.receipted(report) == 1)
    site.shut()
    out = site.folder / "late"
    site.open(site.settings(broker, out_dir=str(out)))
    assert until((out / f"report-{report.screen_id}.pdf").exists)


def test_keys_prints_ids_and_units(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    pen = site.pen("medic-7")
    arguments = ["--keys", str(site.folder / "keys"), "--units", str(site.units_dir)]
    assert main(["keys", *arguments]) == 0
    said = capsys.readouterr().out
    assert site.keys.signing.id in said
    assert f"unit medic-7  {pen.key.id}  trusted" in said


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["serve", "--port", "x"], 78, "setting broker.port"),
        (["serve", "--settings", "absent.toml"], 78, "absent.toml: cannot be read"),
        (["serve"], 1, "signing.key.pem"),
        (["show", "01J00000000000000000000000"], 1, "is not here"),
        (["seen", "01J00000000000000000000000"], 1, "is not here"),
        (["export", "01J00000000000000000000000"], 78, "give --out"),
        (["export", "01J00000000000000000000000", "--out", "out"], 1, "has no report here"),
    ],
)
def test_a_failure_is_one_line_and_an_exit_code(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    folders = ["--state", str(tmp_path / "state"), "--keys", str(tmp_path / "keys")]
    assert main([*arguments, *folders]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("stroke-hospital: ")
    assert message in said.err
    assert said.err.count("\n") == 1


def test_a_refused_login_ends_the_service_with_one_line(tmp_path: Path, site: Site) -> None:
    with EmbeddedBroker.start(tmp_path / "amqtt", prefer="amqtt") as broker:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "hospital_service.cli", "serve", "--protocol", "3.1.1"),
                *("--state", str(site.folder / "state"), "--keys", str(site.folder / "keys")),
                *("--host", broker.host, "--port", str(broker.port)),
            ],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert ended.returncode == 1
    assert "check user name" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
