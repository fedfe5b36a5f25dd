"""Trains the phone network: frame cross-entropy on the teacher's alignments, by the clock.

Usage: scripts/train-env python -m models.phone_network.train --data DIR --work DIR --minutes 15
Prepare first: corpora.py and synthetic.py write the alignments into the work folder.
"""

from __future__ import annotations

import argparse
import queue
import threading
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from models.phone_network.corpora import AN4_TEST, Utterance, load
from models.phone_network.network import PhoneNetwork
from models.phone_network.spoil import World, example

BATCH = 32
SMOOTHING = 0.05
PEAK_RATE = 3e-3
SILENCE_WEIGHT = 0.4
REPEATED = 0.45
"""How often a batch is one already seen, under new holes: making one costs as much as learning."""
AGED = 60


def weight_of(utterance: Utterance) -> float:
    """How often an utterance is drawn: long ones more, guessed words and synthesisers less."""
    seconds = min(len(utterance.samples) / 16_000, 12.0)
    if utterance.speaker.startswith("libri"):
        return seconds * 1.0
    if utterance.speaker.startswith(("espeak", "flite", "festival")):
        return seconds * 0.6
    return seconds * (2.0 if utterance.speaker.startswith("ocean") else 1.3)


class Kitchen(threading.Thread):
    """Makes batches while the network learns."""

    def __init__(self, utterances: list[Utterance], world: World, seed: int) -> None:
        super().__init__(daemon=True)
        self.ready: queue.Queue[tuple[torch.Tensor, torch.Tensor]] = queue.Queue(6)
        self._utterances, self._world = utterances, world
        self._rng = np.random.default_rng(seed)
        self._made: list[tuple[torch.Tensor, torch.Tensor]] = []

    def run(self) -> None:
        """Fill the queue for ever."""
        chance = np.array([weight_of(u) for u in self._utterances])
        chance /= chance.sum()
        while True:
            if len(self._made) > AGED and self._rng.random() < REPEATED:
                mels, labels = self._made.pop(int(self._rng.integers(len(self._made))))
                order = torch.from_numpy(self._rng.permutation(BATCH))
                self.ready.put((self._masked(mels[order]), labels[order]))
                continue
            drawn = self._rng.choice(len(self._utterances), BATCH, p=chance)
            made = [
                example(self._utterances[i], self._utterances, self._world, self._rng)
                for i in drawn
            ]
            mels = torch.from_numpy(np.stack([m.T for m, _ in made]))
            labels = torch.from_numpy(np.stack([y for _, y in made]))
            self._made.append((mels, labels))
            self.ready.put((self._masked(mels), labels))

    def _masked(self, mels: torch.Tensor) -> torch.Tensor:
        """SpecAugment: one hole of up to six bands and one of up to 0.1 s, in most examples."""
        out = mels.clone()
        for example_mels in out:
            if self._rng.random() < 0.6:
                band, wide = int(self._rng.integers(0, 36)), int(self._rng.integers(1, 7))
                example_mels[band : band + wide] = 0.0
            if self._rng.random() < 0.5:
                at, long = (
                    int(self._rng.integers(0, out.shape[2] - 10)),
                    int(self._rng.integers(2, 10)),
                )
                example_mels[:, at : at + long] = 0.0
        return out


def frame_accuracy(
    network: PhoneNetwork, batches: list[tuple[torch.Tensor, torch.Tensor]]
) -> float:
    """The fraction of spoken 20 ms whose phone is named."""
    network.eval()
    right = total = 0
    with torch.no_grad():
        for mels, labels in batches:
            spoken = labels > 0
            right += int((network(mels).argmax(1)[spoken] == labels[spoken]).sum())
            total += int(spoken.sum())
    network.train()
    return right / total


def main() -> None:
    """Train until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--start", type=Path, help="go on from these weights")
    parser.add_argument("--rate", type=float, default=PEAK_RATE)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(chosen.seed)
    everyone = load(chosen.work)
    training = [u for u in everyone if u.training]
    kept_out = [u for u in everyone if u.speaker.split()[-1] in AN4_TEST]
    minutes = sum(len(u.samples) for u in training) / 16_000 / 60
    print(f"{len(training)} utterances, {minutes:.0f} min; {len(kept_out)} kept out", flush=True)
    world = World.of(chosen.data)
    watch = Kitchen(kept_out, world, 1)
    watch.start()
    held = [watch.ready.get() for _ in range(4)]
    network = PhoneNetwork()
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)
    if chosen.start is not None:
        network.load_state_dict(torch.load(chosen.start, weights_only=True))
    optimiser = torch.optim.AdamW(network.parameters(), lr=chosen.rate, weight_decay=0.01)
    kitchen = Kitchen(training, world, chosen.seed + 2)
    kitchen.start()
    weights = torch.ones(40)
    weights[0] = SILENCE_WEIGHT
    began, step, told = time.monotonic(), 0, 0.0
    while (gone := (time.monotonic() - began) / (60 * chosen.minutes)) < 1.0:
        rate = chosen.rate * min(1.0, step / 200 + 0.05) * (0.5 + 0.5 * np.cos(np.pi * gone)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = float(rate)
        mels, labels = kitchen.ready.get()
        loss = functional.cross_entropy(
            network(mels), labels, weight=weights, label_smoothing=SMOOTHING
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step += 1
        if time.monotonic() - told > 60:
            told = time.monotonic()
            found = frame_accuracy(network, held)
            print(f"{gone:.2f} step {step} loss {loss.item():.3f} frames {found:.3f}", flush=True)
            torch.save(network.state_dict(), chosen.work / "network.pt")
    torch.save(network.state_dict(), chosen.work / "network.pt")
    print(f"{step} steps, frames {frame_accuracy(network, held):.3f}", flush=True)


if __name__ == "__main__":
    main()
