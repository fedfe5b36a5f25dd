"""Strict JSON: one reading of every byte, and no input that costs much."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.wire import examples, v1
from firmware_service.wire.codec import (
    DOCUMENTS,
    MAX_DEPTH,
    MAX_DOCUMENT_BYTES,
    Json,
    decode,
    encode,
    encode_document,
    read_as,
    read_document,
)
from firmware_service.wire.errors import CodecError, TooLarge, UnknownKind

texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_back(value: Json) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(texts, values, max_size=6), st.randoms())
def test_equal_values_have_equal_bytes(value: dict[str, Json], chance: object) -> None:
    items = list(value.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert encode(dict(items)) == encode(value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    try:
        decode(payload)
    except CodecError:
        return
    json.loads(payload)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b'{"a":1,"a":2}', "twice"),
        (b'{"b":{"a":1,"\\u0061":2}}', "twice"),
        (b"NaN", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b'{"a":-Infinity}', "Infinity"),
        (b"1e999", "double"),
        (b"-1e999", "double"),
        (b"9223372036854775808", "64 bits"),
        (b"1" * 5000, "64 bits"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\uDFFF":1}', "surrogate"),
        (b'"\xff"', "strict JSON"),
        (b"\xef\xbb\xbf{}", "strict JSON"),
        (b"{} {}", "strict JSON"),
        (b"", "strict JSON"),
        (b"{'a':1}", "strict JSON"),
        (b'{"a":1,}', "strict JSON"),
        (b'"\n"', "strict JSON"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeper"),
        (b'{"a":' * 100_000, "deeper"),
    ],
)
def test_what_is_refused_is_named(payload: bytes, says: str) -> None:
    with pytest.raises(CodecError, match=says):
        decode(payload, max_bytes=1_000_000)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert decode(b'"\\ud83d\\ude91"') == "🚑"


def test_depth_is_counted_outside_strings_only() -> None:
    assert decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None
    text = '[{"' * 50 + '\\"' + "[" * 50
    assert decode(encode({"a": text})) == {"a": text}


def test_over_the_cap_is_not_even_parsed() -> None:
    with pytest.raises(TooLarge):
        decode(b"[" * (MAX_DOCUMENT_BYTES + 1))


@pytest.mark.parametrize("unit", [b'"', b'\\"', b'"\\', b"[1,", b'{"', b"1", b"-", b" ", b'""'])
def test_no_half_megabyte_takes_a_second(unit: bytes) -> None:
    payload = (unit * MAX_DOCUMENT_BYTES)[:MAX_DOCUMENT_BYTES]
    start = time.process_time()
    with pytest.raises(CodecError):
        decode(payload)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}, "\ud800"])
def test_what_json_cannot_say_is_not_written(value: Json) -> None:
    with pytest.raises(CodecError):
        encode(value)


def test_every_kind_of_document_makes_the_round_trip() -> None:
    assert examples.every_kind().keys() == DOCUMENTS.keys()
    for document in examples.every_kind().values():
        payload = encode_document(document)
        assert read_document(payload) == document
        assert encode_document(read_document(payload)) == payload


def test_an_unknown_field_is_ignored_and_an_unknown_kind_is_not() -> None:
    fields = json.loads(encode_document(examples.signal()))
    fields["later"] = {"more": 1}
    fields["signal"]["later"] = 2
    assert read_document(json.dumps(fields).encode()) == examples.signal()
    fields["kind"] = "picture"
    with pytest.raises(UnknownKind, match="picture"):
        read_document(json.dumps(fields).encode())
    for payload in (b"[]", b"{}", b'{"kind":["signal"]}', b"1"):
        with pytest.raises(UnknownKind):
            read_document(payload)


def test_a_wrong_field_is_named() -> None:
    fields = json.loads(encode_document(examples.signal()))
    fields["signal"]["score"] = 1.5
    with pytest.raises(CodecError, match=r"Signal\.signal\.score"):
        read_document(json.dumps(fields).encode())


def test_a_document_of_another_kind_than_expected_is_refused() -> None:
    payload = encode_document(examples.signal())
    assert read_as(payload, v1.Signal) == examples.signal()
    with pytest.raises(CodecError, match="expected Report"):
        read_as(payload, v1.Report)


def test_a_lone_surrogate_in_a_document_is_refused_when_written() -> None:
    state = examples.state().model_copy(update={"state": "\ud800"})
    with pytest.raises(CodecError):
        encode_document(state)
