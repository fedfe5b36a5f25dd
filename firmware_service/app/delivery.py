"""The way to the hospital, put together: keys, outbox, broker, sender."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from firmware_service.deliver.lanes import Lane
from firmware_service.deliver.mqtt import MqttOptions, PahoBroker, Tls
from firmware_service.deliver.outbox import Sealer, SqliteOutbox
from firmware_service.deliver.receipts import ReceiptDesk
from firmware_service.deliver.sender import Delivery, Sender
from firmware_service.deliver.sender_thread import SenderThread
from firmware_service.deliver.status import EdWatch, SessionCounter, UnitPresence
from firmware_service.ports import Clock
from firmware_service.screen.events import DeliveryStage
from firmware_service.settings import BrokerSettings, Settings, SettingsError
from firmware_service.wire.envelope import SigningIdentity, TrustedSender
from firmware_service.wire.errors import KeyFileError
from firmware_service.wire.keys import RecipientKey, SigningKey, VerifyKey

log = structlog.get_logger()

IN_HOSPITAL = frozenset({DeliveryStage.STORED, DeliveryStage.SEEN})
"""From here on a report is the hospital's."""
DELIVERED = 0
NOT_YET_DELIVERED = 75  # EX_TEMPFAIL of sysexits.h


@dataclass(frozen=True, slots=True)
class Hospitals:
    """The receivers that this unit seals to, and whose receipts it believes."""

    recipients: tuple[RecipientKey, ...]
    senders: dict[str, TrustedSender]


def load_hospitals(folder: Path, agency: str) -> Hospitals:
    """One sub-folder a site, with its `sealing.pub.pem` and `signing.pub.pem`.

    Raises:
        SettingsError: there is no site, or a key of it is missing or unfit.
    """
    sites = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    if not sites:
        raise SettingsError(
            f"{folder}: no hospital's keys; put its sealing.pub.pem and signing.pub.pem into "
            f"{folder}/<site>/"
        )
    recipients, senders = [], {}
    for site in sites:
        try:
            recipients.append(RecipientKey.load(site / "sealing.pub.pem"))
            key = VerifyKey.load(site / "signing.pub.pem")
        except KeyFileError as error:
            raise SettingsError(str(error)) from None
        senders[key.id] = TrustedSender(agency, None, site.name, key)
    return Hospitals(tuple(recipients), senders)


class DeliveryLine:
    """Owns the outbox and the threads that empty it; `tell` hears how far reports have come.

    `tell` and `on_fault` are called from the sender's thread.

    Raises:
        SettingsError: a key is missing or unfit.
        OutboxError: the outbox cannot be opened.
        BrokerError: the TLS files do not fit.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        tell: Callable[[str, DeliveryStage], None],
        on_fault: Callable[[Exception], None],
    ) -> None:
        hospitals = load_hospitals(settings.hospital_keys_dir, settings.agency)
        try:
            key = SigningKey.load(settings.signing_key_file)
        except KeyFileError as error:
            raise SettingsError(str(error)) from None
        identity = SigningIdentity.of_unit(settings.agency, settings.unit, key)
        settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.outbox = SqliteOutbox(
            settings.state_dir / "outbox.sqlite3", Sealer(identity, hospitals.recipients)
        )
        counter = SessionCounter(settings.state_dir / "mqtt-session")
        presence = UnitPresence(identity, counter, clock)
        self._broker = PahoBroker(
            mqtt_options(settings.broker, f"unit-{settings.agency}-{settings.unit}"),
            greet=presence.greet,
        )
        desk = ReceiptDesk(settings.agency, settings.unit, hospitals.senders.get)
        self._tell = tell
        sender = Sender(self.outbox, self._broker, desk, clock, self._delivered)

        def ed_changed(online: bool) -> None:  # noqa: FBT001 - the watch's own signature
            log.info("ED online" if online else "ED offline")
            if online:
                sender.hurry()

        self._watch = EdWatch(self._broker, settings.agency, hospitals.senders.get, ed_changed)
        self._thread = SenderThread(sender, on_fault)

    def start(self) -> None:
        """Connect, and send what waits; both go on in the background."""
        self._broker.connect()
        self._thread.start()

    def close(self) -> None:
        """Stop; what was not receipted stays in the outbox for the next start."""
        self._thread.stop()
        self._broker.close()
        self.outbox.close()

    def _delivered(self, delivery: Delivery) -> None:
        if delivery.lane is Lane.REPORT or delivery.stage is DeliveryStage.SEEN:
            self._tell(delivery.screen_id, delivery.stage)


def mqtt_options(broker: BrokerSettings, client_id: str) -> MqttOptions:
    """The settings as the adapter takes them.

    Raises:
        SettingsError: the password file cannot be read.
    """
    password = None
    if broker.password_file is not None:
        try:
            password = broker.password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"{broker.password_file}: cannot be read ({error.strerror})"
            ) from None
    tls = None
    if broker.ca_file is not None:
        tls = Tls(broker.ca_file, broker.certificate_file, broker.certificate_key_file)
    return MqttOptions(
        host=broker.host,
        port=broker.port,
        client_id=client_id,
        username=broker.username,
        password=password,
        protocol=broker.protocol,
        keepalive_s=broker.keepalive_s,
        tls=tls,
    )
