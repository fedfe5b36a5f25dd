"""The envelope: signed by who sends, sealed to who may read, bound to where and when.

`seal` compresses and encrypts the document under a fresh key, wraps that key for each recipient
with HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305), and signs all of it with Ed25519.
`open_sealed` verifies first and decrypts second; the document is parsed last, by `read_opened`.
The payload must be the canonical form, byte for byte, so no bit of it can change unnoticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import ValidationError

from firmware_service.wire import v1
from firmware_service.wire.codec import (
    MAX_DOCUMENT_BYTES,
    Json,
    decode,
    encode,
    encode_document,
    read_document,
)
from firmware_service.wire.errors import (
    CodecError,
    Forged,
    Malformed,
    NotSealed,
    RevokedSender,
    TopicError,
    UnknownSender,
    UnknownVersion,
    WrongRecipient,
    WrongTopic,
)
from firmware_service.wire.header import Encoding, Envelope, Header
from firmware_service.wire.identity import SenderLookup, SigningIdentity, TrustedSender
from firmware_service.wire.keys import RecipientKey, SealingKey
from firmware_service.wire.topics import (
    EdStatusTopic,
    ReceiptTopic,
    ScreenTopic,
    Topic,
    kind_said_on,
    parse,
)

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "Header",
    "Opened",
    "SenderLookup",
    "SigningIdentity",
    "TrustedSender",
    "open_sealed",
    "read_opened",
    "seal",
]

MAX_PAYLOAD_BYTES = 256 * 1024
"""The broker's max_packet_size is set a little above this."""

