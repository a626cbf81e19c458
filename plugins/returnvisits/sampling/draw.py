"""The draw itself: which of the matters of a period are visited. Pure, so that anybody can draw again (VIS-5).

Each matter has exactly the same chance, and after each the number drawn is less than one away from the share. Neither
who did the work nor what it was plays a part: only the seed, the order in which matters came, and their ids. The seed
is told when the period is over, its digest when it begins: nobody can foresee a draw, and nobody exchange the seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

_WHOLE = 1 << 64


def commitment(seed: bytes) -> str:
    """What is told of a seed before it is: its SHA-256, in hexadecimal digits."""
    return sha256(seed).hexdigest()


def is_drawn(seed: bytes, percent: int, position: int, drawn: int, subject_id: UUID) -> bool:
    """Whether the matter is visited that comes as number `position` (from 1), `drawn` of those before it being so.

    `percent` is the share, 1 to 100. With f hundredths of a matter owed by the share before it and f' with it, one that
    is behind catches up at once and one that is ahead waits; else the chance is as below, which makes `percent` in all.
    """
    before, after = (position - 1) * percent, position * percent
    ahead = drawn > before // 100
    if before // 100 == after // 100:
        return not ahead and _falls(seed, subject_id, percent, 100 - before % 100)
    return not ahead or _falls(seed, subject_id, after % 100, before % 100)


def sample(seed: bytes, percent: int, subjects: Iterable[UUID]) -> list[bool]:
    """For each matter in its order whether it is visited."""
    answers: list[bool] = []
    for position, subject_id in enumerate(subjects, 1):
        answers.append(is_drawn(seed, percent, position, sum(answers), subject_id))
    return answers


def _falls(seed: bytes, subject_id: UUID, favourable: int, possible: int) -> bool:
    """A chance of `favourable` in `possible`, decided by seed and id."""
    throw = int.from_bytes(sha256(seed + subject_id.bytes).digest()[:8])
    return throw * possible < favourable * _WHOLE
