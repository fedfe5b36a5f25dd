"""The button and the arm entry on a keyboard, for benches and demonstrations.

Enter is a short press, d a double, q a long one; 0 none, 1 left, 2 right, 3 both, 4 cannot test.
"""

from __future__ import annotations

import atexit
import os
import selectors
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from firmware_service.ports import Press
from firmware_service.types import ArmDrift

PRESSES: dict[str, Press] = {
    "\n": Press.SHORT,
    "\r": Press.SHORT,
    "d": Press.DOUBLE,
    "q": Press.LONG,
}
ARMS: dict[str, ArmDrift] = {
    "0": ArmDrift.NONE,
    "1": ArmDrift.LEFT,
    "2": ArmDrift.RIGHT,
    "3": ArmDrift.BOTH,
    "4": ArmDrift.CANNOT_TEST,
}
HELP = "Enter: start · d: repeat · q: cancel · arms: 0 none, 1 left, 2 right, 3 both, 4 cannot test"


class KeyboardButton:
    """Reads single keys from a file with a descriptor; a terminal is put back as it was on close.

    Keys are read in a thread of their own, named `keyboard`, from the first `listen` on.
    """

    def __init__(self, keys: TextIO) -> None:
        self._fd = keys.fileno()
        self._listeners: list[Callable[[Press], None]] = []
        self._arm_listeners: list[Callable[[ArmDrift], None]] = []
        self._wake_read, self._wake_write = os.pipe()
        self._reader: threading.Thread | None = None
        self._terminal: list[Any] | None = None
        self._closed = False

    def listen(self, listener: Callable[[Press], None]) -> None:
        """Call `listener` at every press from now on."""
        self._listeners.append(listener)
        self._start()

    def listen_arms(self, listener: Callable[[ArmDrift], None]) -> None:
        """Call `listener` whenever a digit for the arms is typed from now on."""
        self._arm_listeners.append(listener)
        self._start()

    def close(self) -> None:
        """Stop listening and give the terminal back; calling it twice is allowed."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        os.write(self._wake_write, b"\0")
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join()
        if self._terminal is not None:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._terminal)
        os.close(self._wake_write)
        os.close(self._wake_read)

    def _start(self) -> None:
        if self._reader is not None or self._closed:
            return
        if os.isatty(self._fd):
            self._terminal = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd)
        atexit.register(self.close)
        self._reader = threading.Thread(target=self._read, name="keyboard", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for key in self._keys():
            if (press := PRESSES.get(key)) is not None:
                for listener in self._listeners:
                    listener(press)
            elif (drift := ARMS.get(key)) is not None:
                for arm_listener in self._arm_listeners:
                    arm_listener(drift)

    def _keys(self) -> Iterator[str]:
        with selectors.SelectSelector() as either:
            either.register(self._fd, selectors.EVENT_READ)
            either.register(self._wake_read, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in either.select()}
                if self._wake_read in ready:
                    return
                typed = os.read(self._fd, 1)
                if not typed:
                    return
                yield typed.decode("latin-1")
