"""The rules of statements by link (BIL-8): nothing is told before the code that only the household's telephone has.
Callers commit."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from core.sdk import (
    Conflict,
    Invalid,
    NotFound,
    Platform,
    Site,
    TooMany,
    Work,
    fill,
    msgid,
    new_id,
)
from plugins.billing.access import enter
from plugins.billing.amounts.spans import months_after
from plugins.billing.statements import repository
from plugins.billing.statements.model import (
    CODES,
    MONTHS,
    TRIES,
    Asked,
    Household,
    NewStatement,
    Reader,
    Statement,
    Told,
)
from plugins.billing.statements.policy import STATEMENT

PURPOSE: Final = "billing.statement"  # of the links
_PEPPER: Final = "billing.statement.code"
_LENGTH: Final = 290  # of a message with its link
_A_DAY, _PAUSE = 3, timedelta(minutes=1)  # links of a unit; between two of them, and between two codes
MINUTES: Final = 10  # that a code is good
_CODE: Final = re.compile(r"[0-9]{6}")
NOT_REACHED: Final = msgid("No text message can be sent to this household: phone it.")


async def household(platform: Platform, work: Work, site: Site, unit_id: UUID) -> Household:
    """Who of a household can be sent a link, and which were sent. Raises NotFound."""
    unit, readers = await _readers(platform, work, site, unit_id)
    reachable = await platform.notify.residents.reachable(work, site.id)
    return Household(unit_id, unit, reachable, readers, await repository.sent(work.uow, site.id, unit_id))


async def send(platform: Platform, work: Work, site: Site, unit_id: UUID, new: NewStatement) -> Statement:
    """Send somebody of the household a link. Raises NotFound, Invalid, Conflict, TooMany."""
    unit, readers = await _readers(platform, work, site, unit_id)
    reader = next((each for each in readers if each.party_id == new.party_id), None)
    if reader is None:
        raise Invalid.field("party_id", msgid("Choose somebody of the household who has a phone."))
    rules = await platform.policies.value(work, STATEMENT, site.id)
    id, until = new_id(), work.now + timedelta(days=rules.link_days)
    limits = work.now - timedelta(days=1), _A_DAY, work.now - _PAUSE
    by = work.ctx.actor.id, work.ctx.actor.name
    if not await repository.send(work.uow, site.id, unit_id, new.party_id, id, work.now, by, until, limits):
        raise TooMany(msgid("This household has been sent a link already: wait a while, or phone it."))
    link = f"{platform.settings.public_url}/s/{site.slug}/billing/statement/"
    link += platform.links.make(PURPOSE, work.ctx.company_id, id)
    told = {"site": site.name, "unit": unit, "until": f"{until.astimezone(ZoneInfo(site.timezone)):%m-%d}"}
    text = f"{fill(rules.text, told)[: _LENGTH - len(link)]} {link}"
    if not await platform.notify.residents.send(work, site.id, new.party_id, text):
        raise Conflict(NOT_REACHED)
    work.audit("billing.statement.sent", "billing_statement", id, {"billing.unit": unit_id}, site_id=site.id)
    return Statement(id, unit_id, new.party_id, reader.name, work.now, by[1], until, 0, 0, 0, None)


async def asked(work: Work, id: UUID) -> Asked:
    """What a link names. Raises NotFound once it has expired or was tried too often."""
    found = await repository.asked(work.uow, id, work.now, TRIES)
    if found is None or found.site_id not in work.ctx.site_ids:
        raise NotFound
    return found


async def send_code(platform: Platform, work: Work, site: Site, found: Asked) -> None:
    """Send a code to the number on record. Raises Conflict without a number, TooMany."""
    code = f"{secrets.randbelow(1_000_000):06}"
    until = work.now + timedelta(minutes=MINUTES)
    digest = _digest(platform, work, found.id, code)
    if not await repository.code(work.uow, found.id, work.now, digest, until, (TRIES, CODES, work.now - _PAUSE)):
        raise TooMany(msgid("A code is on its way already. Wait a minute, or ask the property office for a new link."))
    rules = await platform.policies.value(work, STATEMENT, site.id)
    text = fill(rules.code_text, {"site": site.name, "code": code, "minutes": str(MINUTES)})
    if not await platform.notify.residents.send(work, site.id, found.party_id, text):
        raise Conflict(NOT_REACHED)


async def open_with(platform: Platform, work: Work, site: Site, found: Asked, code: str) -> Told | None:
    """What the household owes and has paid, on record, if that is its code; None: it is not, which is counted."""
    code = code.strip()
    if not _CODE.fullmatch(code):
        return None
    digest = _digest(platform, work, found.id, code)
    tried = await repository.attempt(work.uow, found.id, work.now, digest, TRIES)
    if tried is None or not tried[0]:
        return None
    work.audit(
        "billing.statement.read", "billing_statement", found.id, {"billing.unit": found.unit_id}, site_id=site.id
    )
    since = months_after(site.today(work.now), -MONTHS)
    return await repository.told(work.uow, site.id, found.unit_id, found.party_id, since)


async def _readers(platform: Platform, work: Work, site: Site, unit_id: UUID) -> tuple[str, list[Reader]]:
    enter(work, site)
    card = await platform.estate.household(work, site, unit_id)
    if card is None:
        raise NotFound
    found = {o.party_id: Reader(o.party_id, o.name, o.phones[0]) for o in card.occupants if o.phones}
    return card.label, list(found.values())


def short_name(name: str) -> str:
    """The first letter: whoever finds the telephone learns no name."""
    return f"{name[:1]}**"


def _digest(platform: Platform, work: Work, id: UUID, code: str) -> bytes:
    """Of a code, under the instance's secret: whoever reads the table cannot try them all."""
    return sha256(f"{platform.links.make(_PEPPER, work.ctx.company_id, id)} {code}".encode()).digest()
