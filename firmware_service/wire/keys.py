"""The keys of the wire: Ed25519 to sign, X25519 to seal to, each with its id and its PEM file.

A key's id is the first 16 hex digits of the sha256 of the raw public key.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from firmware_service.wire.errors import KeyFileError

KEY_ID_PATTERN = r"^[0-9a-f]{16}$"

# Owner only; group may read, because systemd's LoadCredential shows its ACL as the group's bits.
_TOO_OPEN = 0o037


def _key_id(public: Ed25519PublicKey | X25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The public half of a signing key."""

    public: Ed25519PublicKey

    @property
    def id(self) -> str:
        """The key's id."""
        return _key_id(self.public)

    def fits(self, signature: bytes, message: bytes) -> bool:
        """Whether this key's owner signed exactly this message."""
        try:
            self.public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def save(self, path: Path) -> None:
        """Write the PEM file, readable by all."""
        _write_public(path, self.public)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the PEM file.

        Raises:
            KeyFileError: missing, or not an Ed25519 public key.
        """
        key = _read_public(path)
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFileError(f"{path}: not an Ed25519 public key; give the signer's .pub.pem")
        return cls(key)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Who holds this can speak for a unit or a hospital."""

    private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        """A new key from the system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def verify_key(self) -> VerifyKey:
        """The half to hand out."""
        return VerifyKey(self.private.public_key())

    @property
    def id(self) -> str:
        """The key's id."""
        return self.verify_key.id

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self.private.sign(message)

    def save(self, path: Path) -> None:
        """Write a new PEM file with mode 0600.

        Raises:
            KeyFileError: the file exists already; a key is never overwritten.
        """
        _write_private(path, self.private)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the PEM file.

        Raises:
            KeyFileError: missing, open to others, or not an Ed25519 private key.
        """
        key = _read_private(path)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError(f"{path}: not an Ed25519 private key; give the signing key")
        return cls(key)


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """The public half of a sealing key: what a unit seals to."""

    public: X25519PublicKey

    @property
    def id(self) -> str:
        """The key's id."""
        return _key_id(self.public)

    def save(self, path: Path) -> None:
        """Write the PEM file, readable by all."""
        _write_public(path, self.public)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the PEM file.

        Raises:
            KeyFileError: missing, or not an X25519 public key.
        """
        key = _read_public(path)
        if not isinstance(key, X25519PublicKey):
            raise KeyFileError(f"{path}: not an X25519 public key; give the hospital's .pub.pem")
        return cls(key)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """Who holds this can open what was sealed to the hospital."""

    private: X25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        """A new key from the system's random source."""
        return cls(X25519PrivateKey.generate())

    @property
    def recipient_key(self) -> RecipientKey:
        """The half to hand out."""
        return RecipientKey(self.private.public_key())

    @property
    def id(self) -> str:
        """The key's id."""
        return self.recipient_key.id

    def save(self, path: Path) -> None:
        """Write a new PEM file with mode 0600.

        Raises:
            KeyFileError: the file exists already; a key is never overwritten.
        """
        _write_private(path, self.private)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the PEM file.

        Raises:
            KeyFileError: missing, open to others, or not an X25519 private key.
        """
        key = _read_private(path)
        if not isinstance(key, X25519PrivateKey):
            raise KeyFileError(f"{path}: not an X25519 private key; give the sealing key")
        return cls(key)


def _write_private(path: Path, key: Ed25519PrivateKey | X25519PrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be created ({error.strerror})") from error
    with os.fdopen(file, "wb") as opened:
        opened.write(pem)


def _write_public(path: Path, key: Ed25519PublicKey | X25519PublicKey) -> None:
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read ({error.strerror})") from error


def _read_private(path: Path) -> object:
    pem = _read(path)
    mode = path.stat().st_mode & 0o777
    if mode & _TOO_OPEN:
        raise KeyFileError(f"{path}: mode {mode:o} lets others at a private key; chmod 600 it")
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"{path}: not an unencrypted private key in PEM") from error


def _read_public(path: Path) -> object:
    try:
        return load_pem_public_key(_read(path))
    except ValueError as error:
        raise KeyFileError(f"{path}: not a public key in PEM") from error
