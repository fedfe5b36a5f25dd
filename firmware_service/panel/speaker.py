"""Loudspeakers: a real one, one that shows its words as text, and one that keeps them."""

from __future__ import annotations

from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from firmware_service.panel.errors import NoSuchPrompt
from firmware_service.panel.player import Player, PlayerThread
from firmware_service.panel.prompts import Language, spoken_s, words_of
from firmware_service.panel.spoken import RATE_HZ, load_spoken
from firmware_service.ports import Clock

PAUSE_S = 0.25
"""After a recorded prompt, before the task: the time in which a listener begins to act."""


class VoiceQueue:
    """What is to be heard comes one after the other, never over one another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._busy_until = clock.now()

    def add(self, seconds: float) -> float:
        """Queue something of this length; returns the seconds from now until it has ended."""
        now = self._clock.now()
        self._busy_until = max(now, self._busy_until) + seconds
        return self._busy_until - now

    def cut(self) -> None:
        """Nothing is being said any more."""
        self._busy_until = self._clock.now()


class TextSpeaker:
    """Writes each prompt as a line of text."""

    def __init__(self, out: TextIO, clock: Clock, language: Language = Language.ENGLISH) -> None:
        self._out = out
        self._queue = VoiceQueue(clock)
        self.language = language

    def say(self, prompt: str) -> float:
        """Write the prompt; returns the seconds until a voice would have ended it.

        Raises:
            NoSuchPrompt: nothing is written for this key.
        """
        seconds = self._queue.add(spoken_s(prompt))
        print(f"  “{words_of(prompt, self.language)}”", file=self._out, flush=True)
        return seconds

    def cut(self) -> None:
        """What is said next waits for nothing."""
        self._queue.cut()


class LogSpeaker:
    """Keeps what was said, for tests and replays."""

    def __init__(self, clock: Clock) -> None:
        self._queue = VoiceQueue(clock)
        self.said: list[str] = []

    def say(self, prompt: str) -> float:
        """Keep the prompt's key; returns the seconds until a voice would have ended it.

        Raises:
            NoSuchPrompt: nothing is written for this key.
        """
        seconds = self._queue.add(spoken_s(prompt))
        self.said.append(prompt)
        return seconds


class VoiceSpeaker:
    """Plays the recorded prompts, in a thread of its own; with `out`, the words stand beside.

    A loudspeaker that fails is told by `fault` and tried again with the next prompt; the screen
    goes on, because `say` counts the same seconds.

    Raises:
        PanelError: a recording is missing.
    """

    def __init__(
        self,
        player: Player,
        clock: Clock,
        language: Language = Language.ENGLISH,
        out: TextIO | None = None,
    ) -> None:
        self._queue = VoiceQueue(clock)
        self._recordings = {language: load_spoken(language)}
        self._language = language
        self._out = out
        self._thread = PlayerThread(player)

    @property
    def language(self) -> Language:
        """What it speaks from the next prompt on; setting it loads that language's recordings."""
        return self._language

    @language.setter
    def language(self, language: Language) -> None:
        if language not in self._recordings:
            self._recordings[language] = load_spoken(language)
        self._language = language

    @property
    def fault(self) -> str | None:
        """Why the last sound could not be played; None when it was."""
        return self._thread.fault

    def say(self, prompt: str) -> float:
        """Speak the prompt after what is still being played; returns the seconds until its end.

        Raises:
            NoSuchPrompt: there is no recording for this key.
        """
        sound = self._recordings[self._language].get(prompt)
        if sound is None:
            raise NoSuchPrompt(f"no recording of the prompt {prompt!r}; run scripts/make-prompts")
        if self._out is not None:
            print(f"  “{words_of(prompt, self._language)}”", file=self._out, flush=True)
        return self._add(sound, PAUSE_S)

    def play(self, sound: NDArray[np.float32]) -> float:
        """Play a short sound (float32 [n] at 16 kHz) after what is still being played."""
        return self._add(sound, 0.0)

    def cut(self) -> None:
        """Fall silent at once and forget what was still to be said."""
        self._thread.cut()
        self._queue.cut()

    def close(self) -> None:
        """Fall silent at once; calling it twice is allowed."""
        self._thread.close()

    def _add(self, sound: NDArray[np.float32], pause_s: float) -> float:
        self._thread.add(sound)
        return self._queue.add(len(sound) / RATE_HZ + pause_s)
