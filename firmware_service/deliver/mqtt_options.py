"""Where the broker is, how it is spoken to, and how patient we are."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from firmware_service.ports import BrokerError

Protocol: TypeAlias = Literal["5", "3.1.1"]


@dataclass(frozen=True, slots=True)
class Tls:
    """Files for TLS 1.2 or newer; certificate and key make it mutual."""

    ca: Path
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """The context.

        Raises:
            BrokerError: a file is missing or does not fit.
        """
        try:
            context = ssl.create_default_context(cafile=str(self.ca))
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            raise BrokerError(f"TLS files of {self.ca.parent} cannot be used: {error}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """Where the broker is and how patient we are.

    With keepalive 60 a cell hand-over costs up to 115 s, with 4 and the same TCP_USER_TIMEOUT less
    than 5; reconnects are spread over `reconnect_max_s` so that a fleet does not return at once.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    protocol: Protocol = "5"
    keepalive_s: int = 4
    connect_timeout_s: float = 5.0
    ack_timeout_s: float = 10.0
    window: int = 40
    session_expiry_s: int = 7 * 24 * 3600
    reconnect_min_s: float = 0.2
    reconnect_max_s: float = 60.0
    tls: Tls | None = None
