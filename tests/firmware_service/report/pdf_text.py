"""Reads back where every text of a page stands, from the PDF's own drawing commands."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from fpdf import FPDF

MM_PER_POINT = 25.4 / 72
_PAGE_HEIGHT_PT = 841.89
_FONT = re.compile(rb"BT /(F\d) ([\d.]+) Tf ET")
_TEXT = re.compile(rb"BT (-?[\d.]+) (-?[\d.]+) Td \(((?:\\.|[^\\)])*)\) Tj ET", re.DOTALL)


class Text(NamedTuple):
    """A line of text and the room its letters take, in mm from the top left corner."""

    words: str
    left: float
    top: float
    right: float
    bottom: float


def page_count(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", pdf))


def texts(pdf: bytes) -> list[Text]:
    """Every text that is drawn upright, in drawing order."""
    found: list[Text] = []
    ruler = FPDF(unit="mm")
    ruler.core_fonts_encoding = "windows-1252"
    turned = False
    for line in _drawing(pdf).split(b"\nET\n")[0].split(b"\n"):
        turned = turned or (line.endswith(b" cm") and not line.startswith(b"1.0000 0.0000"))
        turned = turned and line != b"Q"
        if font := _FONT.search(line):
            bold = _fonts(pdf)[font[1]].endswith(b"Bold")
            size = float(font[2])
            ruler.set_font("Helvetica", "B" if bold else "", size)
        if (text := _TEXT.search(line)) and not turned:
            words = re.sub(rb"\\(.)", rb"\1", text[3]).decode("windows-1252")
            left = float(text[1]) * MM_PER_POINT
            base = (_PAGE_HEIGHT_PT - float(text[2])) * MM_PER_POINT
            top, bottom = base - 0.72 * size * MM_PER_POINT, base + 0.2 * size * MM_PER_POINT
            found.append(Text(words, left, top, left + ruler.get_string_width(words), bottom))
    return found


def _drawing(pdf: bytes) -> bytes:
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    return zlib.decompress(streams[0])


def _fonts(pdf: bytes) -> dict[bytes, bytes]:
    objects = dict(re.findall(rb"(\d+) 0 obj\n<<\n/BaseFont /([\w-]+)", pdf))
    return {name: objects[number] for name, number in re.findall(rb"/(F\d) (\d+) 0 R", pdf)}
