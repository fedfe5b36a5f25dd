"""Any Linux board's pins by libgpiod, as on the Jetson: a chip (/dev/gpiochip0) and line numbers.

These lines cannot dim: the patterns stay, colours are the seven full mixtures.
"""

from __future__ import annotations

import os
import select
from datetime import timedelta

import gpiod
from gpiod.line import Bias, Direction, Edge, Value

from firmware_service.panel.errors import PanelError

CONSUMER = "stroke-screen"


class GpiodSwitch:
    """A button between this line and ground, pulled up by the chip or by a resistor.

    Raises:
        PanelError: there is no such line, or another program holds it.
    """

    def __init__(self, chip: str, line: int) -> None:
        self._line = line
        pull_up = gpiod.LineSettings(
            direction=Direction.INPUT, bias=Bias.PULL_UP, edge_detection=Edge.BOTH, active_low=True
        )
        self._request = _request(chip, (line,), pull_up, "button line")
        self._wake_read, self._wake_write = os.pipe()
        self._closed = False

    @property
    def closed_contact(self) -> bool:
        """Whether the contact is closed now."""
        return self._request.get_value(self._line) is Value.ACTIVE

    def wait(self, timeout_s: float | None) -> None:
        """Return at the next change of the contact, after `timeout_s`, or when woken."""
        ready, _, _ = select.select([self._request.fd, self._wake_read], [], [], timeout_s)
        if self._request.fd in ready and self._request.wait_edge_events(timedelta(0)):
            self._request.read_edge_events()
        if self._wake_read in ready:
            os.read(self._wake_read, 1)

    def wake(self) -> None:
        """From any thread: let who waits go on."""
        os.write(self._wake_write, b"\0")

    def close(self) -> None:
        """Free the line."""
        if not self._closed:
            self._closed = True
            self._request.release()
            os.close(self._wake_read)
            os.close(self._wake_write)


class GpiodColours:
    """Three lines with a light each, common cathode.

    Raises:
        PanelError: there is no such line, or another program holds it.
    """

    def __init__(self, chip: str, red: int, green: int, blue: int) -> None:
        self._lines = (red, green, blue)
        off = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=Value.INACTIVE)
        self._request = _request(chip, self._lines, off, "light lines")
        self._shown: tuple[Value, ...] = ()
        self._closed = False

    def put(self, red: float, green: float, blue: float) -> None:
        """Light up what is at least half as bright as the brightest, if that is at least 0.5."""
        brightest = max(red, green, blue)
        least = 0.5 * brightest if brightest >= 0.5 else 1.0
        wanted = tuple(
            Value.ACTIVE if part >= least else Value.INACTIVE for part in (red, green, blue)
        )
        if wanted != self._shown and not self._closed:
            self._request.set_values(dict(zip(self._lines, wanted, strict=True)))
            self._shown = wanted

    def close(self) -> None:
        """Switch off and free the lines."""
        if not self._closed:
            self.put(0.0, 0.0, 0.0)
            self._closed = True
            self._request.release()


def _request(
    chip: str, lines: tuple[int, ...], kind: gpiod.LineSettings, what: str
) -> gpiod.LineRequest:
    try:
        return gpiod.request_lines(chip, consumer=CONSUMER, config={lines: kind})
    except (OSError, ValueError) as error:
        raise PanelError(
            f"{what} of {chip} cannot be used ({error}); see `gpioinfo`, and whether this user "
            "is in group gpio"
        ) from error
