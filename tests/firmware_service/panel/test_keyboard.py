"""The keyboard on a real pseudo-terminal: keys, arms, and the terminal put back as it was."""

from __future__ import annotations

import os
import queue
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_service.panel.keyboard import KeyboardButton
from firmware_service.ports import Press
from firmware_service.types import ArmDrift

WAIT_S = 10.0


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    hand, device = os.openpty()
    yield hand, device
    os.close(hand)
    os.close(device)


def test_keys_are_presses_and_digits_are_arms(terminal: tuple[int, int]) -> None:
    hand, device = terminal
    typed: queue.Queue[Press | ArmDrift] = queue.Queue()
    with os.fdopen(os.dup(device)) as keys:
        button = KeyboardButton(keys)
        button.listen(typed.put)
        button.listen_arms(typed.put)
        os.write(hand, b"\nxd0q31\n24")
        got = [typed.get(timeout=WAIT_S) for _ in range(9)]
        button.close()
    assert got == [
        Press.SHORT, Press.DOUBLE, ArmDrift.NONE, Press.LONG, ArmDrift.BOTH, ArmDrift.LEFT,
        Press.SHORT, ArmDrift.RIGHT, ArmDrift.CANNOT_TEST,
    ]  # fmt: skip
    assert typed.empty()


def test_the_terminal_is_given_back_as_it_was(terminal: tuple[int, int]) -> None:
    _, device = terminal
    before = termios.tcgetattr(device)
    with os.fdopen(os.dup(device)) as keys:
        button = KeyboardButton(keys)
        button.listen(lambda _press: None)
        assert termios.tcgetattr(device)[3] & termios.ICANON == 0
        button.close()
        button.close()
    assert termios.tcgetattr(device) == before
    assert "keyboard" not in {thread.name for thread in threading.enumerate()}


def test_a_file_of_keys_is_read_to_its_end(tmp_path: Path) -> None:
    script = tmp_path / "keys"
    script.write_text("\nd1q")
    typed: queue.Queue[Press | ArmDrift] = queue.Queue()
    with script.open() as keys:
        button = KeyboardButton(keys)
        button.listen_arms(typed.put)
        assert typed.get(timeout=WAIT_S) is ArmDrift.LEFT
        button.close()
