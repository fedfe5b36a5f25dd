from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.ports import EndOfRecording
from firmware_service.simulate.microphone import SimulatedMicrophone
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.simulate.slur import slurred
from firmware_service.simulate.voice import RATE_HZ, Cabin, Phrase, Talker, Voice, spoken
from firmware_service.types import AudioBlock, Task

NOISE_S = 1.0
SLURS = (Voice.NORMAL, Voice.SLURRED_25, Voice.SLURRED_50, Voice.SLURRED_100)


def power(sound: NDArray[np.float32]) -> float:
    return float(np.mean(np.square(sound, dtype=np.float64)))


def flux(sound: NDArray[np.float32]) -> float:
    """How fast the log spectrum changes while speaking: what slurring takes away."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 400)[::160] * np.hanning(400)
    bins = np.abs(np.fft.rfft(frames, axis=1))
    bands = np.log(
        np.stack([b.mean(axis=1) for b in np.array_split(bins[:, 4:], 24, axis=1)]) + 1e-3
    )
    loud = bins.sum(axis=1) > 0.05 * bins.sum(axis=1).max()
    return float(np.abs(np.diff(bands, axis=1))[:, loud[1:] & loud[:-1]].mean())


def heard(
    name: str, duration_s: float, block: int = 512
) -> tuple[list[AudioBlock], NDArray[np.float32]]:
    patient = SimulatedPatient.load(name)
    patient.asked(Task.PHRASE, NOISE_S)
    microphone = SimulatedMicrophone(patient, block=block, duration_s=duration_s)
    blocks = [microphone.read() for _ in range(int(duration_s * RATE_HZ / block))]
    with pytest.raises(EndOfRecording):
        microphone.read()
    return blocks, np.concatenate([b.samples for b in blocks])


@pytest.mark.parametrize("talker", Talker)
@pytest.mark.parametrize("phrase", Phrase)
def test_more_slurring_makes_the_spectrum_change_less(talker: Talker, phrase: Phrase) -> None:
    changes = [flux(spoken(talker, phrase, voice)) for voice in SLURS]
    assert all(np.diff(changes) < 0)
    assert changes[-1] < 0.75 * changes[0]


def test_slurring_keeps_length_and_loudness() -> None:
    sound = spoken(Talker.ADA, Phrase.OLD_DOG, Voice.NORMAL)
    for dose in (0.25, 0.5, 1.0):
        blurred = slurred(sound, RATE_HZ, dose)
        assert len(blurred) == len(sound)
        assert power(blurred) == pytest.approx(power(sound), rel=0.1)
    assert np.array_equal(slurred(sound, RATE_HZ, 0.0), sound)


@pytest.mark.parametrize("dose", [-0.1, 1.1])
def test_a_dose_outside_its_range_is_refused(dose: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        slurred(np.zeros(RATE_HZ, np.float32), RATE_HZ, dose)


def test_the_voice_starts_after_the_reaction_time_and_not_before() -> None:
    _, sound = heard("healthy", 5.0)
    quiet, early = sound[: int(NOISE_S * RATE_HZ)], sound[int(1.0 * RATE_HZ) : int(1.38 * RATE_HZ)]
    talking = sound[int(1.5 * RATE_HZ) : int(3.8 * RATE_HZ)]
    assert power(early) < 2 * power(quiet)
    assert power(talking) > 50 * power(quiet)


def test_the_mute_patient_gives_the_cabins_noise_alone() -> None:
    _, sound = heard("mute", 5.0)
    assert power(sound[:RATE_HZ]) == pytest.approx(power(sound[int(1.5 * RATE_HZ) :]), rel=0.5)


def test_blocks_follow_each_other_without_a_gap_whatever_their_size() -> None:
    small, sound = heard("healthy", 2.048, block=512)
    _, other = heard("healthy", 2.048, block=2048)
    assert np.array_equal(sound, other)
    assert [b.captured_at for b in small[:3]] == pytest.approx([0, 0.032, 0.064])
    assert np.abs(sound).max() <= 1


@pytest.mark.parametrize("siren", [False, True])
def test_the_cabin_is_as_loud_as_its_signal_to_noise_ratio_says(*, siren: bool) -> None:
    voice = spoken(Talker.ADA, Phrase.OLD_DOG, Voice.NORMAL)
    loud = voice[np.abs(voice) > 0.02 * np.abs(voice).max()]
    noise = Cabin(8.0, siren=siren, seed=0).heard(0, 20 * RATE_HZ)
    assert 10 * np.log10(power(loud) / power(noise)) == pytest.approx(8.0, abs=0.3)


def test_the_cabins_loop_has_no_seam() -> None:
    cabin = Cabin(0.0, siren=True, seed=0)
    around = cabin.heard(20 * RATE_HZ - 1000, 2000)
    steps = np.abs(np.diff(around))
    assert steps[999] <= np.percentile(steps, 99.9)
