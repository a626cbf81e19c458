"""Pictures of letters for demo companies: sheets as a scanner sees them, on which nothing can be read."""

from __future__ import annotations

import cmath
import io
import math
import random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

_SIZE: Final = (595, 842)  # A4 at 72 dpi
_PAPER, _DESK, _INK, _SEAL = (250, 247, 240), (226, 224, 220), (52, 54, 66), (196, 40, 44)
_MARGIN, _LINE, _GLYPH = 80, 28, 16  # pixels


def scanned(seed: str, *, sealed: bool) -> bytes:
    """A page as a JPEG, the same one for the same seed: heading, lines of writing, signature, round seal."""
    chance = random.Random(seed)  # noqa: S311 - it has to come out the same again
    sheet = Image.new("RGB", _SIZE, _PAPER)
    pen = ImageDraw.Draw(sheet)
    _write(pen, chance, (_SIZE[0] - 12 * 25) // 2, 90, 12, 22)
    y = 150
    for _ in range(chance.randint(3, 5)):  # paragraphs
        lines = chance.randint(2, 4)
        for line in range(lines):
            first, last = line == 0, line == lines - 1
            room = (_SIZE[0] - 2 * _MARGIN) // _GLYPH - 2 * first
            _write(pen, chance, _MARGIN + 2 * _GLYPH * first, y, chance.randint(6, room) if last else room, _GLYPH - 3)
            y += _LINE
        y += _LINE // 2
    x = _SIZE[0] - _MARGIN - 9 * _GLYPH
    _write(pen, chance, x, y + _LINE, 8, _GLYPH - 3)
    _write(pen, chance, x, y + 2 * _LINE, 8, _GLYPH - 3)
    if sealed:
        pen.ellipse((x - 10, y - 10, x + 110, y + 110), outline=_SEAL, width=4)
        points = (cmath.rect(20 if point % 2 else 8, math.pi * (point / 5 + 0.3)) for point in range(10))
        pen.polygon([(x + 50 + point.real, y + 50 + point.imag) for point in points], fill=_SEAL)
    turned = sheet.rotate(chance.uniform(-1.2, 1.2), Image.Resampling.BILINEAR, fillcolor=_DESK)
    told = io.BytesIO()
    turned.filter(ImageFilter.GaussianBlur(0.6)).save(told, "JPEG", quality=70)
    return told.getvalue()


def _write(pen: ImageDraw.ImageDraw, chance: random.Random, x: int, y: int, glyphs: int, size: int) -> None:
    """So many characters that are none: a few strokes in a square each."""
    for number in range(glyphs):
        left = x + number * (size + 3)
        for _ in range(chance.randint(4, 7)):
            a, b = chance.randint(0, size), chance.randint(0, size)
            across = (left, y + a, left + size, y + a - chance.randint(0, 2))
            pen.line(across if chance.random() < 0.5 else (left + b, y, left + b, y + size), fill=_INK, width=1)
