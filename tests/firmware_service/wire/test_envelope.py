"""Nothing that a hostile broker or another unit can do to an envelope gets past it."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.wire import envelope as envelope_module
from firmware_service.wire import examples, v1
from firmware_service.wire.codec import MAX_DOCUMENT_BYTES, encode
from firmware_service.wire.envelope import (
    MAX_PAYLOAD_BYTES,
    SigningIdentity,
    TrustedSender,
    open_sealed,
    read_opened,
    seal,
)
from firmware_service.wire.errors import (
    CodecError,
    Forged,
    Malformed,
    NotSealed,
    RevokedSender,
    TooLarge,
    UnknownSender,
    UnknownVersion,
    WireError,
    WrongRecipient,
    WrongTopic,
)
from firmware_service.wire.keys import SealingKey, SigningKey
from firmware_service.wire.replay import ReplayKey, Verdict, judge
from firmware_service.wire.topics import (
    EdStatusTopic,
    ReceiptTopic,
    ScreenPart,
    ScreenTopic,
    UnitStatusTopic,
)

AGENCY, UNIT, SITE, SCREEN = examples.AGENCY, examples.UNIT, examples.SITE, examples.SCREEN_ID
EPOCH = "01KA3Z5V0000000000000000EE"
ED = SealingKey.generate()
DIVERSION = SealingKey.generate()
MEDIC = SigningIdentity.of_unit(AGENCY, UNIT, SigningKey.generate())
OTHER = SigningIdentity.of_unit(AGENCY, "medic-8", SigningKey.generate())
HOSPITAL = SigningIdentity.of_site(AGENCY, SITE, SigningKey.generate())
TRUSTED = {who.key.id: who.trusted for who in (MEDIC, OTHER, HOSPITAL)}
SIGNAL = str(ScreenTopic(AGENCY, UNIT, SCREEN, ScreenPart.SIGNAL))
RECEIPT = str(ReceiptTopic(AGENCY, UNIT, SCREEN))


def sealed(
    document: v1.Document | None = None,
    *,
    topic: str = SIGNAL,
    sender: SigningIdentity = MEDIC,
    sequence: int = 7,
) -> bytes:
    return seal(
        document or examples.signal(),
        topic=topic,
        sender=sender,
        epoch=EPOCH,
        sequence=sequence,
        recipients=[ED.recipient_key],
    )


def said(document: v1.Document, topic: str, sender: SigningIdentity) -> bytes:
    return seal(
        document,
        topic=topic,
        sender=sender,
        epoch=EPOCH,
        sequence=1,
        message_id=examples.message_id(90),
        issued_at=examples.AT,
    )


def opened(payload: bytes, topic: str = SIGNAL) -> envelope_module.Opened:
    return open_sealed(payload, topic=topic, senders=TRUSTED.get, recipients=[ED])


def resigned(payload: bytes, sender: SigningIdentity = MEDIC, **changes: object) -> bytes:
    """What a holder of a valid key can make of an envelope."""
    fields = json.loads(payload) | changes
    del fields["signature"]
    signature = sender.key.sign(envelope_module._SIGNED + encode(fields))
    return encode(fields | {"signature": base64.b64encode(signature).decode()})


GOOD = sealed()


def test_what_is_sealed_is_read_by_its_recipients() -> None:
    payload = seal(
        examples.report(),
        topic=str(ScreenTopic(AGENCY, UNIT, SCREEN, ScreenPart.REPORT)),
        sender=MEDIC,
        epoch=EPOCH,
        sequence=1,
        recipients=[ED.recipient_key, DIVERSION.recipient_key],
    )
    for key in (ED, DIVERSION):
        found = open_sealed(
            payload,
            topic=str(ScreenTopic(AGENCY, UNIT, SCREEN, ScreenPart.REPORT)),
            senders=TRUSTED.get,
            recipients=[SealingKey.generate(), key],
        )
        assert read_opened(found) == examples.report()
        assert (found.header.unit, found.header.epoch, found.header.sequence) == (UNIT, EPOCH, 1)


def test_nothing_about_the_patient_is_in_clear() -> None:
    fields = json.loads(GOOD)
    clear = json.dumps(fields | {"body": "", "signature": "", "recipients": []})
    for word in ("left", "raised", "mouth corner"):
        assert word in examples.signal().model_dump_json()
        assert word not in clear
        assert word.encode() not in base64.b64decode(fields["body"])


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(GOOD) * 8 - 1))
def test_one_flipped_bit_anywhere_is_refused(bit: int) -> None:
    broken = bytearray(GOOD)
    broken[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WireError):
        opened(bytes(broken))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD)), st.binary(min_size=1, max_size=3))
def test_inserted_bytes_are_refused(at: int, extra: bytes) -> None:
    with pytest.raises(WireError):
        opened(GOOD[:at] + extra + GOOD[at:])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_envelope_is_refused(length: int) -> None:
    with pytest.raises(WireError):
        opened(GOOD[:length])


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        opened(payload)


@pytest.mark.parametrize("name", sorted(json.loads(GOOD)))
def test_no_field_can_be_left_out_or_changed(name: str) -> None:
    fields = json.loads(GOOD)
    without = {key: value for key, value in fields.items() if key != name}
    with pytest.raises(WireError):
        opened(encode(without))
    others: list[object] = [None, 2, "x", [], True]
    for other in others:
        if other == fields[name]:
            continue
        with pytest.raises(WireError):
            opened(
                json.dumps(fields | {name: other}, sort_keys=True, separators=(",", ":")).encode()
            )


def test_the_same_json_written_otherwise_is_refused() -> None:
    with pytest.raises(Malformed, match="canonical"):
        opened(json.dumps(json.loads(GOOD)).encode())


def test_an_added_field_breaks_the_signature_unless_the_sender_signed_it() -> None:
    with pytest.raises(Forged):
        opened(encode(json.loads(GOOD) | {"later": 1}))
    unsealed = said(examples.unit_status(), str(UnitStatusTopic(AGENCY, UNIT)), MEDIC)
    grown = resigned(unsealed, later=1)
    found = opened(grown, str(UnitStatusTopic(AGENCY, UNIT)))
    assert read_opened(found) == examples.unit_status()


def test_moved_to_another_topic_is_refused() -> None:
    other_screen = SIGNAL.replace(SCREEN, SCREEN[:-1] + "T")
    for topic in (
        other_screen,
        SIGNAL.replace("signal", "report"),
        SIGNAL.replace(UNIT, "medic-8"),
        SIGNAL.replace(AGENCY, "other-agency"),
        "",
        "x",
    ):
        with pytest.raises(WrongTopic):
            opened(GOOD, topic)


def test_another_unit_cannot_speak_for_this_one() -> None:
    theirs = replace(OTHER, unit=UNIT)
    with pytest.raises(Forged, match="medic-8"):
        opened(sealed(sender=theirs))
    with pytest.raises(Forged, match="does not fit"):
        opened(resigned(GOOD, OTHER))


def test_another_unit_cannot_take_over_a_sealed_body() -> None:
    """Stripping the signature and signing again: the content key does not open for them."""
    topic = SIGNAL.replace(UNIT, "medic-8")
    stolen = resigned(GOOD, OTHER, unit="medic-8", topic=topic, key_id=OTHER.key.id)
    with pytest.raises(Malformed, match="does not open"):
        opened(stolen, topic)


def test_a_body_cannot_be_moved_to_another_sequence_by_its_own_sender() -> None:
    with pytest.raises(Malformed):
        opened(resigned(GOOD, sequence=8))


def test_unknown_and_revoked_keys_are_refused() -> None:
    stranger = SigningIdentity.of_unit(AGENCY, UNIT, SigningKey.generate())
    with pytest.raises(UnknownSender, match=stranger.key.id):
        opened(sealed(sender=stranger))
    revoked = {MEDIC.key.id: replace(MEDIC.trusted, revoked=True)}
    with pytest.raises(RevokedSender):
        open_sealed(GOOD, topic=SIGNAL, senders=revoked.get, recipients=[ED])


def test_a_forged_signature_is_refused_before_anything_is_decrypted() -> None:
    fields = json.loads(GOOD)
    fields["signature"] = base64.b64encode(bytes(64)).decode()
    with pytest.raises(Forged):
        open_sealed(encode(fields), topic=SIGNAL, senders=TRUSTED.get, recipients=())


def test_the_last_bits_of_base64_cannot_be_played_with() -> None:
    fields = json.loads(GOOD)
    text = fields["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = text[:-3] + alphabet[alphabet.index(text[-3]) ^ 1] + "=="
    assert base64.b64decode(twin) == base64.b64decode(text)
    with pytest.raises(Malformed, match="base64"):
        opened(encode(fields | {"signature": twin}))


def test_sealed_to_somebody_else() -> None:
    with pytest.raises(WrongRecipient, match=ED.id):
        open_sealed(GOOD, topic=SIGNAL, senders=TRUSTED.get, recipients=[DIVERSION])


def test_a_document_about_a_patient_is_never_sent_or_taken_in_clear() -> None:
    with pytest.raises(NotSealed):
        seal(examples.signal(), topic=SIGNAL, sender=MEDIC, epoch=EPOCH, sequence=1)
    plain = zlib.compress(examples.signal().model_dump_json().encode())
    clear = resigned(GOOD, recipients=[], body=base64.b64encode(plain).decode(), encoding="zlib")
    with pytest.raises(NotSealed):
        opened(clear)


def test_other_versions_are_refused_aloud() -> None:
    for version in (2, 0, "1", None, True, 1.0):
        with pytest.raises(UnknownVersion):
            opened(encode(json.loads(GOOD) | {"v": version}))


def test_who_may_say_what_where() -> None:
    good: list[tuple[v1.Document, str, SigningIdentity]] = [
        (examples.receipt(), RECEIPT, HOSPITAL),
        (examples.ed_status(), str(EdStatusTopic(AGENCY, SITE)), HOSPITAL),
        (examples.unit_status(), str(UnitStatusTopic(AGENCY, UNIT)), MEDIC),
    ]
    for document, topic, who in good:
        found = open_sealed(said(document, topic, who), topic=topic, senders=TRUSTED.get)
        assert read_opened(found) == document
    bad: list[tuple[v1.Document, str, SigningIdentity]] = [
        (examples.receipt(), RECEIPT, MEDIC),
        (examples.receipt(), RECEIPT.replace("receipt", "signal"), HOSPITAL),
        (examples.receipt(), RECEIPT, replace(HOSPITAL, agency="other-agency")),
        (examples.unit_status(), str(UnitStatusTopic(AGENCY, UNIT)), HOSPITAL),
        (examples.unit_status(), str(UnitStatusTopic(AGENCY, UNIT)), OTHER),
        (examples.ed_status(), str(EdStatusTopic(AGENCY, SITE)), MEDIC),
        (examples.ed_status(), str(EdStatusTopic(AGENCY, "elsewhere")), HOSPITAL),
        (examples.ed_status(), "stroke/v1/+/ed/+/status", HOSPITAL),
    ]
    for document, topic, who in bad:
        with pytest.raises(WrongTopic):
            said(document, topic, who)


def test_a_unit_that_signs_a_receipt_by_force_is_refused() -> None:
    """The check holds when opening, not only for well-behaved senders."""
    receipt = said(examples.receipt(), RECEIPT, HOSPITAL)
    forced = resigned(receipt, MEDIC, key_id=MEDIC.key.id, unit=UNIT, site=None)
    with pytest.raises(WrongTopic, match="not medic-7's to say"):
        open_sealed(forced, topic=RECEIPT, senders=TRUSTED.get)


def test_inside_and_outside_must_agree() -> None:
    for change in (
        {"unit": "medic-8"},
        {"agency": "other-agency"},
        {"screen_id": SCREEN[:-1] + "T"},
    ):
        document = examples.signal().model_copy(update=change)
        with pytest.raises(Malformed, match=next(iter(change))):
            read_opened(opened(sealed(document)))
    receipt = examples.receipt().model_copy(update={"site": "elsewhere"})
    found = open_sealed(said(receipt, RECEIPT, HOSPITAL), topic=RECEIPT, senders=TRUSTED.get)
    with pytest.raises(Malformed, match="site"):
        read_opened(found)


def test_a_document_that_needs_an_id_says_so() -> None:
    with pytest.raises(Malformed, match="message_id"):
        seal(examples.receipt(), topic=RECEIPT, sender=HOSPITAL, epoch=EPOCH, sequence=1)


def test_a_payload_over_the_cap_is_not_parsed() -> None:
    with pytest.raises(TooLarge):
        opened(b"[" * (MAX_PAYLOAD_BYTES + 1))


def test_a_decompression_bomb_from_a_trusted_unit_is_bounded() -> None:
    bomb = zlib.compress(b" " * (MAX_DOCUMENT_BYTES * 20), 9)
    status = str(UnitStatusTopic(AGENCY, UNIT))
    payload = resigned(
        said(examples.unit_status(), status, MEDIC),
        body=base64.b64encode(bomb).decode(),
        encoding="zlib",
    )
    with pytest.raises(Malformed, match="unpacks"):
        open_sealed(payload, topic=status, senders=TRUSTED.get)
    for body in (b"not zlib", zlib.compress(b"{}") + b"x", zlib.compress(b"{}" * 99)[:-1]):
        payload = resigned(payload, body=base64.b64encode(body).decode())
        with pytest.raises(Malformed):
            open_sealed(payload, topic=status, senders=TRUSTED.get)


def test_the_document_is_strict_json_too() -> None:
    status = str(UnitStatusTopic(AGENCY, UNIT))
    inside = b'{"kind":"unit-status","state":"online","session":1,"session":2,"since":null}'
    payload = resigned(
        said(examples.unit_status(), status, MEDIC),
        body=base64.b64encode(inside).decode(),
        encoding="identity",
    )
    found = open_sealed(payload, topic=status, senders=TRUSTED.get)
    with pytest.raises(CodecError, match="twice"):
        read_opened(found)


def test_the_replay_rule() -> None:
    first = opened(GOOD)
    assert judge(first, None) is Verdict.NEW
    assert judge(opened(GOOD), first.digest) is Verdict.DUPLICATE
    assert judge(opened(sealed()), first.digest) is Verdict.CONFLICT
    keys = {
        ReplayKey.of(opened(payload).header) for payload in (GOOD, sealed(), sealed(sequence=8))
    }
    assert keys == {ReplayKey(AGENCY, UNIT, EPOCH, 7), ReplayKey(AGENCY, UNIT, EPOCH, 8)}


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=30))
@settings(max_examples=50, deadline=None)
def test_no_order_of_replays_stores_a_sequence_twice(arrivals: list[tuple[int, bool]]) -> None:
    variants = {
        (sequence, other): opened(sealed(sequence=sequence))
        for sequence in range(1, 6)
        for other in (False, True)
    }
    stored: dict[ReplayKey, bytes] = {}
    for arrival in arrivals:
        message = variants[arrival]
        key = ReplayKey.of(message.header)
        match judge(message, stored.get(key)):
            case Verdict.NEW:
                assert key not in stored
                stored[key] = message.digest
            case Verdict.DUPLICATE:
                assert stored[key] == message.digest
            case Verdict.CONFLICT:
                assert stored[key] != message.digest


def test_a_trusted_sender_holds_only_public_things() -> None:
    assert isinstance(MEDIC.trusted, TrustedSender)
    assert not hasattr(MEDIC.trusted.key, "private")
