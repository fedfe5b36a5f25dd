"""What the settings name is what is opened, or the remedy that is told."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from firmware_service.app.panel import Hands, open_panel
from firmware_service.app.sources import open_camera, open_microphone
from firmware_service.capture.clock import SystemClock
from firmware_service.panel.errors import PanelError
from firmware_service.panel.prompts import Language
from firmware_service.ports import CaptureError
from firmware_service.screen.protocol import Prompt
from firmware_service.settings import CameraSettings, MicrophoneSettings, PanelSettings, load

CLOCK = SystemClock()
HANDS = Hands(lambda _drift: None, lambda: None)


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        (CameraSettings(device="/dev/v4l/by-id/none"), "camera /dev/v4l/by-id/none cannot"),
        (CameraSettings(kind="libcamera", index=99), "ribbon camera"),
        (CameraSettings(kind="argus", index=99), "GStreamer|ribbon camera 99"),
    ],
)
def test_a_camera_that_is_not_there_is_told(settings: CameraSettings, remedy: str) -> None:
    with pytest.raises(CaptureError, match=remedy):
        open_camera(settings, CLOCK)


@pytest.mark.parametrize("library", ["sounddevice", "pyaudio"])
def test_a_microphone_that_is_not_there_is_told(library: str) -> None:
    settings = MicrophoneSettings.model_validate({"library": library, "device": "no such thing"})
    with pytest.raises(CaptureError, match=r"no such thing|PortAudio|PyAudio"):
        open_microphone(settings, CLOCK)


def test_pins_that_are_not_there_are_told(tmp_path: Path) -> None:
    settings = PanelSettings(pins="gpiod", chip=str(tmp_path / "gpiochip9"))
    with pytest.raises(PanelError, match="gpiochip9"):
        open_panel(
            settings, state_dir=tmp_path, clock=CLOCK, keys=io.StringIO(), out=io.StringIO(),
            hands=HANDS,
        )  # fmt: skip


def test_a_panel_without_pins_is_a_keyboard_that_speaks_the_language_last_chosen(
    tmp_path: Path,
) -> None:
    settings = load(None, {"STROKE_PANEL__LANGUAGE": "de"}).panel
    out = io.StringIO()
    hand, device = os.openpty()
    with os.fdopen(device) as keys:
        for language in (Language.GERMAN, Language.SPANISH):
            panel = open_panel(
                settings, state_dir=tmp_path, clock=CLOCK, keys=keys, out=out, hands=HANDS
            )
            panel.button.listen(lambda _press: None)
            assert panel.voice.language is language
            panel.voice.say(Prompt.FINISHED)
            panel.close()
            (tmp_path / "language").write_text("es\n")
    os.close(hand)
    assert "Fertig." in out.getvalue()
    assert "Terminado." in out.getvalue()
