"""Every light: it shows each state, and a state shown again is no new one."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin
from numpy.typing import NDArray

from firmware_service.capture.clock import SystemClock
from firmware_service.panel.chimes import ChimingLight
from firmware_service.panel.gpio import GpioLight
from firmware_service.panel.gpiozero_pins import GpiozeroColours
from firmware_service.panel.light import COLOURS, LOOKS, LogLight, TerminalLight
from firmware_service.ports import Lamp, Light


def log() -> tuple[Light, Callable[[], list[str]]]:
    light = LogLight()
    return light, lambda: [LOOKS[lamp].words for lamp in light.shown]


def terminal() -> tuple[Light, Callable[[], list[str]]]:
    out = io.StringIO()
    return TerminalLight(out), lambda: [
        line.split(": ", 1)[1] for line in out.getvalue().splitlines()
    ]


class Silence:
    """Takes every sound and plays none."""

    def play(self, _sound: NDArray[np.float32]) -> float:
        return 0.0


def chiming() -> tuple[Light, Callable[[], list[str]]]:
    light, shown = log()
    return ChimingLight(light, Silence()), shown


def gpio() -> tuple[Light, Callable[[], list[str]]]:
    """By the colour that the pins mix once each state is shown."""
    board = MockFactory(pin_class=MockPWMPin)
    light = GpioLight(GpiozeroColours(22, 23, 24, board), SystemClock())
    pins = [board.pin(number) for number in (22, 23, 24)]
    shown: list[str] = []

    def hue() -> list[float]:
        levels = [float(pin.state) for pin in pins]
        return [level / max(*levels, 0.01) for level in levels]

    class Watched:
        def show(self, lamp: Lamp) -> None:
            light.show(lamp)
            wanted = pytest.approx(COLOURS[LOOKS[lamp].colour], abs=0.02)
            give_up = time.monotonic() + 5.0
            while hue() != wanted and time.monotonic() < give_up:
                time.sleep(0.001)
            if hue() == wanted and LOOKS[lamp].words not in shown:
                shown.append(LOOKS[lamp].words)

    def done() -> list[str]:
        light.close()
        board.close()
        return shown

    return Watched(), done


@pytest.mark.parametrize("make", [log, terminal, chiming, gpio])
def test_every_state_is_shown_in_order_and_once(
    make: Callable[[], tuple[Light, Callable[[], list[str]]]],
) -> None:
    light, shown = make()
    for lamp in Lamp:
        light.show(lamp)
        light.show(lamp)
    assert shown() == [LOOKS[lamp].words for lamp in Lamp]
