from pathlib import Path

import pytest

from firmware_service.wire.keys import SealingKey, SigningKey
from hospital_service.errors import KeysError
from hospital_service.trust import HospitalKeys, TrustedUnits


def test_made_keys_are_private_and_stay_the_same(tmp_path: Path) -> None:
    made = HospitalKeys.load_or_make(tmp_path / "keys")
    again = HospitalKeys.load_or_make(tmp_path / "keys")
    assert (made.signing.id, made.sealing[0].id) == (again.signing.id, again.sealing[0].id)
    private = sorted((tmp_path / "keys").glob("*.key.pem"))
    assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]


def test_an_earlier_sealing_key_still_opens(tmp_path: Path) -> None:
    HospitalKeys.load_or_make(tmp_path)
    earlier = SealingKey.generate()
    earlier.save(tmp_path / "sealing-2025.key.pem")
    assert [key.id for key in HospitalKeys.load(tmp_path).sealing][1:] == [earlier.id]


def test_missing_keys_name_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match=r"signing\.key\.pem.*stroke-hospital keys"):
        HospitalKeys.load(tmp_path)


def test_a_key_belongs_to_the_unit_that_names_its_file(tmp_path: Path) -> None:
    first, second, gone = (SigningKey.generate() for _ in range(3))
    first.verify_key.save(tmp_path / "medic-7.pub")
    second.verify_key.save(tmp_path / "medic-7.next.pub.pem")
    (tmp_path / "revoked").mkdir()
    gone.verify_key.save(tmp_path / "revoked" / "medic-7.pub")
    units = TrustedUnits(tmp_path, "county")
    found = [units.lookup(key.id) for key in (first, second, gone)]
    assert [sender.unit for sender in found if sender] == ["medic-7"] * 3
    assert [sender.revoked for sender in found if sender] == [False, False, True]
    assert units.lookup(SigningKey.generate().id) is None


def test_what_is_no_key_is_left_out_by_name(tmp_path: Path) -> None:
    SigningKey.generate().verify_key.save(tmp_path / "Medic 7.pub")
    SealingKey.generate().recipient_key.save(tmp_path / "medic-8.pub")
    (tmp_path / "medic-9.pub").write_text("nonsense")
    units = TrustedUnits(tmp_path, "county")
    assert units.all() == []
    assert len(units.problems) == 3
    assert TrustedUnits(tmp_path / "absent", "county").all() == []


def test_a_key_that_is_replaced_in_its_file_is_replaced_here(tmp_path: Path) -> None:
    lost, new = (SigningKey.generate() for _ in range(2))
    lost.verify_key.save(tmp_path / "medic-7.pub")
    units = TrustedUnits(tmp_path, "county")
    assert units.lookup(lost.id) is not None
    new.verify_key.save(tmp_path / "medic-7.pub")
    assert units.lookup(lost.id) is None
    assert units.lookup(new.id) is not None
