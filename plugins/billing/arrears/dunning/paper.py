"""Letters and formal notices on A4, a page a household (BIL-5). What stands on them is what is on record."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response

from core.sdk import NotFound, Platform, Site, View, Work, amount_for, document, msgid
from plugins.billing.arrears.dunning import service
from plugins.billing.arrears.dunning.model import Debt, Taken
from plugins.billing.arrears.policies import DUNNING, DunningRules
from plugins.billing.telling import yuan


class Line(msgspec.Struct, frozen=True):
    """A charge that is asked for."""

    item: str
    days: str
    due_on: str
    yuan: str


class Letter(msgspec.Struct, frozen=True):
    """A page to a household."""

    number: str
    day: str
    unit: str
    name: str
    text: str
    lines: list[Line]
    total: str


class Letters(msgspec.Struct, frozen=True):
    """What the template is filled with."""

    company: str
    site: str
    telephone: str
    notice: bool
    letters: list[Letter]


async def letters(
    platform: Platform, work: Work, site: Site, view: View, dunning_id: UUID, *, alone: bool, save: bool
) -> Response[bytes]:
    """The letters or notices that were written at once. Raises NotFound for steps that are not on paper."""
    taken = [
        each
        for each in await service.together(work, site, dunning_id)
        if each.step in ("letter", "notice") and (not alone or each.id == dunning_id)
    ]
    if not taken:
        raise NotFound
    rules: DunningRules = await platform.policies.value(work, DUNNING, site.id)
    notice = taken[0].step == "notice"
    told = [_letter(work, site, rules, each) for each in taken]
    data = Letters(view.page.brand, site.name, site.telephone, notice, told)
    title = view.say(msgid("Formal notice of arrears") if notice else msgid("Reminder of arrears"))
    name = f"{title}-{site.name}-{taken[0].done_on:%Y%m%d}"
    return await document(view, "billing/dunning.typ", name, data, save=save)


def _letter(work: Work, site: Site, rules: DunningRules, taken: Taken) -> Letter:
    held = work.ctx.permissions
    since = min(line.due_on for line in taken.lines)
    text = service.written(rules, taken.step, site, taken.done_on, (taken.unit, taken.party, taken.amount_fen, since))
    return Letter(
        f"{taken.done_on:%Y}-{taken.number:04}",
        str(taken.done_on),
        taken.unit,
        taken.party,
        text,
        [_line(held, line) for line in taken.lines],
        amount_for(held, yuan(taken.amount_fen)),
    )


def _line(held: frozenset[str], line: Debt) -> Line:
    days = f"{line.first_day} – {line.last_day}" if line.first_day else "—"
    return Line(line.item, days, str(line.due_on), amount_for(held, yuan(line.open_fen)))
