"""One A4 page on which nothing can overflow: every text is given its room and kept within it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from fpdf import FPDF

from firmware_service.report.words import ELLIPSIS, PAGE_ENCODING, printable

WIDTH_MM = 210.0
HEIGHT_MM = 297.0
MARGIN_MM = 11.0
_MM_PER_POINT = 25.4 / 72


class Colour(NamedTuple):
    """Red, green and blue, 0…255."""

    red: int
    green: int
    blue: int


class Box(NamedTuple):
    """A rectangle in mm from the page's top left corner."""

    x: float
    y: float
    width: float
    height: float


BLACK = Colour(20, 22, 26)
GREY = Colour(98, 104, 112)
PALE = Colour(208, 212, 218)
FAINT = Colour(240, 242, 245)
WHITE = Colour(255, 255, 255)
RED = Colour(178, 24, 32)
DARK_RED = Colour(150, 14, 22)
AMBER = Colour(246, 178, 48)
DARK_AMBER = Colour(150, 90, 0)
PALE_AMBER = Colour(254, 241, 212)
SLATE = Colour(84, 108, 138)
LEFT_BLUE = Colour(0, 84, 160)
RIGHT_ORANGE = Colour(196, 92, 0)


class Page:
    """Drawing in mm from the top left corner, with text shortened to the room it is given."""

    def __init__(self, *, title: str, made_at: datetime) -> None:
        self._pdf = FPDF(format="A4", unit="mm")
        self._pdf.core_fonts_encoding = PAGE_ENCODING
        self._pdf.set_creation_date(made_at)
        self._pdf.set_title(printable(title))
        self._pdf.set_lang("en-GB")
        self._pdf.set_margin(0)
        self._pdf.set_auto_page_break(False)
        self._pdf.add_page()

    def text(
        self,
        x: float,
        y: float,
        width: float,
        words: str,
        *,
        size: float = 8,
        bold: bool = False,
        colour: Colour = BLACK,
        align: str = "L",
    ) -> None:
        """One line with its top at `y`, shortened to `width` mm; `align` is L, C or R."""
        self._pen(size, bold, colour)
        line = self._fitted(printable(words), width)
        spare = width - self._pdf.get_string_width(line)
        start = x + spare * {"L": 0.0, "C": 0.5, "R": 1.0}[align]
        self._pdf.text(start, y + size * _MM_PER_POINT * 0.8, line)

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        words: str,
        *,
        lines: int,
        size: float = 8,
        bold: bool = False,
        colour: Colour = BLACK,
    ) -> float:
        """Words wrapped into at most `lines` lines; returns the y below the last one."""
        self._pen(size, bold, colour)
        for line in self._wrapped(printable(words), width, lines):
            self._pdf.text(x, y + size * _MM_PER_POINT * 0.8, line)
            y += line_height(size)
        return y

    def bullets(
        self,
        x: float,
        y: float,
        width: float,
        items: Sequence[str],
        *,
        lines: int,
        each: int = 2,
        size: float = 8,
        colour: Colour = BLACK,
    ) -> float:
        """Items with a dot, `each` lines at most and `lines` in all; counts what did not fit."""
        left = lines
        worded = [item for item in map(printable, items) if item]
        for at, item in enumerate(worded):
            waiting = len(worded) - at
            if left == 1 and waiting > 1:
                self.text(x, y, width, f"and {waiting} more in the report", size=size, colour=GREY)
                return y + line_height(size)
            room = max(1, min(each, left - (1 if waiting > 1 else 0)))
            self.text(x, y, 3, "•", size=size, colour=colour)
            below = self.paragraph(
                x + 2.4, y, width - 2.4, item, lines=room, size=size, colour=colour
            )
            left -= round((below - y) / line_height(size))
            y = below
        return y

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        line: float = 0.25,
    ) -> None:
        """A rectangle, filled, outlined or both."""
        self._ink(fill, edge, line)
        self._pdf.rect(x, y, width, height, style=("D" if edge else "") + ("F" if fill else ""))

    def ellipse(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        line: float = 0.35,
    ) -> None:
        """An ellipse in the rectangle given."""
        self._ink(fill, edge, line)
        self._pdf.ellipse(x, y, width, height, style=("D" if edge else "") + ("F" if fill else ""))

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: Colour = BLACK,
        width: float = 0.25,
        dash: float = 0,
        gap: float = 0,
    ) -> None:
        """A line through the points, dashed when `dash` is given."""
        self._ink(None, colour, width)
        if dash:
            self._pdf.set_dash_pattern(dash=dash, gap=gap or dash)
        self._pdf.polyline(points)
        if dash:
            self._pdf.set_dash_pattern()

    def turned(self, angle_deg: float, x: float, y: float) -> AbstractContextManager[None]:
        """What is drawn inside is turned counter-clockwise about (x, y)."""
        turning: AbstractContextManager[None] = self._pdf.rotation(angle_deg, x, y)
        return turning

    def inside(
        self, x: float, y: float, width: float, height: float
    ) -> AbstractContextManager[None]:
        """What is drawn inside shows only within this rectangle."""
        clipping: AbstractContextManager[None] = self._pdf.rect_clip(x, y, width, height)
        return clipping

    def to_bytes(self) -> bytes:
        """The PDF; the same drawing gives the same bytes."""
        return bytes(self._pdf.output())

    def _pen(self, size: float, bold: bool, colour: Colour) -> None:  # noqa: FBT001
        self._pdf.set_font("Helvetica", "B" if bold else "", size)
        self._pdf.set_text_color(*colour)

    def _ink(self, fill: Colour | None, edge: Colour | None, line: float) -> None:
        if fill:
            self._pdf.set_fill_color(*fill)
        if edge:
            self._pdf.set_draw_color(*edge)
        self._pdf.set_line_width(line)

    def _fits(self, words: str, width: float) -> bool:
        return bool(self._pdf.get_string_width(words) <= width)

    def _fitted(self, words: str, width: float) -> str:
        if self._fits(words, width):
            return words
        return self._head(words, width, ELLIPSIS).rstrip() + ELLIPSIS

    def _head(self, words: str, width: float, ending: str = "") -> str:
        """The longest beginning that fits together with the ending."""
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            if self._fits(words[:middle] + ending, width):
                low = middle
            else:
                high = middle - 1
        return words[:low]

    def _wrapped(self, words: str, width: float, lines: int) -> list[str]:
        wrapped: list[str] = []
        rest = words
        while rest and len(wrapped) < lines - 1 and not self._fits(rest, width):
            head = self._head(rest, width)
            cut = head.rfind(" ") if rest[len(head)] != " " else len(head)
            cut = cut if cut > 0 else max(1, len(head))  # a word longer than the line is cut
            wrapped.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        return [*wrapped, self._fitted(rest, width)] if rest else wrapped


def line_height(size: float) -> float:
    """The distance in mm from one line to the next."""
    return size * _MM_PER_POINT * 1.22
