"""Strict JSON in, canonical JSON out.

What the standard library lets pass and we do not: NaN, Infinity and 1e999, a key given twice,
integers beyond 64 bits, lone surrogates, nesting deeper than 16, and anything over the size cap.
"""

from __future__ import annotations

import json
import math
import re
from typing import TypeAlias, TypeVar

from pydantic import ValidationError

from firmware_service.wire import v1
from firmware_service.wire.errors import CodecError, TooLarge, UnknownKind

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
D = TypeVar("D", bound=v1.Document)

MAX_DEPTH = 16
MAX_DOCUMENT_BYTES = 512 * 1024
"""A report with every track is some 70 kB; this leaves room and still bounds memory."""

DOCUMENTS: dict[str, type[v1.Document]] = {
    "state": v1.ScreenState,
    "signal": v1.Signal,
    "report": v1.Report,
    "receipt": v1.Receipt,
    "unit-status": v1.UnitStatus,
    "ed-status": v1.EdStatus,
}
"""Every kind of document that this version reads."""

# The closing quote is optional so that a string without an end is read once, not once per quote.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def encode(value: Json) -> bytes:
    """The one canonical form: UTF-8, keys sorted, no spaces; equal values give equal bytes.

    Raises:
        CodecError: NaN, Infinity or a lone surrogate somewhere inside.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return text.encode()
    except ValueError as error:
        raise CodecError(f"cannot be written as strict JSON: {error}") from error


def decode(payload: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Json:
    """Parse strict JSON.

    Raises:
        TooLarge: over `max_bytes`; nothing was parsed.
        CodecError: anything that strict JSON forbids, named.
    """
    if len(payload) > max_bytes:
        raise TooLarge(f"{len(payload)} bytes; at most {max_bytes} are read")
    _refuse_depth(payload)
    try:
        value: Json = json.loads(
            payload.decode(),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except ValueError as error:
        raise CodecError(f"not strict JSON: {error!s:.200}") from error
    if _SURROGATE.search(payload):
        encode(value)
    return value


def _refuse_depth(payload: bytes) -> None:
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", payload)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise CodecError(f"nested deeper than {MAX_DEPTH}")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice!r:.80} is given twice")
    return found


def _constant(name: str) -> Json:
    raise ValueError(f"{name} is not a number of JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text:.40} is beyond a double")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise ValueError(f"{text:.40} is beyond 64 bits")
    return value


def encode_document(document: v1.Document) -> bytes:
    """A document's canonical bytes.

    Raises:
        CodecError: a text inside holds a lone surrogate.
    """
    try:
        fields: Json = document.model_dump(mode="json")
    except ValueError as error:
        raise CodecError(f"{type(document).__name__} cannot be written: {error!s:.200}") from error
    return encode(fields)


def read_document(payload: bytes) -> v1.Document:
    """The document of whatever kind it says it is, read as a consumer does.

    Raises:
        TooLarge, CodecError: as `decode`; or a known field is missing or wrong.
        UnknownKind: `kind` is missing or not one of `DOCUMENTS`.
    """
    value = decode(payload)
    kind = value.get("kind") if isinstance(value, dict) else None
    model = DOCUMENTS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise UnknownKind(f"kind {kind!r:.80} is not one that this program reads")
    return _validated(payload, model)


def read_as(payload: bytes, model: type[D]) -> D:
    """The document, which must be of this kind.

    Raises:
        TooLarge, CodecError, UnknownKind: as `read_document`; CodecError for another kind.
    """
    document = read_document(payload)
    if not isinstance(document, model):
        raise CodecError(f"expected {model.__name__}, got {type(document).__name__}")
    return document


def _validated(payload: bytes, model: type[v1.Document]) -> v1.Document:
    try:
        return model.read(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise CodecError(f"{model.__name__}.{where}: {first['msg']}") from error
