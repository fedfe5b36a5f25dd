"""Takes what waits in the outbox to the broker, by lane, until the hospital has signed for it.

`Sender.step` does what is due and says when it wants to be called again; it starts no thread and
reads no clock, so a test drives it through an hour in a millisecond.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import structlog

from firmware_service.deliver.lanes import EXPIRY_S, WINDOW, Lane, consign
from firmware_service.deliver.outbox import SqliteOutbox, Waiting
from firmware_service.deliver.outbox_file import OutboxFull
from firmware_service.deliver.receipts import ReceiptDesk
from firmware_service.deliver.retry import PUBLISH, RECEIPT
from firmware_service.ports import Broker, Clock, Inbound
from firmware_service.screen.events import DeliveryStage
from firmware_service.wire.errors import WireError
from firmware_service.wire.v1 import ReceiptKind

log = structlog.get_logger()

ACK_TIMEOUT_S = 10.0
EXPIRE_EVERY_S = 5.0
OFFLINE_POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document has come further on its way."""

    message_id: str
    screen_id: str
    lane: Lane | None
    stage: DeliveryStage


@dataclass(slots=True)
class _Parcel:
    """A waiting row and what this run has tried with it."""

    row: Waiting
    due: float
    sent: bool
    refusals: int = 0
    unreceipted: int = 0
    flight: Future[bool] | None = None
    ack_by: float = 0.0


