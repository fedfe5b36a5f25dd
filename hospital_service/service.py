"""The receiver, put together: link, ingest, files and receipts around one mailbox."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from firmware_service.wire.topics import hospital_filters
from firmware_service.wire.v1 import LinkState, Receipt, ReceiptKind, Report
from hospital_service.errors import HospitalError
from hospital_service.events import (
    Event,
    FilesFailed,
    FilesWritten,
    LinkLost,
    Listener,
    Ready,
    ReceiptRefused,
    SeenSent,
    Stored,
)
from hospital_service.files import FileWriter
from hospital_service.ingest import Ingest
from hospital_service.letters import Arrived, Letter, LinkDown, LinkUp, NotTaken, WorkerFailed
from hospital_service.link import Handed, Link
from hospital_service.settings import Settings
from hospital_service.store.reading import PlannedReceipt
from hospital_service.store.repository import Store
from hospital_service.trust import HospitalKeys, TrustedUnits
from hospital_service.voice import Saying, Voice

BATCH = 100
MAILBOX = 1000
TICK_S = 0.1
SEEN_RETRY_S = 10.0


class Service:
    """One receiver process. Listeners are called on the thread that runs it."""

    def __init__(self, settings: Settings, listeners: Sequence[Listener]) -> None:
        """Load the keys and open the database; nothing is connected yet.

        Raises:
            KeysError: a key is missing or unfit.
            StoreError: the database cannot be opened.
        """
        self._settings = settings
        self._listeners = listeners
        keys = HospitalKeys.load(settings.keys_dir)
        self.units = TrustedUnits(settings.units_dir, settings.agency)
        self.store = Store(settings.database_url)
        self._voice = Voice(settings.agency, settings.site, keys.signing)
        self._mailbox: queue.Queue[Letter] = queue.Queue(MAILBOX)
        self._stopping = threading.Event()
        self._seen_tried: dict[int, tuple[float, Handed]] = {}
        self._ingest = Ingest(
            store=self.store, keys=keys, units=self.units, voice=self._voice, listener=self._heard
        )
        self._files = (
            FileWriter(self.store, settings.out_dir, self._mailbox) if settings.out_dir else None
        )
        self._link = Link(
            settings.broker,
            client_id=f"ed-{settings.agency}-{settings.site}",
            filters=hospital_filters(settings.agency),
            statuses=self._statuses,
            mailbox=self._mailbox,
        )

    def run(self) -> None:
        """Serve until `stop`, which any thread or signal handler may call.

        Raises:
            HospitalError: what a restart or a person must heal; everything is left consistent.
        """
        if self._files is not None:
            self._files.start()
        self._link.start()
        try:
            while not self._stopping.is_set():
                self._step(self._collect())
        finally:
            self._link.stop()
            if self._files is not None:
                self._files.stop()
            self.store.close()

    def stop(self) -> None:
        """Ask `run` to return."""
        self._stopping.set()

    def _collect(self) -> Sequence[Letter]:
        """The letters that are there, waiting a little for the first."""
        letters: list[Letter] = []
        try:
            letters.append(self._mailbox.get(timeout=TICK_S))
            while len(letters) < BATCH:
                letters.append(self._mailbox.get_nowait())
        except queue.Empty:
            pass
        return letters

    def _step(self, letters: Sequence[Letter]) -> None:
        arrived = [letter for letter in letters if isinstance(letter, Arrived)]
        if arrived:
            self._ingest.take(arrived, self._link)
        for letter in letters:
            match letter:
                case LinkUp(protocol=protocol):
                    broker = self._settings.broker
                    self._tell(Ready(broker.host, broker.port, protocol))
                case LinkDown(reason=reason):
                    self._tell(LinkLost(reason))
                case NotTaken(reason=reason):
                    self._tell(ReceiptRefused(reason))
                case WorkerFailed(error=HospitalError() as error):
                    raise error
                case WorkerFailed(worker=worker, error=error):
                    raise HospitalError(
                        f"thread {worker} failed: {type(error).__name__}: {error}"
                    ) from error
                case FilesWritten() | FilesFailed():
                    self._tell(letter)
                case Arrived():
                    pass
        self._send_seen()

    def _heard(self, event: Event) -> None:
        if (
            self._files is not None
            and isinstance(event, Stored)
            and isinstance(event.document, Report)
        ):
            self._files.wake()
        self._tell(event)

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _send_seen(self) -> None:
        """Send the "seen" receipts that wait, each again until the broker has it."""
        with self.store.reading() as reading:
            planned = reading.planned_receipts()
        for one in planned:
            tried = self._seen_tried.get(one.receipt_id)
            if tried is not None and tried[1].taken:
                with self.store.writing() as writing:
                    writing.log_receipt_again(_receipt(one, self._settings.site))
                del self._seen_tried[one.receipt_id]
                self._tell(SeenSent(one.unit, one.screen_id, one.by_role))
            elif tried is None or time.monotonic() - tried[0] > SEEN_RETRY_S:
                saying = self._voice.receipt(_receipt(one, self._settings.site), one.unit)
                handed = self._link.publish(saying)
                if handed is not None:
                    self._seen_tried[one.receipt_id] = (time.monotonic(), handed)

    def _statuses(self) -> tuple[Saying, Saying]:
        """Birth and will of a new connection, under a session number above every one before.

        It is at least the seconds since 1970, so that a new database does not start below what
        the units have heard.
        """
        now = datetime.now(UTC)
        with self.store.writing() as writing:
            session = writing.count("receiver session", at_least=int(now.timestamp()))
        return (
            self._voice.status(LinkState.ONLINE, session, now, now),
            self._voice.status(LinkState.OFFLINE, session, now, None),
        )


def _receipt(planned: PlannedReceipt, site: str) -> Receipt:
    return Receipt(
        receipt=ReceiptKind.SEEN,
        message_id=planned.message_id,
        screen_id=planned.screen_id,
        site=site,
        at=planned.at,
        by_role=planned.by_role,
    )
