"""Asking a household by text message whether it lets a visitor in (REC-7). Whoever follows the link in it answers
without an account: once, until it expires, and seeing no more than the answer needs. Callers commit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from core.sdk import Conflict, HouseholdCard, Invalid, NotFound, Platform, Site, TooMany, Work, fill, new_id
from plugins.reception.visitors import changes, repository
from plugins.reception.visitors.model import Question, Reply, Visit
from plugins.reception.visitors.policy import VISITORS

PURPOSE: Final = "reception.visit"  # of the links
_LENGTH: Final = 290  # of a message with its link
_MOST, _PAUSE = 3, timedelta(minutes=1)  # messages about one visit, and between two of them
_ASK = """
INSERT INTO reception_visit_ask (company_id, site_id, visit_id, id, asked_name, asked_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6, $7 FROM (
    SELECT count(*) AS asked, max(asked_at) AS last FROM reception_visit_ask WHERE company_id = $1 AND visit_id = $3
) a WHERE asked < $8 AND (last IS NULL OR last <= $9)
"""
_QUESTION = """
SELECT v.id, v.site_id, a.asked_name, a.expires_at, v.name, v.people, v.purpose, v.place
FROM reception_visit_ask a JOIN reception_visit v ON v.company_id = $1 AND v.id = a.visit_id
WHERE a.company_id = $1 AND a.id = $2 AND a.answered_at IS NULL AND a.expires_at > $3
    AND v.status = 'waiting' AND v.host_answer = ''
"""
_VISIT = ", ".join(f"v.{column}" for column in Visit.__struct_fields__)
# The link is used up, and its visit is locked as it stands by then.
_USE = f"""
WITH used AS (
    UPDATE reception_visit_ask SET answered_at = $3
    WHERE company_id = $1 AND id = $2 AND answered_at IS NULL AND expires_at > $3 RETURNING visit_id, asked_name
)
SELECT u.asked_name, {_VISIT}
FROM used u JOIN reception_visit v ON v.company_id = $1 AND v.id = u.visit_id FOR UPDATE OF v
"""  # noqa: S608


async def occupants(platform: Platform, work: Work, site: Site, visit: Visit) -> HouseholdCard | None:
    """The household that can be asked by text message; None where it cannot."""
    if visit.unit_id is None or visit.host_answer or not await platform.notify.residents.reachable(work, site.id):
        return None
    return await platform.estate.household(work, site, visit.unit_id)


async def ask(platform: Platform, work: Work, site: Site, visit: Visit, party_id: UUID | None) -> str:
    """Send an occupant a message with a link; their name. Raises Invalid, Conflict, TooMany."""
    household = await occupants(platform, work, site, visit)
    if household is None:
        raise Conflict("This household cannot be asked by text message: phone it.")
    person = next((each for each in household.occupants if each.party_id == party_id and each.phones), None)
    if person is None:
        raise Invalid.field("party_id", "Choose somebody of the household who has a phone.")
    rules = await platform.policies.value(work, VISITORS, site.id)
    ask_id, until = new_id(), work.now + timedelta(minutes=rules.answer_minutes)
    which = work.ctx.company_id, site.id, visit.id, ask_id
    if not await work.uow.execute(_ASK, *which, person.name, work.now, until, _MOST, work.now - _PAUSE):
        raise TooMany("This household has been asked by text message already: phone it.")
    link = f"{platform.settings.public_url}/s/{site.slug}/reception/host/"
    link += platform.links.make(PURPOSE, work.ctx.company_id, ask_id)
    values = {
        "site": site.name,
        "visitor": visit.name,
        "unit": visit.place,
        "purpose": visit.purpose,
        "until": f"{until.astimezone(ZoneInfo(site.timezone)):%H:%M}",
    }
    text = f"{fill(rules.answer_text, values)[: _LENGTH - len(link)]} {link}"
    if not await platform.notify.residents.send(work, site.id, person.party_id, text):
        raise Conflict("This household cannot be asked by text message: phone it.")
    return person.name


async def question(work: Work, ask_id: UUID) -> Question:
    """What is asked behind a link. Raises NotFound once it is answered, has expired, or nobody waits any more."""
    found = await work.uow.fetch_one(Question, _QUESTION, work.ctx.company_id, ask_id, work.now)
    if found is None or found.site_id not in work.ctx.site_ids:
        raise NotFound
    return found


async def reply(work: Work, ask_id: UUID, said: Reply) -> Visit:
    """Take down the household's answer. Raises NotFound like `question`, Invalid for a time that is past."""

    def read(asked_name: str, *visit: Any) -> tuple[str, Visit]:
        return asked_name, Visit(**dict(zip(Visit.__struct_fields__, visit, strict=True)))

    if said.at is not None:
        changes.check_ahead(work, said.at)
    found = await work.uow.fetch_one(read, _USE, work.ctx.company_id, ask_id, work.now)
    if found is None:
        raise NotFound
    name, visit = found
    if visit.site_id not in work.ctx.site_ids or visit.status != "waiting" or visit.host_answer:
        raise NotFound  # the desk has had an answer meanwhile, or the visitor has gone
    by, accepts = (None, name), said.answer == "accept"
    visit = changes.answered(visit, work.now, accepts=accepts, by=name, via="link")
    visit = await repository.save(work.uow, visit, work.now, by, [(said.answer, "")])
    if not accepts and said.at is not None:
        await changes.book_again(work, visit, said.at, by)
    changes.changed(work, said.answer, visit)
    return visit
