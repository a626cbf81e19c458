"""Every statement about draws; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.returnvisits.sampling.model import Candidate, Draw

_COUNTED = """d.id, d.rule, d.title, d.since, d.until, d.percent, d.commitment, d.opened_at,
    (SELECT count(*) FROM returnvisits_candidate c WHERE c.company_id = $1 AND c.draw_id = d.id),
    (SELECT count(*) FROM returnvisits_candidate c WHERE c.company_id = $1 AND c.draw_id = d.id AND c.drawn)"""
_OF_PERIOD = f"""
SELECT {_COUNTED}, d.seed FROM returnvisits_draw d
WHERE d.company_id = $1 AND d.site_id = $2 AND d.rule = $3 AND d.since = $4
"""  # noqa: S608
_OPEN = """
INSERT INTO returnvisits_draw (company_id, id, site_id, rule, title, since, until, percent, commitment, seed, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (company_id, site_id, rule, since) DO NOTHING
"""
_ADD = """
INSERT INTO returnvisits_candidate (company_id, site_id, draw_id, at, id, position, subject_id, label, drawn)
SELECT $1, $2, $3, $4, c.* FROM unnest($5::uuid[], $6::int[], $7::uuid[], $8::text[], $9::boolean[]) c
"""
_KNOWN = "SELECT count(*) FROM returnvisits_candidate WHERE company_id = $1 AND site_id = $2 AND subject_id = $3"
_LIST = f"""
SELECT {_COUNTED} FROM returnvisits_draw d WHERE d.company_id = $1 AND d.site_id = $2
ORDER BY d.since DESC, d.rule LIMIT $3
"""  # noqa: S608
_GET = f"SELECT {_COUNTED}, d.seed FROM returnvisits_draw d WHERE d.company_id = $1 AND d.site_id = $2 AND d.id = $3"  # noqa: S608
# A ticket that the reader may not see is not told of: row level security hides it, a household is no ticket.
_CANDIDATES = """
SELECT c.position, c.subject_id, CASE WHEN t.id IS NULL AND d.rule NOT LIKE $4 THEN '' ELSE c.label END, c.drawn, c.at
FROM returnvisits_candidate c
JOIN returnvisits_draw d ON d.company_id = c.company_id AND d.id = c.draw_id
LEFT JOIN ticket t ON t.company_id = c.company_id AND t.id = c.subject_id
WHERE c.company_id = $1 AND c.site_id = $2 AND c.draw_id = $3 ORDER BY c.position
"""


class Seeded(msgspec.Struct, frozen=True):
    """A draw with its seed, which is not told before its period is over."""

    draw: Draw
    seed: bytes


def _seeded(*row: object) -> Seeded:
    return Seeded(Draw(*row[:-1]), row[-1])  # type: ignore[arg-type]


async def of_period(uow: UnitOfWork, site_id: UUID, rule: str, since: date) -> Seeded | None:
    return await uow.fetch_one(_seeded, _OF_PERIOD, uow.company_id, site_id, rule, since)


async def open_draw(
    uow: UnitOfWork,
    site_id: UUID,
    rule: str,
    title: str,
    period: tuple[date, date],
    percent: int,
    commitment: str,
    seed: bytes,
    now: datetime,
) -> bool:
    """False where the period's draw is there already."""
    added = await uow.execute(
        _OPEN, uow.company_id, new_id(), site_id, rule, title, *period, percent, commitment, seed, now
    )
    return bool(added)


async def add(
    uow: UnitOfWork,
    site_id: UUID,
    draw: Draw,
    subjects: Sequence[tuple[UUID, str]],
    drawn: Sequence[bool],
    now: datetime,
) -> None:
    """The next candidates of a draw that is held, in their order."""
    count = range(draw.candidates + 1, draw.candidates + len(subjects) + 1)
    ids, labels = [subject for subject, _ in subjects], [label for _, label in subjects]
    keys = [new_id() for _ in subjects]
    await uow.execute(_ADD, uow.company_id, site_id, draw.id, now, keys, list(count), ids, labels, list(drawn))


async def is_known(uow: UnitOfWork, site_id: UUID, subject_id: UUID) -> bool:
    """Whether it could be drawn before, in whichever draw."""
    return bool(await uow.value(_KNOWN, uow.company_id, site_id, subject_id))


async def listed(uow: UnitOfWork, site_id: UUID, most: int) -> list[Draw]:
    """The latest period first."""
    return await uow.fetch(Draw, _LIST, uow.company_id, site_id, most)


async def get(uow: UnitOfWork, site_id: UUID, draw_id: UUID) -> Seeded | None:
    return await uow.fetch_one(_seeded, _GET, uow.company_id, site_id, draw_id)


async def candidates(uow: UnitOfWork, site_id: UUID, draw_id: UUID, of_households: str) -> list[Candidate]:
    """In their order. `of_households`: the pattern of rules whose candidates are households and not tickets."""
    return await uow.fetch(Candidate, _CANDIDATES, uow.company_id, site_id, draw_id, of_households)
