"""Button and light on gpiozero's mock pins: real threads, real time, no board."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from firmware_service.capture.clock import SystemClock
from firmware_service.panel.errors import PanelError
from firmware_service.panel.gpio import GpioButton, GpioLight
from firmware_service.panel.gpiod_pins import GpiodColours, GpiodSwitch
from firmware_service.panel.gpiozero_pins import GpiozeroColours, GpiozeroSwitch
from firmware_service.panel.light import COLOURS, LOOKS
from firmware_service.panel.presses import STUCK_S
from firmware_service.ports import Lamp, Press

BUTTON, RED, GREEN, BLUE = 17, 22, 23, 24
WAIT_S = 10.0


@pytest.fixture
def board() -> Iterator[MockFactory]:
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.close()


class AheadClock(SystemClock):
    """The system's clock, which can be put ahead so that nobody has to hold a button for long."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


def eventually(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not true() and time.monotonic() < give_up:
        time.sleep(0.005)
    assert true()


def test_a_bouncing_press_on_real_edges_is_one_press(board: MockFactory) -> None:
    pin = board.pin(BUTTON)
    button = GpioButton(GpiozeroSwitch(BUTTON, board), SystemClock())
    got: queue.Queue[Press] = queue.Queue()
    button.listen(got.put)
    for _ in range(5):
        pin.drive_low()
        pin.drive_high()
    pin.drive_low()
    time.sleep(0.1)
    for _ in range(5):
        pin.drive_high()
        pin.drive_low()
    pin.drive_high()
    assert got.get(timeout=WAIT_S) is Press.SHORT
    time.sleep(0.1)
    button.close()
    assert got.empty()


def test_a_button_that_stays_down_is_told_as_stuck_once_and_heals(board: MockFactory) -> None:
    pin = board.pin(BUTTON)
    clock = AheadClock()
    stuck: list[bool] = []
    button = GpioButton(GpiozeroSwitch(BUTTON, board), clock, lambda: stuck.append(True))
    got: queue.Queue[Press] = queue.Queue()
    button.listen(got.put)
    pin.drive_low()
    assert got.get(timeout=WAIT_S) is Press.LONG
    clock.ahead = STUCK_S
    pin.drive_high()  # a brush of the contact wakes the thread
    pin.drive_low()
    eventually(lambda: button.stuck)
    assert stuck == [True]
    pin.drive_high()
    eventually(lambda: not button.stuck)
    pin.drive_low()
    time.sleep(0.1)
    pin.drive_high()
    assert got.get(timeout=WAIT_S) is Press.SHORT
    button.close()
    assert "button" not in {thread.name for thread in threading.enumerate()}


def test_the_light_shows_colour_and_pattern_without_making_anyone_wait(board: MockFactory) -> None:
    light = GpioLight(GpiozeroColours(RED, GREEN, BLUE, board), SystemClock())
    pins = [board.pin(number) for number in (RED, GREEN, BLUE)]

    def colour() -> tuple[float, ...]:
        return tuple(float(pin.state) for pin in pins)

    before = time.monotonic()
    light.show(Lamp.RECORDING)
    assert time.monotonic() - before < 0.05
    eventually(lambda: colour() == COLOURS[LOOKS[Lamp.RECORDING].colour])
    light.show(Lamp.RAISED)
    eventually(lambda: colour() == (1.0, 0.0, 0.0))
    eventually(lambda: colour() == (0.0, 0.0, 0.0))
    eventually(lambda: colour() == (1.0, 0.0, 0.0))
    light.show(Lamp.NOT_ASSESSABLE)
    eventually(lambda: colour() == (1.0, 0.5, 0.0))
    light.close()
    light.close()
    assert "light" not in {thread.name for thread in threading.enumerate()}


def test_a_pin_that_is_taken_is_refused_with_a_remedy(board: MockFactory) -> None:
    switch = GpiozeroSwitch(BUTTON, board)
    with pytest.raises(PanelError, match=r"button pin 17 cannot be used .*group gpio"):
        GpiozeroSwitch(BUTTON, board)
    with pytest.raises(PanelError, match=r"light pins 17, 23, 24 cannot be used"):
        GpiozeroColours(BUTTON, GREEN, BLUE, board)
    switch.close()
    switch.close()


def test_a_chip_that_is_not_there_is_refused_with_a_remedy(tmp_path: Path) -> None:
    chip = str(tmp_path / "gpiochip9")
    with pytest.raises(PanelError, match=r"button line of .*gpiochip9 cannot be used .*gpioinfo"):
        GpiodSwitch(chip, 4)
    with pytest.raises(PanelError, match="light lines of"):
        GpiodColours(chip, 1, 2, 3)
