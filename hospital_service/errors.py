"""What the hospital service raises on purpose; one line each, with the remedy."""

from __future__ import annotations


class HospitalError(Exception):
    """The root of all that the hospital service raises on purpose."""


class SettingsError(HospitalError):
    """A setting is unknown, missing or wrong; the message names the key and the remedy."""


class BrokerUnavailable(HospitalError):
    """The broker could not be started, or refused us."""


class StoreError(HospitalError):
    """The database cannot be opened, read or written."""


class KeysError(HospitalError):
    """A key of the receiver is missing or unfit."""
