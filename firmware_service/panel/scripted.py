"""A button without a hand, for tests, replays and commands."""

from __future__ import annotations

from collections.abc import Callable

from firmware_service.ports import Press


class ScriptedButton:
    """A button that is pressed by calling `press`."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Press], None]] = []

    def listen(self, listener: Callable[[Press], None]) -> None:
        """Call `listener` at every press from now on."""
        self._listeners.append(listener)

    def press(self, press: Press) -> None:
        """Press the button in this way now."""
        for listener in self._listeners:
            listener(press)

    def close(self) -> None:
        """Stop listening."""
        self._listeners.clear()
