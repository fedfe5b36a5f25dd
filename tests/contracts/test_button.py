"""Every button: presses arrive once, in order, and none after it was closed."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from firmware_service.capture.clock import SystemClock
from firmware_service.panel.gpio import GpioButton
from firmware_service.panel.gpiozero_pins import GpiozeroSwitch
from firmware_service.panel.keyboard import PRESSES, KeyboardButton
from firmware_service.panel.presses import DOUBLE_S, LONG_S
from firmware_service.panel.scripted import ScriptedButton
from firmware_service.ports import Button, Press

Hand = Callable[[Press], None]


def scripted() -> Iterator[tuple[Button, Hand]]:
    button = ScriptedButton()
    yield button, button.press


def keyboard() -> Iterator[tuple[Button, Hand]]:
    hand, device = os.openpty()
    keys = {press: key.encode() for key, press in PRESSES.items()}
    with os.fdopen(device) as terminal:
        button = KeyboardButton(terminal)
        yield button, lambda press: void(os.write(hand, keys[press]))
        button.close()
    os.close(hand)


def gpio() -> Iterator[tuple[Button, Hand]]:
    board = MockFactory()
    pin = board.pin(17)
    button = GpioButton(GpiozeroSwitch(17, board), SystemClock())

    def hold(seconds: float) -> None:
        pin.drive_low()
        time.sleep(seconds)
        pin.drive_high()
        time.sleep(0.1)

    def hand(press: Press) -> None:
        hold(LONG_S + 0.1 if press is Press.LONG else 0.1)
        if press is Press.DOUBLE:
            hold(0.1)
        if press is Press.SHORT:
            time.sleep(DOUBLE_S)

    yield button, hand
    button.close()
    board.close()


def void(_written: int) -> None:
    """A press gives nothing back."""


@pytest.fixture(params=[scripted, keyboard, gpio])
def button_and_hand(request: pytest.FixtureRequest) -> Iterator[tuple[Button, Hand]]:
    yield from request.param()


def test_presses_arrive_once_and_in_order(button_and_hand: tuple[Button, Hand]) -> None:
    button, hand = button_and_hand
    got: queue.Queue[Press] = queue.Queue()
    button.listen(got.put)
    presses = [Press.SHORT, Press.DOUBLE, Press.LONG, Press.SHORT, Press.SHORT]
    for press in presses:
        hand(press)
    assert [got.get(timeout=10.0) for _ in presses] == presses
    assert got.empty()


def test_nothing_arrives_after_close_and_closing_twice_is_allowed(
    button_and_hand: tuple[Button, Hand],
) -> None:
    button, hand = button_and_hand
    got: queue.Queue[Press] = queue.Queue()
    button.listen(got.put)
    button.close()
    button.close()
    hand(Press.SHORT)
    with pytest.raises(queue.Empty):
        got.get(timeout=0.2)
