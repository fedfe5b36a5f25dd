"""Looks up how a phrase is spoken: in the project's own words first, then in a full dictionary.

The full dictionary is that of the pocketsphinx package, where it is installed; without it a phrase
of other words is heard without knowing what was due.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from firmware_service.measure.phrase import INDEX_OF, Word

Ways = tuple[tuple[int, ...], ...]
MOST_WAYS = 4
_PUNCTUATION = re.compile(r"[^\w']+")


def spoken_words(phrase: str, language: str = "en") -> tuple[tuple[Word, ...], ...] | None:
    """For each word of the phrase the ways it may be spoken, likeliest first.

    None when a word is in no dictionary, or when there is no word at all.
    """
    known = own_words(language)
    out = []
    for text in _PUNCTUATION.sub(" ", phrase.replace("’", "'").lower()).split():
        ways = known.get(text) or _dictionary_ways(text, language)
        if not ways:
            return None
        out.append(tuple(Word(text, way) for way in ways[:MOST_WAYS]))
    return tuple(out) or None


@cache
def own_words(language: str) -> Mapping[str, Ways]:
    """The words of this project's file of a language; none for a language without a file."""
    file = resources.files("firmware_service.perceive.lexicon") / f"{language}.toml"
    if not file.is_file():
        return {}
    parsed: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        word: tuple(tuple(INDEX_OF[p] for p in way.split()) for way in ways)
        for word, ways in parsed["words"].items()
    }


def _dictionary_ways(word: str, language: str) -> Ways:
    return _dictionary().get(word, ()) if language == "en" else ()


@cache
def _dictionary() -> Mapping[str, Ways]:
    """CMU's dictionary as pocketsphinx carries it; empty without that package."""
    spec = importlib.util.find_spec("pocketsphinx")
    if spec is None or spec.origin is None:
        return {}
    file = Path(spec.origin).parent / "model" / "en-us" / "cmudict-en-us.dict"
    if not file.is_file():
        return {}
    out: dict[str, Ways] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, phones = line.partition(" ")
        word = name.partition("(")[0]
        out[word] = (*out.get(word, ()), tuple(INDEX_OF[p] for p in phones.split()))
    return out
