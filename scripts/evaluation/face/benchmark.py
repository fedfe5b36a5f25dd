"""The run: every picture of every held-out person, in two processes, then the table."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import cv2
from evaluation.face import clips, worst
from evaluation.face.contenders import ATTENTION, REFINED
from evaluation.face.measuring import Bench, Row
from evaluation.face.table import Table, printed

from firmware_service.perceive.registry import Registry
from models.region_refiner import people


@cache
def _bench(models: Path) -> Bench:
    cv2.setNumThreads(1)
    return Bench(models)


def _person(task: tuple[Path, Path, str, bool, bool]) -> list[Row]:
    models, data, person, quick, healthy = task
    return _bench(models).person(data, person, quick=quick, healthy=healthy)


def run(data: Path, models: Path, out: Path | None, *, quick: bool) -> int:
    """Run and print; rows.json and worst.png go to `out` when that is given."""
    names = people.people(data)
    tested = people.held_out(names)
    if quick:
        tested = tested[::2]
    tasks = [(models, data, name, quick, False) for name in tested]
    tasks += [(models, data, name, quick, True) for name in names]
    rows: list[Row] = []
    started = time.monotonic()
    with Pool(2) as pool:
        for done, found in enumerate(pool.imap(_person, tasks), 1):
            rows += found
            if done <= len(tested) or done % 20 == 0:
                print(f"{done}/{len(tasks)} people, {time.monotonic() - started:.0f} s", flush=True)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "rows.json").write_text(json.dumps([asdict(row) for row in rows]))
        worst.draw(data, Registry.load(models), rows, out)
    table = Table(rows)
    print(
        f"\n{len(tested)} held-out people, {len({r.group for r in rows})} kinds of scene; "
        f"intervals: 95 % over people\n"
        f"one still is positive above the height difference of 1 healthy still in 20 "
        f"(all {len(names)} people)\n"
    )
    print(printed(table.lines()))
    print("\nSomething over the mouth\n" + "\n".join(table.covers()))
    if not quick and (data / "face_video").is_dir():
        above = {name: table.threshold(name) for name in (REFINED, ATTENTION)}
        print("\nClips\n" + "\n".join(clips.report(data, Registry.load(models), above)))
    return 0
