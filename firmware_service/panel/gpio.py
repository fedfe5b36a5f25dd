"""The one button and the one light on a board's pins."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from firmware_service.panel.light import COLOURS, LOOKS, brightness
from firmware_service.panel.pins import ColourPins, Switch
from firmware_service.panel.presses import Contact, look, next_look
from firmware_service.ports import Clock, Lamp, Press

log = structlog.get_logger()

FRAME_S = 0.04


class GpioButton:
    """Presses of a switch, found in a thread named `button`.

    `on_stuck` is called once when the button has been held for longer than any hand means to; it
    is ignored until it is let go.
    """

    def __init__(
        self, switch: Switch, clock: Clock, on_stuck: Callable[[], None] = lambda: None
    ) -> None:
        self._switch = switch
        self._clock = clock
        self._on_stuck = on_stuck
        self._listeners: list[Callable[[Press], None]] = []
        self._closing = threading.Event()
        self._stuck = False
        self._thread = threading.Thread(target=self._run, name="button", daemon=True)

    @property
    def stuck(self) -> bool:
        """Whether the button is being held and no longer listened to."""
        return self._stuck

    def listen(self, listener: Callable[[Press], None]) -> None:
        """Call `listener` at every press from now on, from the button's thread."""
        self._listeners.append(listener)
        if not self._thread.is_alive() and not self._closing.is_set():
            self._thread.start()

    def close(self) -> None:
        """Stop listening and free the pin; calling it twice is allowed."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._switch.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._switch.close()

    def _run(self) -> None:
        contact = Contact.at_start(self._switch.closed_contact, self._clock.now())
        while not self._closing.is_set():
            due = next_look(contact)
            if due is None:
                self._switch.wait(None)
            elif (left := due - self._clock.now()) > 0:
                self._switch.wait(left)
            if self._closing.is_set():
                return
            now = self._clock.now()
            contact, presses = look(contact, self._switch.closed_contact, now)
            for press in presses:
                for listener in self._listeners:
                    listener(press)
            self._note_stuck(contact.stuck)

    def _note_stuck(self, stuck: bool) -> None:  # noqa: FBT001 - the state itself
        if stuck and not self._stuck:
            log.warning("button stuck")
            self._on_stuck()
        self._stuck = stuck


class GpioLight:
    """A coloured light that moves in its pattern, in a thread named `light`; `show` never waits."""

    def __init__(self, pins: ColourPins, clock: Clock) -> None:
        self._pins = pins
        self._clock = clock
        self._shown: tuple[Lamp, float] | None = None
        self._changed = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="light", daemon=True)
        self._thread.start()

    def show(self, lamp: Lamp) -> None:
        """Show this state from now on; its pattern begins anew only when the state is another."""
        if self._shown is None or self._shown[0] is not lamp:
            self._shown = (lamp, self._clock.now())
            self._changed.set()

    def close(self) -> None:
        """Go dark and free the pins; calling it twice is allowed."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._changed.set()
        self._thread.join()
        self._pins.close()

    def _run(self) -> None:
        before: tuple[float, ...] = ()
        while not self._closing.is_set():
            if self._shown is not None:
                lamp, since = self._shown
                level = brightness(LOOKS[lamp].pattern, self._clock.now() - since)
                red, green, blue = (level * part for part in COLOURS[LOOKS[lamp].colour])
                if (red, green, blue) != before:
                    self._pins.put(red, green, blue)
                    before = (red, green, blue)
            self._changed.wait(FRAME_S)
            self._changed.clear()
