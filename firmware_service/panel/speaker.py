"""Loudspeakers that show their words as text and take as long as a voice would."""

from __future__ import annotations

from typing import TextIO

from firmware_service.panel.prompts import spoken_s, words_of
from firmware_service.ports import Clock


class VoiceQueue:
    """Prompts are spoken one after the other, never over one another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._busy_until = clock.now()

    def add(self, prompt: str) -> float:
        """Queue this prompt; returns the seconds from now until it has been spoken."""
        now = self._clock.now()
        self._busy_until = max(now, self._busy_until) + spoken_s(prompt)
        return self._busy_until - now


class TextSpeaker:
    """Writes each prompt as a line of text."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        self._out = out
        self._queue = VoiceQueue(clock)

    def say(self, prompt: str) -> float:
        """Write the prompt; returns the seconds until a voice would have ended it.

        Raises:
            NoSuchPrompt: nothing is written for this key.
        """
        seconds = self._queue.add(prompt)
        print(f"  “{words_of(prompt)}”", file=self._out, flush=True)
        return seconds


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
        seconds = self._queue.add(prompt)
        self.said.append(prompt)
        return seconds
