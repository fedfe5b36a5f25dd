"""A Raspberry Pi's pins by gpiozero (lgpio underneath), by their BCM numbers."""

from __future__ import annotations

import threading

from gpiozero import RGBLED, DigitalInputDevice, GPIOZeroError
from gpiozero.pins import Factory

from firmware_service.panel.errors import PanelError


def raspberry_pi() -> Factory:
    """The pins of the Raspberry Pi that this runs on.

    Raises:
        ImportError: lgpio is not installed.
        PanelError: this is no Raspberry Pi, or its pins may not be used.
    """
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - on the Pi only

    try:
        return LGPIOFactory()
    except Exception as error:  # lgpio raises its own and plain ones
        raise PanelError(_remedy("the Raspberry Pi's pins", error)) from error


class GpiozeroSwitch:
    """A button between this pin and ground, with the board's own pull-up.

    Raises:
        PanelError: there is no such pin, or another program holds it.
    """

    def __init__(self, pin: int, factory: Factory | None = None) -> None:
        self._changed = threading.Event()
        try:
            self._device = DigitalInputDevice(pin, pull_up=True, pin_factory=factory)
        except GPIOZeroError as error:
            raise PanelError(_remedy(f"button pin {pin}", error)) from error
        self._device.when_activated = self._changed.set
        self._device.when_deactivated = self._changed.set

    @property
    def closed_contact(self) -> bool:
        """Whether the contact is closed now."""
        return bool(self._device.is_active)

    def wait(self, timeout_s: float | None) -> None:
        """Return at the next change of the contact, after `timeout_s`, or when woken."""
        self._changed.wait(timeout_s)
        self._changed.clear()

    def wake(self) -> None:
        """From any thread: let who waits go on."""
        self._changed.set()

    def close(self) -> None:
        """Free the pin."""
        self._device.close()


class GpiozeroColours:
    """Three pins with a light each, common cathode, dimmed by pulse width.

    Raises:
        PanelError: there is no such pin, or another program holds it.
    """

    def __init__(self, red: int, green: int, blue: int, factory: Factory | None = None) -> None:
        try:
            self._device = RGBLED(red, green, blue, pin_factory=factory)
        except GPIOZeroError as error:
            raise PanelError(_remedy(f"light pins {red}, {green}, {blue}", error)) from error

    def put(self, red: float, green: float, blue: float) -> None:
        """Set the brightness of each, 0…1."""
        if not self._device.closed:
            self._device.value = (red, green, blue)

    def close(self) -> None:
        """Switch off and free the pins."""
        self._device.close()


def _remedy(what: str, error: Exception) -> str:
    why = " ".join(str(error).split())
    return f"{what} cannot be used ({why}); see `pinout`, and whether this user is in group gpio"
