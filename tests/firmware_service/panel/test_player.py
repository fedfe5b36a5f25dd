"""The real `aplay` on ALSA devices made of files: what is said comes out, faults are told."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.capture.clock import SystemClock
from firmware_service.panel.errors import LoudspeakerFailed, PanelError
from firmware_service.panel.player import AplayPlayer
from firmware_service.panel.prompts import Language
from firmware_service.panel.speaker import VoiceSpeaker
from firmware_service.panel.spoken import load_spoken
from firmware_service.screen.protocol import Prompt

WAIT_S = 20.0

needs_aplay = pytest.mark.skipif(
    shutil.which("aplay") is None, reason="aplay is not installed: apt install alsa-utils"
)


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ALSA's default device writes what it plays into this file."""
    out = tmp_path / "heard.raw"
    (tmp_path / "asound.conf").write_text(
        f'pcm.default {{ type file slave.pcm "null" file "{out}" format "raw" }}\n'
        "pcm.null { type null }\nctl.default { type null }\n"
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    return out


def eventually(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not true() and time.monotonic() < give_up:
        time.sleep(0.01)
    assert true()


@needs_aplay
def test_what_is_played_is_what_comes_out(heard: Path) -> None:
    sound = load_spoken(Language.ENGLISH)[Prompt.RETAKE]
    AplayPlayer().play(sound)
    out = np.fromfile(heard, "<i2").astype(np.float32) / 32767
    assert np.abs(out[: len(sound)] - sound).max() < 1e-4
    assert not out[len(sound) :].any()


@needs_aplay
def test_prompts_are_played_in_order_and_say_returns_at_once(heard: Path) -> None:
    out = io.StringIO()
    speaker = VoiceSpeaker(AplayPlayer(), SystemClock(), Language.GERMAN, out)
    sounds = load_spoken(Language.GERMAN)
    before = time.monotonic()
    speaker.say(Prompt.CANCELLED)
    speaker.say(Prompt.FINISHED)
    assert time.monotonic() - before < 0.2
    eventually(lambda: heard.exists() and heard.stat().st_size >= 2 * len(sounds["finished"]))
    speaker.close()
    assert "Abgebrochen" in out.getvalue().splitlines()[0]
    assert speaker.fault is None


def test_another_language_is_another_recording() -> None:
    speaker = VoiceSpeaker(Deaf(), SystemClock())
    english = speaker.say(Prompt.SMILE)
    speaker.cut()
    speaker.language = Language.TURKISH
    assert speaker.say(Prompt.SMILE) != pytest.approx(english, abs=1e-3)
    speaker.close()


class Deaf:
    """A player that takes everything and can be asked what it took."""

    def __init__(self) -> None:
        self.played: list[int] = []
        self.stopped = 0

    def play(self, sound: NDArray[np.float32]) -> None:
        self.played.append(len(sound))

    def stop(self) -> None:
        self.stopped += 1


class Slow(Deaf):
    """Plays until it is stopped."""

    def play(self, sound: NDArray[np.float32]) -> None:
        super().play(sound)
        stopped = self.stopped
        while self.stopped == stopped:
            time.sleep(0.005)


def test_cutting_silences_what_is_said_and_what_was_to_follow() -> None:
    player = Slow()
    speaker = VoiceSpeaker(player, SystemClock())
    whole = speaker.say(Prompt.ARMS)
    speaker.say(Prompt.ARMS)
    eventually(lambda: len(player.played) == 1)
    speaker.cut()
    assert speaker.say(Prompt.ARMS) == pytest.approx(whole, abs=0.2)
    eventually(lambda: len(player.played) == 2)
    speaker.close()
    speaker.close()
    assert len(player.played) == 2


@needs_aplay
def test_a_loudspeaker_that_is_not_there_is_told_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asound.conf").write_text("pcm.null { type null }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    player = AplayPlayer("plughw:9,9")
    with pytest.raises(LoudspeakerFailed, match=r"'plughw:9,9' cannot be used .* see `aplay -L`"):
        player.play(np.zeros(160, np.float32))
    speaker = VoiceSpeaker(player, SystemClock())
    assert speaker.say(Prompt.SMILE) > 1.0
    eventually(lambda: speaker.fault is not None)
    speaker.close()


def test_without_aplay_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PanelError, match="apt install alsa-utils"):
        AplayPlayer()
