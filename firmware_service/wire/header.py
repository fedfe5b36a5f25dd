"""What an envelope looks like on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from firmware_service.wire import v1
from firmware_service.wire.keys import KEY_ID_PATTERN

KeyId = Annotated[str, Field(pattern=KEY_ID_PATTERN)]


class Encoding(StrEnum):
    """How the document was written before it was sealed."""

    IDENTITY = "identity"
    ZLIB = "zlib"


class WrappedKey(BaseModel):
    """The content key, sealed to one recipient."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key_id: KeyId
    wrapped: str


class Header(BaseModel):
    """What the envelope says in clear; all of it is signed.

    `unit` names the sender when a unit speaks, `site` when a hospital does.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1] = 1
    agency: v1.Name
    unit: v1.Name | None
    site: v1.Name | None
    key_id: KeyId
    epoch: v1.Ulid
    sequence: Annotated[int, Field(ge=1, lt=2**63, strict=True)]
    message_id: v1.Ulid
    issued_at: AwareDatetime
    topic: Annotated[str, Field(max_length=400)]
    schema_: Annotated[str, Field(alias="schema", max_length=40)]
    encoding: Encoding

    @model_validator(mode="after")
    def _one_sender(self) -> Self:
        if (self.unit is None) == (self.site is None):
            raise ValueError("exactly one of unit and site names the sender")
        return self


class Envelope(Header):
    """The whole payload."""

    recipients: Annotated[tuple[WrappedKey, ...], Field(max_length=8)]
    body: str
    signature: str
