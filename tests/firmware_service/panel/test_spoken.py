"""The committed recordings: present, of today's words, loud enough, never clipped, short enough."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from firmware_service.panel import spoken
from firmware_service.panel.errors import PanelError
from firmware_service.panel.prompts import ENGLISH, LOCALE, Language, words_of
from firmware_service.panel.speaker import PAUSE_S
from firmware_service.panel.spoken import RATE_HZ, load_spoken, text_file, wav_file
from firmware_service.screen.protocol import STANDARD, Prompt

LARGEST_BYTES = 7_000_000
QUIETEST_DBFS, LOUDEST_DBFS = -18.0, -14.0
HIGHEST_PEAK = 0.9


@pytest.mark.parametrize("language", Language)
def test_the_recordings_say_the_words_of_today(language: Language) -> None:
    said = json.loads(text_file(language).read_text(encoding="utf-8"))
    assert said == {key.value: words_of(key, language) for key in ENGLISH}, (
        "run scripts/make-prompts"
    )
    assert {path.stem for path in text_file(language).parent.glob("*.wav")} == set(said)


@pytest.mark.parametrize("language", Language)
def test_every_recording_is_loud_and_whole(language: Language) -> None:
    for key, sound in load_spoken(language).items():
        speech = sound[np.abs(sound) > 0.05 * np.abs(sound).max()]
        level = 20 * np.log10(np.sqrt(np.mean(speech**2)))
        assert QUIETEST_DBFS < level < LOUDEST_DBFS, key
        assert np.abs(sound).max() < HIGHEST_PEAK, key
        assert np.abs(sound[[0, -1]]).max() < 0.02, key  # no click, nothing cut off
        assert 0.4 < len(sound) / RATE_HZ < 5.2, key


@pytest.mark.parametrize("language", Language)
def test_a_standard_screen_takes_at_most_a_minute_in_every_language(language: Language) -> None:
    lengths = {key: len(sound) / RATE_HZ for key, sound in load_spoken(language).items()}
    prompts = [Prompt.POSITION, *(step.prompt for step in STANDARD.steps), Prompt.ENTER_ARMS]
    said = sum(lengths[prompt] + PAUSE_S for prompt in prompts)
    recorded = sum(step.record_s for step in STANDARD.steps)
    answer = 2.0
    assert said + recorded + STANDARD.arm_hold_s + answer + STANDARD.steady_s <= 60.0


def test_the_recordings_are_16_khz_mono_and_small() -> None:
    wavs = list(LOCALE.glob("*/spoken/*.wav"))
    assert {(i.samplerate, i.channels) for i in map(soundfile.info, wavs)} == {(16_000, 1)}
    assert sum(path.stat().st_size for path in wavs) < LARGEST_BYTES


def test_a_missing_recording_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "LOCALE", LOCALE / "none")
    assert not wav_file(Prompt.SMILE, Language.TURKISH).exists()
    with pytest.raises(PanelError, match="run scripts/make-prompts"):
        load_spoken(Language.TURKISH)
