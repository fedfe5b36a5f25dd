"""Who signs, and whom the other end trusts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

from firmware_service.wire.keys import SigningKey, VerifyKey


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """Who signs: a unit of an agency, or a hospital's site speaking to that agency."""

    agency: str
    unit: str | None
    site: str | None
    key: SigningKey

    @classmethod
    def of_unit(cls, agency: str, unit: str, key: SigningKey) -> Self:
        """An ambulance."""
        return cls(agency, unit, None, key)

    @classmethod
    def of_site(cls, agency: str, site: str, key: SigningKey) -> Self:
        """A hospital, towards one agency."""
        return cls(agency, None, site, key)

    @property
    def trusted(self) -> TrustedSender:
        """What the other end keeps about this identity."""
        return TrustedSender(self.agency, self.unit, self.site, self.key.verify_key)


@dataclass(frozen=True, slots=True)
class TrustedSender:
    """Whose key this is; a key speaks for nobody else."""

    agency: str
    unit: str | None
    site: str | None
    key: VerifyKey
    revoked: bool = False


SenderLookup: TypeAlias = Callable[[str], TrustedSender | None]
"""From a key id to its owner; `dict.get` will do."""
