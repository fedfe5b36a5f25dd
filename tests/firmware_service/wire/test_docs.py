"""docs/wire.md is true: examples, envelope, topics and limits are the ones in force."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from firmware_service.deliver.lanes import EXPIRY_S, STATE_LIFE, WINDOW
from firmware_service.deliver.retry import PUBLISH, RECEIPT
from firmware_service.deliver.sender import ACK_TIMEOUT_S
from firmware_service.wire import examples
from firmware_service.wire.codec import (
    MAX_DEPTH,
    MAX_DOCUMENT_BYTES,
    encode,
    encode_document,
    read_document,
)
from firmware_service.wire.envelope import (
    MAX_PAYLOAD_BYTES,
    SigningIdentity,
    open_sealed,
    read_opened,
)
from firmware_service.wire.header import Envelope
from firmware_service.wire.keys import SealingKey, SigningKey
from firmware_service.wire.topics import kind_said_on, parse

DOC = (Path(__file__).parents[3] / "docs" / "wire.md").read_text()
BLOCKS = dict(re.findall(r"```json ([a-z-]+)\n(.*?)\n```", DOC, re.DOTALL))
ROWS = re.findall(r"^\| `(stroke/[^`]*)` \|.*\| ([^|]*) \|$", DOC, re.MULTILINE)


def test_every_kind_is_shown_and_is_the_example() -> None:
    assert BLOCKS.keys() == examples.every_kind().keys() | {"envelope"}
    for kind, document in examples.every_kind().items():
        shown = json.loads(BLOCKS[kind])
        assert encode(shown) == encode_document(document), f"update {kind} in docs/wire.md"
        assert read_document(encode(shown)) == document


def test_the_envelope_shown_opens_with_the_keys_shown() -> None:
    signer = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    reader = SealingKey(X25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
    sender = SigningIdentity.of_unit(examples.AGENCY, examples.UNIT, signer)
    fields = json.loads(BLOCKS["envelope"])
    opened = open_sealed(
        encode(fields),
        topic=fields["topic"],
        senders={signer.id: sender.trusted}.get,
        recipients=[reader],
    )
    assert read_opened(opened) == examples.signal()


def test_every_field_of_the_envelope_is_told() -> None:
    told = set()
    for row in re.findall(r"^\| (`[^|]*`) \|", DOC, re.MULTILINE):
        told |= set(re.findall(r"`([a-z_]+)`", row))
    names = {field.alias or name for name, field in Envelope.model_fields.items()}
    assert names <= told


@pytest.mark.parametrize(("topic", "kind"), ROWS)
def test_every_topic_shown_is_one(topic: str, kind: str) -> None:
    for level, value in (
        ("<agency>", examples.AGENCY),
        ("<unit>", examples.UNIT),
        ("<site>", examples.SITE),
        ("<name>", "models"),
        ("<id>", examples.SCREEN_ID),
    ):
        topic = topic.replace(level, value)
    fixed = kind_said_on(parse(topic))
    assert kind == (f"`{fixed}`" if fixed in examples.every_kind() else kind)
    assert ("not yet fixed" in kind) == (fixed not in examples.every_kind())


def test_the_topics_are_all_there() -> None:
    assert len(ROWS) == 11


def test_the_limits_are_the_ones_in_force() -> None:
    assert f"deeper than {MAX_DEPTH}" in DOC
    assert f"an envelope at {MAX_PAYLOAD_BYTES // 1024} KiB" in DOC
    assert f"a document at {MAX_DOCUMENT_BYTES // 1024} KiB" in DOC
    assert f"| unacknowledged at once | {' | '.join(str(n) for n in WINDOW.values())} |" in DOC
    assert [EXPIRY_S[lane] for lane in WINDOW] == [86_400, 86_400, 90]
    assert STATE_LIFE.total_seconds() == 90
    assert f"no PUBACK in {ACK_TIMEOUT_S:.0f} s" in DOC
    assert f"after {PUBLISH.first_s:.0f} s, doubling to {PUBLISH.longest_s:.0f} s" in DOC
    assert f"after {RECEIPT.first_s:.0f} s, doubling to {RECEIPT.longest_s / 60:.0f} min" in DOC