_SIGNED = b"stroke envelope v1, signature\x00"
_WRAPPED = b"stroke envelope v1, content key\x00"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_ONCE = bytes(12)  # the content key is used for one message only, so its nonce may be constant


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified envelope: the document's bytes, not yet parsed, and who said it when and where.

    `digest` is the sha256 of the payload as it came.
    """

    document: bytes
    header: Header
    topic: Topic
    digest: bytes


def seal(
    document: v1.Document,
    *,
    topic: str,
    sender: SigningIdentity,
    epoch: str,
    sequence: int,
    recipients: Sequence[RecipientKey] = (),
    message_id: str | None = None,
    issued_at: datetime | None = None,
) -> bytes:
    """The payload for one document; with no recipients it is signed only.

    A document about a screen carries its own message id and time; for the others, give both.

    Raises:
        WrongTopic: this sender may not say this kind of document on this topic.
        NotSealed: a document about a patient needs a recipient.
        CodecError: the document cannot be written.
        Malformed: a field is not as version 1 says.
    """
    parsed = _may_say(topic, sender.agency, sender.unit, sender.site, _kind(document))
    if isinstance(parsed, ScreenTopic) and not recipients:
        raise NotSealed(f"{topic}: name at least one recipient")
    if isinstance(document, v1.ScreenDocument):
        message_id, issued_at = document.message_id, document.issued_at
    plain = encode_document(document)
    packed = zlib.compress(plain, 6)
    encoding = Encoding.ZLIB if len(packed) < len(plain) else Encoding.IDENTITY
    try:
        header = Header.model_validate(
            {
                "agency": sender.agency,
                "unit": sender.unit,
                "site": sender.site,
                "key_id": sender.key.id,
                "epoch": epoch,
                "sequence": sequence,
                "message_id": message_id,
                "issued_at": issued_at,
                "topic": topic,
                "schema": _kind(document),
                "encoding": encoding,
            }
        )
    except ValidationError as error:
        raise Malformed(_first(error)) from error
    fields: dict[str, Json] = header.model_dump(mode="json", by_alias=True)
    body = packed if encoding is Encoding.ZLIB else plain
    wrapped: list[Json] = []
    if recipients:
        key, bound = os.urandom(32), encode(fields)
        body = ChaCha20Poly1305(key).encrypt(_ONCE, body, bound)
        for recipient in recipients:
            sealed_key = _SUITE.encrypt(key, recipient.public, info=_WRAPPED + bound)
            wrapped.append({"key_id": recipient.id, "wrapped": _text(sealed_key)})
    fields |= {"recipients": wrapped, "body": _text(body)}
    fields["signature"] = _text(sender.key.sign(_SIGNED + encode(fields)))
    return encode(fields)


def open_sealed(
    payload: bytes,
    *,
    topic: str,
    senders: SenderLookup,
    recipients: Sequence[SealingKey] = (),
) -> Opened:
    """Verify, then decrypt; `topic` is where the payload arrived, `recipients` our own keys.

    Raises:
        TooLarge, CodecError: not strict JSON, or over `MAX_PAYLOAD_BYTES`.
        UnknownVersion: another major version, in the envelope or the topic.
        Malformed: not as version 1 says, or not in canonical form.
        UnknownSender, RevokedSender, Forged: not from a key we trust for this sender.
        WrongTopic: signed for another topic, or not this sender's to say.
        NotSealed: about a patient, and in clear.
        WrongRecipient: sealed to none of our keys.
    """
    fields, envelope = _read(payload)
    sender = senders(envelope.key_id)
    if sender is None:
        raise UnknownSender(f"key {envelope.key_id} is not trusted here; add it or check the unit")
    signature = _bytes(fields.pop("signature"))
    if not sender.key.fits(signature, _SIGNED + encode(fields)):
        raise Forged(f"the signature by key {envelope.key_id} does not fit")
    if sender.revoked:
        raise RevokedSender(f"key {envelope.key_id} has been revoked")
    if (sender.agency, sender.unit, sender.site) != (
        envelope.agency,
        envelope.unit,
        envelope.site,
    ):
        raise Forged(f"key {envelope.key_id} is {sender.unit or sender.site}'s, not the sender's")
    if envelope.topic != topic:
        raise WrongTopic(f"signed for {envelope.topic}, arrived on {topic!r:.200}")
    parsed = _may_say(topic, sender.agency, sender.unit, sender.site, envelope.schema_)
    if isinstance(parsed, ScreenTopic) and not envelope.recipients:
        raise NotSealed(f"{topic}: about a patient, yet in clear")
    document = _unsealed(envelope, fields, recipients)
    return Opened(document, envelope, parsed, hashlib.sha256(payload).digest())


def read_opened(opened: Opened) -> v1.Document:
    """Parse the document and check that it says what the envelope says.

    Raises:
        TooLarge, CodecError, UnknownKind: as `codec.read_document`.
        Malformed: kind, unit, agency, screen or message id differ from the envelope's.
    """
    document = read_document(opened.document)
    header = opened.header
    claims: list[tuple[str, object, object]] = [("kind", _kind(document), header.schema_)]
    if isinstance(document, v1.ScreenDocument):
        claims += [
            ("agency", document.agency, header.agency),
            ("unit", document.unit, header.unit),
            ("message_id", document.message_id, header.message_id),
            ("issued_at", document.issued_at, header.issued_at),
        ]
    if isinstance(document, v1.ScreenDocument | v1.Receipt) and isinstance(
        opened.topic, ScreenTopic | ReceiptTopic
    ):
        claims.append(("screen_id", document.screen_id, opened.topic.screen_id))
    if isinstance(document, v1.Receipt):
        claims.append(("site", document.site, header.site))
    for name, inside, outside in claims:
        if inside != outside:
            raise Malformed(f"{name} is {inside!s:.80} inside and {outside!s:.80} outside")
    return document


def _read(payload: bytes) -> tuple[dict[str, Json], Envelope]:
    fields = decode(payload, max_bytes=MAX_PAYLOAD_BYTES)
    if not isinstance(fields, dict):
        raise Malformed("the payload is not an object")
    version = fields.get("v")
    if type(version) is not int or version != 1:
        raise UnknownVersion(f"envelope version {version!r:.40}; this program reads 1")
    if encode(fields) != payload:
        raise Malformed("the payload is not in canonical form")
    try:
        return fields, Envelope.model_validate(fields)
    except ValidationError as error:
        raise Malformed(_first(error)) from error


def _may_say(topic: str, agency: str, unit: str | None, site: str | None, kind: str) -> Topic:
    """The topic, if this sender may say this kind of document there."""
    try:
        parsed = parse(topic, agency=agency)
    except TopicError as error:
        raise WrongTopic(str(error)) from error
    expected = kind_said_on(parsed)
    if expected != kind:
        raise WrongTopic(f"{topic}: {kind!r:.40} is not said here, but {expected!r}")
    match parsed:
        case EdStatusTopic():
            allowed = site is not None and parsed.site == site
        case ReceiptTopic():
            allowed = site is not None
        case _:
            allowed = unit is not None and parsed.unit == unit
    if not allowed:
        raise WrongTopic(f"{topic}: not {unit or site}'s to say")
    return parsed


def _unsealed(
    envelope: Envelope, fields: dict[str, Json], recipients: Sequence[SealingKey]
) -> bytes:
    body = _bytes(envelope.body)
    if envelope.recipients:
        sealed = {"recipients", "body"}
        bound = encode({name: value for name, value in fields.items() if name not in sealed})
        key = _content_key(envelope, bound, recipients)
        try:
            body = ChaCha20Poly1305(key).decrypt(_ONCE, body, bound)
        except (InvalidTag, ValueError) as error:
            raise Malformed("the body does not decrypt under its own key") from error
    if envelope.encoding is Encoding.IDENTITY:
        return body
    unpack = zlib.decompressobj()
    try:
        document = unpack.decompress(body, MAX_DOCUMENT_BYTES)
    except zlib.error as error:
        raise Malformed("the body is not zlib") from error
    if not unpack.eof or unpack.unused_data:
        raise Malformed(f"the body unpacks to more than {MAX_DOCUMENT_BYTES} bytes, or not wholly")
    return document


def _content_key(envelope: Envelope, bound: bytes, recipients: Sequence[SealingKey]) -> bytes:
    ours = {key.id: key for key in recipients}
    for recipient in envelope.recipients:
        key = ours.get(recipient.key_id)
        if key is None:
            continue
        try:
            content_key = _SUITE.decrypt(
                _bytes(recipient.wrapped), key.private, info=_WRAPPED + bound
            )
        except (InvalidTag, ValueError) as error:
            raise Malformed(f"the key wrapped for {key.id} does not open") from error
        if len(content_key) != 32:
            raise Malformed(f"the key wrapped for {key.id} is not 32 bytes")
        return content_key
    named = ", ".join(recipient.key_id for recipient in envelope.recipients)
    raise WrongRecipient(f"sealed to {named}; our keys are {', '.join(ours) or 'none'}")


def _kind(document: v1.Document) -> str:
    kind = getattr(document, "kind", None)
    if not isinstance(kind, str):
        raise CodecError(f"{type(document).__name__} has no kind and cannot be sent")
    return kind


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: Json) -> bytes:
    try:
        raw = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("a field is not base64") from error
    if _text(raw) != text:
        raise Malformed("a field is not in the one canonical base64")
    return raw


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}"
