"""Sentences spoken by speech synthesisers (espeak-ng, flite, festival; apt packages)."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from models.phone_network.align import Teacher
from models.phone_network.corpora import Utterance, save, sound

SENTENCES = """the sky is blue in cincinnati
you can't teach an old dog new tricks
the little lady sat near the tall tree
no ifs ands or buts about it
take the boat down to the lake today
papa bought a big brown bag
we shall measure the pleasure of the vision
my mother makes many good things in june
five yellow buses choose the rougher road
she should wash those dishes with care
the judge joined a huge young crowd
both brothers breathe the thin northern air
how now do we allow a loud house
boys enjoy noisy toys in the oil
he hit his head on the hard wooden hook
look at the good cook who took the book
zebras graze as the breeze goes past the zoo
which church will reach the beach in march
the vague beige garage is a usual treasure
sing a long song to the young king
please call your daughter after lunch
put the keys under the kitchen window
one two three four five six seven eight nine ten
monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august
the quick doctor checked her weak left arm
speak slowly and clearly into this small box
fresh fish and chips for sixty cents
red lorries rolled along the rural road
vivid violets love the heavy valley
this thing is neither thick nor smooth
a cat sat on the mat and ate a fat rat
dad had bad jam on a damp sandwich
they say the train will stay in the rain
go home and open the old stone door
two blue shoes flew through the room
each evening the team eats green beans
get the men ten red pens
sick kids drink milk in thick mugs
up above us the sun was coming
far from the park the dark car starts
all the tall boys saw the small ball fall
her first bird turned in the world
quiet women quickly washed the white wall
an ambulance went past with its siren on
tell the nurse what happened this morning
""".strip().splitlines()
ESPEAK = [
    (f"{voice}+{variant}", speed)
    for voice, variant, speed in (
        ("en-us", "m1", 150), ("en-us", "f2", 160), ("en-us", "m3", 175), ("en-us", "f4", 140),
        ("en-gb", "m7", 165), ("en-gb", "f3", 150), ("en-gb-x-rp", "m2", 170), ("en-us", "f5", 185),
    )
]  # fmt: skip
FLITE = ("kal16", "awb", "rms", "slt")
FESTIVAL = ("kal_diphone", "cmu_us_slt_arctic_hts")


def commands(sentence: str, out: Path) -> Iterator[tuple[str, list[str], str | None]]:
    """Each voice's command, and what it reads from its input."""
    for voice, speed in ESPEAK:
        yield (
            f"espeak {voice}",
            ["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(out), sentence],
            None,
        )
    for voice in FLITE:
        yield f"flite {voice}", ["flite", "-voice", voice, "-t", sentence, "-o", str(out)], None
    for voice in FESTIVAL:
        yield (
            f"festival {voice}",
            ["text2wave", "-eval", f"(voice_{voice})", "-o", str(out)],
            sentence,
        )


def spoken(sentences: list[str]) -> Iterator[Utterance]:
    """Every sentence by every voice, aligned."""
    teacher = Teacher()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "said.wav"
        for number, sentence in enumerate(sentences):
            words = teacher.words_of(sentence)
            if words is None:
                raise SystemExit(f"{sentence}: a word is not in the dictionary")
            for voice, command, given in commands(sentence, out):
                subprocess.run(command, input=given, text=True, check=True, capture_output=True)
                samples = sound(out)
                aligned = teacher.align(samples, words)
                if aligned is not None:
                    yield Utterance(
                        f"{voice} {number}", voice, training=True, samples=samples, aligned=aligned
                    )


def main() -> None:
    """Speak, align, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    save(spoken(SENTENCES), parser.parse_args().out / "synthetic.npz")


if __name__ == "__main__":
    main()
