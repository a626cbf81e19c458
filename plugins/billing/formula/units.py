"""Units of what formulas reckon with. Nothing is converted: 吨 of water become m³ where the formula says so."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import msgspec

# what a unit may be called besides
_WORDS: Final = {
    "yuan": "元",
    "m2": "m² ㎡ 平方米",
    "m3": "m³ 立方米",
    "t": "吨",
    "kwh": "kWh 度 千瓦时",
    "year": "年",
    "month": "月",
    "day": "天 日",
    "hour": "小时",
    "household": "户",
    "person": "人",
    "space": "车位",
    "vehicle": "辆",
    "time": "次",
}
_BASE: Final = {word: base for base, words in _WORDS.items() for word in (base, *words.split())}
_STEP: Final = re.compile(r"\s*([*/·]?)\s*([^\s*/·]+)\s*")
_MOST: Final = 8


class Unit(msgspec.Struct, frozen=True):
    """Base units with their powers, by name; none at all is a plain number."""

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: Unit) -> Unit:
        return self._with(other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return self._with(other, -1)

    def __str__(self) -> str:
        above = "*".join(base for base, power in self.powers for _ in range(power))
        return (above or "1") + "".join(f"/{base}" for base, power in self.powers for _ in range(-power))

    def _with(self, other: Unit, sign: int) -> Unit:
        powers = Counter(dict(self.powers))
        for base, power in other.powers:
            powers[base] += sign * power
        return Unit(tuple(sorted((base, power) for base, power in powers.items() if power)))


PLAIN: Final = Unit()
YUAN: Final = Unit((("yuan", 1),))


def unit_of(text: str) -> Unit:
    """The unit that `yuan/m2/month` or `元/平方米/月` names; `1` is a plain number. Raises ValueError."""
    unit, at = PLAIN, 0
    for number in range(_MOST):
        step = _STEP.match(text, at)
        if step is None or bool(step[1]) != bool(number):
            break
        if step[2] != "1":
            if step[2] not in _BASE:
                raise ValueError(f"{step[2]!r} is no unit; there are: {', '.join(_WORDS)}")
            base = Unit(((_BASE[step[2]], 1),))
            unit = unit / base if step[1] == "/" else unit * base
        at = step.end()
        if at == len(text):
            return unit
    raise ValueError(f"{text[:40]!r} is no unit such as yuan/m2/month")
