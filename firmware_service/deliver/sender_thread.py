"""The thread that steps the sender."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from firmware_service.deliver.sender import Sender


class SenderThread:
    """A thread named "sender"; `beats` rises with every step, for the watchdog.

    An exception ends the thread and is handed to `on_fault`, which ends the daemon.
    """

    def __init__(self, sender: Sender, on_fault: Callable[[Exception], None]) -> None:
        self.beats = 0
        self._sender = sender
        self._on_fault = on_fault
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        sender.on_wake(self._wake.set)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """End after the current step; what waits stays in the outbox."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wake_at = self._sender.step(time.monotonic())
            except Exception as error:  # noqa: BLE001 - handed on to end the daemon
                self._on_fault(error)
                return
            self.beats += 1
            self._wake.wait(max(0.0, wake_at - time.monotonic()))
