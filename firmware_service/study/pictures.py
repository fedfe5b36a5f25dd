"""The pictures of a study. Colours are safe for colour-blind readers; every axis has its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import shap
from matplotlib.figure import Figure as Sheet
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from firmware_service.study.performance import SEED, Confusion, Figure

DPI: Final = 130
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's palette."""
_METADATA: Final = {"Software": None}
Floats = NDArray[np.float64]


def save(sheet: Sheet, path: Path) -> None:
    """Write a picture; the same figure gives the same bytes.

    Raises:
        OSError: it cannot be written.
    """
    sheet.savefig(path, dpi=DPI, metadata=_METADATA, bbox_inches="tight", facecolor="white")


def distributions(
    columns: Sequence[tuple[str, str]],
    by_label: Mapping[str, Sequence[Sequence[float]]],
    people: Mapping[str, int],
) -> Sheet:
    """One small plot for each feature: every file a dot, box of the middle half, by label.

    Args:
        columns: (words, unit) of each feature.
        by_label: for each label the measured values of each feature, in the same order.
        people: how many people stand behind each label.
    """
    across = 3
    down = -(-len(columns) // across)
    sheet = Sheet(figsize=(4.2 * across, (0.9 + 0.55 * len(by_label)) * down + 1.1))
    rng = np.random.default_rng(SEED)
    for i, (words, unit) in enumerate(columns):
        plot = sheet.add_subplot(down, across, i + 1)
        for row, values in enumerate(by_label.values()):
            one, colour = np.asarray(values[i]), _COLOURS[row % len(_COLOURS)]
            if one.size == 0:
                continue
            plot.scatter(
                one,
                row + rng.uniform(-0.28, 0.28, one.size),
                s=7,
                alpha=0.45,
                color=colour,
                linewidths=0,
            )
            plot.boxplot(
                one,
                positions=[row],
                orientation="horizontal",
                widths=0.62,
                showfliers=False,
                manage_ticks=False,
                medianprops={"color": "black", "linewidth": 2},
            )
        plot.axvline(0.0, color="0.75", linewidth=1, zorder=0)
        plot.set_title(words, fontsize=10)
        plot.set_xlabel(unit, fontsize=9)
        plot.set_ylim(len(by_label) - 0.45, -0.55)
        names = [f"{label}\n{len(values[i])} files" for label, values in by_label.items()]
        plot.set_yticks(range(len(names)), names, fontsize=8)
        plot.tick_params(axis="x", labelsize=8)
    behind = ", ".join(f"{label} {count}" for label, count in people.items())
    sheet.suptitle(
        "Right − left, folded so that the side whose mouth corner hangs lower is the patient's left"
        f"\n(dots: files; box: middle half with median; people: {behind})",
        fontsize=11,
    )
    sheet.tight_layout(rect=(0, 0, 1, 1 - 0.45 / sheet.get_figheight()), h_pad=1.6)
    return sheet


def confusion(counts: Confusion, healthy: str, affected: str) -> Sheet:
    """Counts of files, and the share of each true label."""
    cells = np.array(
        [
            [counts.healthy_as_healthy, counts.healthy_as_affected],
            [counts.affected_as_healthy, counts.affected_as_affected],
        ]
    )
    share = cells / np.maximum(cells.sum(axis=1, keepdims=True), 1)
    sheet = Sheet(figsize=(4.6, 4.2))
    plot = sheet.add_subplot()
    plot.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(cells):
        colour = "white" if share[row, column] > 0.55 else "black"
        plot.text(
            column,
            row,
            f"{count}\n{share[row, column]:.0%}",
            ha="center",
            va="center",
            color=colour,
            fontsize=14,
        )
    plot.set_xticks((0, 1), (healthy, affected))
    plot.set_yticks((0, 1), (healthy, affected), rotation=90, va="center")
    plot.set_xlabel("taken for (probability ≥ 0.5)")
    plot.set_ylabel("folder's label")
    plot.set_title("Classifier, held-out people: files", fontsize=11)
    return sheet


def roc(affected: NDArray[np.bool_], scores: Mapping[str, tuple[Floats, Figure]]) -> Sheet:
    """The ROC curves of several scores, the area with its interval in the legend."""
    sheet = Sheet(figsize=(5.2, 5.0))
    plot = sheet.add_subplot()
    plot.plot((0, 1), (0, 1), color="0.75", linewidth=1)
    for i, (name, (score, area)) in enumerate(scores.items()):
        false_positive, true_positive, _ = roc_curve(affected, score)
        plot.plot(
            false_positive,
            true_positive,
            color=_COLOURS[i],
            linewidth=2,
            linestyle=("-", "--", ":")[i % 3],
            label=f"{name}\nAUC {area}",
        )
    plot.set_xlabel("false positive rate (healthy taken for affected)")
    plot.set_ylabel("sensitivity (recall)")
    plot.set_xlim(-0.01, 1.01)
    plot.set_ylim(-0.01, 1.01)
    plot.set_aspect("equal")
    plot.legend(loc="lower right", fontsize=8, title="95 % interval over people", title_fontsize=8)
    plot.set_title("Classifier: held-out people; droop score: as it is", fontsize=10)
    return sheet


def shap_summary(
    shap_values: Floats, features: Floats, names: Sequence[str], affected: str
) -> Sheet:
    """The library's summary plot: what moved the classifier, and which way."""
    plt.switch_backend("Agg")
    shap.summary_plot(
        shap_values,
        features,
        feature_names=list(names),
        show=False,
        plot_size=(9, 0.45 * len(names) + 2),
        color_bar_label="feature, low to high",
        rng=np.random.default_rng(SEED),
    )
    sheet: Sheet = plt.gcf()
    sheet.axes[0].set_xlabel(f"SHAP value: towards “{affected}”, log-odds", fontsize=10)
    sheet.axes[0].set_title(
        "What moved the classifier, held-out people (right − left, folded)", fontsize=11
    )
    plt.close(sheet)
    return sheet
