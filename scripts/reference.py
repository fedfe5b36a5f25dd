"""For scripts that compare with MediaPipe: run again where mediapipe is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-mediapipe"


def enter() -> None:
    """Make `.venv-mediapipe` if need be and go on in it, with our packages importable."""
    os.environ["GLOG_minloglevel"] = "2"  # noqa: SIM112  (glog's own spelling)
    if Path(sys.prefix) != ENVIRONMENT:
        made = subprocess.run([ROOT / "scripts" / "reference-env"], check=False)
        if made.returncode:
            sys.exit(made.returncode)
        python = str(ENVIRONMENT / "bin" / "python")
        os.execv(python, [python, *sys.argv])  # noqa: S606
    sys.path.insert(0, str(ROOT))
