"""How the wire fails: one small tree, caught in one place by whoever receives."""

from __future__ import annotations


class WireError(Exception):
    """The root of everything that topics, codec, keys and envelope refuse."""


class TopicError(WireError):
    """The topic is not one of ours."""


class UnknownVersion(WireError):
    """The topic or the envelope is of a major version that this program does not speak."""


class ForeignTopic(TopicError):
    """The topic is well formed but belongs to another agency or unit."""


class CodecError(WireError):
    """The bytes are not the strict JSON that the wire allows."""


class TooLarge(CodecError):
    """The bytes are over the cap; they were not parsed."""


class UnknownKind(CodecError):
    """The document's kind is not one that this program reads."""


class KeyFileError(WireError):
    """A key file is missing, readable by others, or not a key of the right sort."""


class EnvelopeError(WireError):
    """The envelope was refused."""


class Malformed(EnvelopeError):
    """The envelope, or the document inside it, is not as version 1 says."""


class UnknownSender(EnvelopeError):
    """No trusted key has the id that the envelope names."""


class RevokedSender(EnvelopeError):
    """The key was trusted once and has been revoked."""


class Forged(EnvelopeError):
    """The signature does not fit, or the key belongs to somebody else than the envelope says."""


class WrongTopic(EnvelopeError):
    """The envelope arrived on another topic than it was signed for, or may not be said there."""


class WrongRecipient(EnvelopeError):
    """The envelope is sealed, and not to our key."""


class NotSealed(EnvelopeError):
    """A document about a patient came in clear."""