class Sender:
    """Owns the sending of one outbox; `tell` hears of every stage, from the thread that steps.

    A receipt of "seen" has no row any more, so its `Delivery` has no lane.
    """

    def __init__(
        self,
        outbox: SqliteOutbox,
        broker: Broker,
        desk: ReceiptDesk,
        clock: Clock,
        tell: Callable[[Delivery], None],
        *,
        seed: int | None = None,
    ) -> None:
        self.refused_receipts = 0
        self._outbox = outbox
        self._broker = broker
        self._desk = desk
        self._clock = clock
        self._tell = tell
        self._chance = random.Random(seed)  # noqa: S311 - jitter, not secrets
        self._parcels: dict[Lane, dict[int, _Parcel]] = {lane: {} for lane in Lane}
        self._by_id: dict[str, _Parcel] = {}
        self._flying: list[_Parcel] = []
        self._read_up_to = 0
        self._inbox: deque[Inbound] = deque()
        self._hurry = threading.Event()
        self._was_connected = False
        self._expire_at = 0.0
        self._wake: Callable[[], None] = lambda: None
        outbox.listen(self._nudge)
        broker.subscribe(desk.topic_filter, self._arrived)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call `wake`, from any thread, when there is something to do before the time told."""
        self._wake = wake

    def hurry(self) -> None:
        """The hospital is back: everything without a receipt is due now. From any thread."""
        self._hurry.set()
        self._wake()

    def step(self, now: float) -> float:
        """Do all that is due at `now`; returns when to step again at the latest.

        Raises:
            OutboxError: the outbox cannot be read or written.
        """
        self._read_receipts()
        self._take_in(now)
        self._settle(now)
        self._note_link(now)
        if self._was_connected:
            for lane in Lane:
                self._send(lane, now)
        return self._next_wake(now)

    def _nudge(self) -> None:
        self._wake()

    def _arrived(self, message: Inbound) -> None:
        self._inbox.append(message)
        self._wake()

    def _read_receipts(self) -> None:
        while self._inbox:
            message = self._inbox.popleft()
            try:
                receipt = self._desk.read(message)
            except WireError as error:
                self.refused_receipts += 1
                log.warning("receipt refused", why=str(error))
                continue
            if receipt.receipt is ReceiptKind.SEEN:
                self._tell(
                    Delivery(receipt.message_id, receipt.screen_id, None, DeliveryStage.SEEN)
                )
                continue
            self._stored(receipt.message_id)

    def _stored(self, message_id: str) -> None:
        try:
            self._outbox.delete_stored(message_id)
        except OutboxFull as error:  # it stays, is sent again, and receipted again
            log.warning("receipt not noted", why=str(error))
            return
        parcel = self._by_id.get(message_id)
        if parcel is not None:
            self._forget(parcel)
            self._say(parcel, DeliveryStage.STORED)

    def _forget(self, parcel: _Parcel) -> None:
        del self._by_id[parcel.row.message_id]
        del self._parcels[parcel.row.lane][parcel.row.sequence]

    def _take_in(self, now: float) -> None:
        if now >= self._expire_at:
            self._expire_at = now + EXPIRE_EVERY_S
            with contextlib.suppress(OutboxFull):
                self._outbox.expire(self._clock.utc())
        for document in self._outbox.delivered_before():
            lane = consign(document).lane
            self._tell(
                Delivery(document.message_id, document.screen_id, lane, DeliveryStage.STORED)
            )
        for row in self._outbox.after(self._read_up_to):
            self._read_up_to = row.sequence
            parcel = _Parcel(row, due=now, sent=row.sent)
            self._parcels[row.lane][row.sequence] = self._by_id[row.message_id] = parcel
            self._say(parcel, DeliveryStage.SENT if row.sent else DeliveryStage.QUEUED)

    def _settle(self, now: float) -> None:
        """Look at what is in flight: acknowledged, refused, or silent for too long."""
        landed = [
            parcel
            for parcel in self._flying
            if parcel.flight is not None and (parcel.flight.done() or now >= parcel.ack_by)
        ]
        first_time = []
        for parcel in landed:
            accepted = parcel.flight is not None and parcel.flight.done() and parcel.flight.result()
            parcel.flight = None
            if accepted:
                parcel.refusals = 0
                parcel.unreceipted += 1
                parcel.due = now + RECEIPT.wait_s(parcel.unreceipted, self._chance)
                if not parcel.sent and parcel.row.message_id in self._by_id:
                    first_time.append(parcel)
            else:
                parcel.refusals += 1
                parcel.due = now + PUBLISH.wait_s(parcel.refusals, self._chance)
        self._flying = [parcel for parcel in self._flying if parcel.flight is not None]
        if first_time:
            with contextlib.suppress(OutboxFull):  # only costs a resend after a restart
                self._outbox.mark_sent(parcel.row.sequence for parcel in first_time)
        for parcel in first_time:
            parcel.sent = True
            self._say(parcel, DeliveryStage.SENT)

    def _note_link(self, now: float) -> None:
        """After a reconnect what was cut off is due at once, what lacks a receipt before long."""
        connected = self._broker.connected
        came_back = connected and not self._was_connected
        self._was_connected = connected
        hurried = self._hurry.is_set()
        self._hurry.clear()
        if not (came_back or hurried):
            return
        for parcel in self._by_id.values():
            if parcel.flight is not None:
                continue
            parcel.refusals = parcel.unreceipted = 0
            if hurried or not parcel.sent:
                parcel.due = now
            else:
                parcel.due = min(parcel.due, now + RECEIPT.wait_s(1, self._chance))

    def _send(self, lane: Lane, now: float) -> None:
        parcels = self._parcels[lane]
        room = WINDOW[lane] - sum(parcel.row.lane is lane for parcel in self._flying)
        for parcel in list(parcels.values()):
            if room <= 0:
                return
            if parcel.flight is not None or parcel.due > now:
                continue
            payload = self._outbox.payload(parcel.row.sequence)
            if payload is None:  # replaced by a newer one, or grown stale
                self._forget(parcel)
                continue
            parcel.ack_by = now + ACK_TIMEOUT_S
            parcel.flight = self._broker.begin_publish(
                parcel.row.topic, payload, expiry_s=EXPIRY_S[lane]
            )
            self._flying.append(parcel)
            parcel.flight.add_done_callback(lambda _: self._wake())
            room -= 1

    def _next_wake(self, now: float) -> float:
        if not self._was_connected:
            return now + OFFLINE_POLL_S
        times = [self._expire_at]
        for parcel in self._flying:
            landed = parcel.flight is not None and parcel.flight.done()
            times.append(now if landed else parcel.ack_by)
        # What is due and had no room in its window goes when something in flight lands.
        times += [parcel.due for parcel in self._by_id.values() if parcel.due > now]
        return min(times)

    def _say(self, parcel: _Parcel, stage: DeliveryStage) -> None:
        self._tell(Delivery(parcel.row.message_id, parcel.row.screen_id, parcel.row.lane, stage))
