"""The steps of a story on its tickets: a line each, taken by the services as whoever it names."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.analysis.model import NewItem
from core.cli.demo.story import Act, acts
from core.hooks.story import Moment
from core.tenancy.directory import Site
from core.tenancy.packs.read import fitted
from core.tickets import causes, relations, tags
from core.tickets.causes import SaidCause
from core.tickets.merging import Merge
from core.tickets.model import Severity, Step
from core.tickets.relations import NewRelation
from core.tickets.tags import TagChange
from core.work import Work

if TYPE_CHECKING:
    from core.cli.demo.teller import Teller

Take = Callable[[Work, Site, UUID], Coroutine[Any, Any, object]]
Find = Callable[[], UUID | None]


def follow(teller: Teller, site: Site, since: datetime, steps: str, ticket: Find) -> Iterator[Moment]:
    """The moments of those steps, counted from `since`, on the ticket that is found then; without one nothing is done.

    Steps of plugins that are not there are left out. Raises ValueError or PackError for what is no step.
    """
    for act in acts(steps):
        if (take := _taking(teller, act)) is not None:
            yield since + timedelta(minutes=act.minutes), partial(_later, teller, site, act, take, ticket)


async def _later(teller: Teller, site: Site, act: Act, take: Take, ticket: Find) -> None:
    ticket_id = ticket()
    if ticket_id is not None:  # else it would have been taken in before there was a company
        await take(teller.work_as(act.login), site, ticket_id)


def _taking(teller: Teller, act: Act) -> Take | None:
    plugin_id, _, noun = act.name.partition(".")
    host = teller.platform.host
    if not noun:
        return partial(_take, teller, act)
    if plugin_id not in host:
        return None
    step = next((step for step in host[plugin_id].story_steps if step.name == noun), None)
    if step is None:
        raise ValueError(f"there is no step {act.name}")
    said = {**act.options, **({"text": act.text} if act.text else {})}
    return partial(step.take, teller, fitted("", said, step.options, act.name, strict=False))


async def _take(teller: Teller, act: Act, work: Work, site: Site, ticket_id: UUID) -> None:
    options, platform = act.options, teller.platform
    if act.name == "merge":
        into = Merge(teller.tickets[options["into"]], act.text)
        await platform.merging.merge(work, site, ticket_id, into, None)
    elif act.name == "relate":
        new = msgspec.convert({"kind": options["kind"], "ticket_id": teller.tickets[options["to"]]}, NewRelation)
        await relations.relate(work, site, ticket_id, new)
    elif act.name == "agenda":
        await platform.meetings.raise_item(work, site, NewItem(act.text, ticket_id))
    elif act.name == "cause":
        version = (await platform.tickets.get(work, site, ticket_id)).version
        said = SaidCause(options["cause"], act.text)
        await causes.say(work, platform.policies, site, ticket_id, options["goal"], said, version)
    elif act.name == "tag":
        await tags.change(work, site, ticket_id, TagChange(add=tuple(act.text.split())))
    else:
        to = teller.person(options["to"]) if "to" in options else None
        step = Step(
            text=act.text,
            assignee_id=to,
            colleague_id=to,
            at=teller.at + timedelta(minutes=int(options["in"])) if "in" in options else None,
            outcome=options.get("outcome", ""),  # type: ignore[arg-type]
            category=options.get("category", ""),
            severity=msgspec.convert(options.get("severity"), Severity | None),
        )
        await platform.tickets.act(work, site, ticket_id, act.name, step, None)
