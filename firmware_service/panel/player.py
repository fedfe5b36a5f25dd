"""Plays sound through ALSA's own `aplay`: found anew for every sound, so replugging just works."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from firmware_service.panel.errors import LoudspeakerFailed, PanelError
from firmware_service.panel.spoken import RATE_HZ

log = structlog.get_logger()

_LATE_S = 3.0


class Player(Protocol):
    """Something that sound can be played on."""

    def play(self, sound: NDArray[np.float32]) -> None:
        """Play float32 [n] at 16 kHz in −1…1; returns when it has been heard.

        Raises:
            LoudspeakerFailed: it could not be played.
        """
        ...

    def stop(self) -> None:
        """Fall silent at once, from any thread: `play` returns without an error."""
        ...


class AplayPlayer:
    """ALSA's device of this name; "default" is the system's own choice.

    Raises:
        PanelError: `aplay` is not installed.
    """

    def __init__(self, device: str = "default") -> None:
        self._device = device
        program = shutil.which("aplay")
        if program is None:
            raise PanelError("the loudspeaker needs aplay: `apt install alsa-utils`")
        self._command = [program, "-q", "-D", device, "-t", "raw", "-f", "S16_LE"]
        self._command += ["-r", str(RATE_HZ), "-c", "1"]
        self._playing: subprocess.Popen[bytes] | None = None

    def play(self, sound: NDArray[np.float32]) -> None:
        """Play float32 [n] at 16 kHz in −1…1; returns when it has been heard.

        Raises:
            LoudspeakerFailed: the device is not there, or hangs.
        """
        pcm = np.rint(np.clip(sound, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        with subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as playing:
            self._playing = playing
            try:
                _, complaint = playing.communicate(pcm, len(sound) / RATE_HZ + _LATE_S)
            except subprocess.TimeoutExpired as error:
                playing.kill()
                raise LoudspeakerFailed(f"loudspeaker {self._device!r} hangs") from error
        if playing.returncode > 0:
            why = " ".join(complaint.decode(errors="replace").split())
            raise LoudspeakerFailed(
                f"loudspeaker {self._device!r} cannot be used ({why}); see `aplay -L`"
            )

    def stop(self) -> None:
        """Fall silent at once, from any thread: `play` returns without an error."""
        if self._playing is not None:
            self._playing.kill()


class PlayerThread:
    """Plays one sound after the other in a thread named `speaker`; who adds never waits."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._sounds: queue.SimpleQueue[NDArray[np.float32] | None] = queue.SimpleQueue()
        self._fault: str | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str | None:
        """Why the last sound could not be played; None when it was."""
        return self._fault

    def add(self, sound: NDArray[np.float32]) -> None:
        """Play this after what was added before."""
        self._sounds.put(sound)

    def cut(self) -> None:
        """Fall silent at once and forget what was added."""
        while not self._sounds.empty():
            self._sounds.get()
        self._player.stop()

    def close(self) -> None:
        """Fall silent at once and end the thread."""
        self._closing = True
        self.cut()
        self._sounds.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (sound := self._sounds.get()) is not None and not self._closing:
            try:
                self._player.play(sound)
            except LoudspeakerFailed as error:
                self._failed(str(error))
            else:
                self._fault = None

    def _failed(self, why: str) -> None:
        if self._fault is None:
            log.warning("loudspeaker failed", why=why)
        self._fault = why
