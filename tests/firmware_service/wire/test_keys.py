"""Key files: read back, never overwritten, never open to others, never mistaken."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from firmware_service.wire.errors import KeyFileError
from firmware_service.wire.keys import RecipientKey, SealingKey, SigningKey, VerifyKey


def test_keys_are_read_back(tmp_path: Path) -> None:
    signing, sealing = SigningKey.generate(), SealingKey.generate()
    signing.save(tmp_path / "sign.pem")
    signing.verify_key.save(tmp_path / "sign.pub.pem")
    sealing.save(tmp_path / "seal.pem")
    sealing.recipient_key.save(tmp_path / "seal.pub.pem")
    signature = SigningKey.load(tmp_path / "sign.pem").sign(b"x")
    assert VerifyKey.load(tmp_path / "sign.pub.pem").fits(signature, b"x")
    assert not VerifyKey.load(tmp_path / "sign.pub.pem").fits(signature, b"y")
    assert SealingKey.load(tmp_path / "seal.pem").id == sealing.id
    assert RecipientKey.load(tmp_path / "seal.pub.pem").id == sealing.id


def test_the_id_is_the_start_of_the_sha256_of_the_public_key() -> None:
    key = SigningKey.generate()
    raw = key.verify_key.public.public_bytes_raw()
    assert key.id == key.verify_key.id == hashlib.sha256(raw).hexdigest()[:16]


def test_a_private_key_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "sign.pem"
    SigningKey.generate().save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o644, 0o620, 0o601):
        path.chmod(mode)
        with pytest.raises(KeyFileError, match="chmod 600"):
            SigningKey.load(path)
    for mode in (0o400, 0o440):
        path.chmod(mode)
        SigningKey.load(path)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    key = SigningKey.generate()
    key.save(tmp_path / "sign.pem")
    with pytest.raises(KeyFileError, match="exists"):
        SigningKey.generate().save(tmp_path / "sign.pem")
    assert SigningKey.load(tmp_path / "sign.pem").id == key.id


def test_the_wrong_sort_of_file_is_named(tmp_path: Path) -> None:
    SigningKey.generate().save(tmp_path / "sign.pem")
    SealingKey.generate().save(tmp_path / "seal.pem")
    SigningKey.generate().verify_key.save(tmp_path / "sign.pub.pem")
    SealingKey.generate().recipient_key.save(tmp_path / "seal.pub.pem")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "text").chmod(0o600)
    for name in ("seal.pem", "sign.pub.pem", "text", "missing"):
        with pytest.raises(KeyFileError, match=name):
            SigningKey.load(tmp_path / name)
    for name in ("sign.pem", "seal.pub.pem", "text", "missing"):
        with pytest.raises(KeyFileError, match=name):
            SealingKey.load(tmp_path / name)
    for name in ("sign.pem", "seal.pub.pem", "text", "missing"):
        with pytest.raises(KeyFileError, match=name):
            VerifyKey.load(tmp_path / name)
    for name in ("seal.pem", "sign.pub.pem", "text", "missing"):
        with pytest.raises(KeyFileError, match=name):
            RecipientKey.load(tmp_path / name)
