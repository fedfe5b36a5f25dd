"""On a unit, with its settings: `STROKE_SETTINGS=/etc/stroke-device.toml pytest -m device`.

Opens what the settings name, so that a technician sees, hears and reads whether it works.
"""

from __future__ import annotations

import io
import os
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from firmware_service.app.panel import Hands, open_panel
from firmware_service.app.sources import open_camera, open_microphone
from firmware_service.capture.clock import SystemClock
from firmware_service.ports import Lamp
from firmware_service.screen.protocol import Prompt
from firmware_service.settings import Settings, load

pytestmark = pytest.mark.device
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def settings() -> Settings:
    path = os.environ.get("STROKE_SETTINGS")
    return load(Path(path) if path else None, os.environ)


def test_the_camera_gives_its_rate_and_holds_its_exposure(settings: Settings) -> None:
    camera = open_camera(settings.camera, CLOCK)
    frames = [camera.read() for _ in range(30)]
    assert all(a.captured_at < b.captured_at for a, b in pairwise(frames))
    assert all(0.0 <= CLOCK.now() - frame.captured_at < 10.0 for frame in frames)
    rate_hz = 29 / (frames[-1].captured_at - frames[0].captured_at)
    assert rate_hz > 0.8 * camera.format.rate_hz
    assert camera.why_not is None
    camera.hold(wanted=True)
    for _ in range(30):
        camera.read()
    held = camera.locked
    camera.hold(wanted=False)
    camera.read()
    camera.close()
    assert held or settings.camera.kind == "argus"  # argus cannot


def test_the_microphone_hears_the_room(settings: Settings) -> None:
    microphone = open_microphone(settings.microphone, CLOCK)
    heard = np.concatenate([microphone.read().samples for _ in range(90)])
    microphone.close()
    assert np.abs(heard).max() < 1.0
    assert heard[16_000:].std() > 1e-6


def test_the_light_and_the_voice_go_through_every_state(settings: Settings, tmp_path: Path) -> None:
    hands = Hands(lambda _drift: None, lambda: None)
    with os.fdopen(os.dup(0)) as keys:
        panel = open_panel(
            settings.panel,
            state_dir=tmp_path,
            clock=CLOCK,
            keys=keys,
            out=io.StringIO(),
            hands=hands,
        )
        for lamp in Lamp:
            panel.light.show(lamp)
            time.sleep(2.0)
        time.sleep(panel.voice.say(Prompt.FINISHED))
        fault = getattr(panel.voice, "fault", None)
        panel.close()
    assert fault is None
