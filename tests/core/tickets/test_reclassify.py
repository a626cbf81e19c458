"""A ticket classified anew is held to its new promises, keeps what it has used up, and says so on its timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Conflict, Forbidden, Invalid
from core.policies.layers import Overrides
from core.policies.schema import to_json
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tickets.model import Severity, Step, Ticket
from tests.core.tickets.desk import WAYS, Desk
from tests.support.lodge import NOW


async def classify(
    desk: Desk, ticket: Ticket, category: str = "", severity: Severity | None = None, *, role: str = "supervisor"
) -> Ticket:
    async with desk.work(role) as work:
        step = Step("it is worse than it sounded", category=category, severity=severity)
        return await desk.tickets.act(work, desk.site, ticket.id, "reclassify", step, None)


async def test_a_matter_that_is_worse_than_it_sounded_is_due_sooner(desk: Desk) -> None:
    """TKT-4: a routine lift repair turns out to be urgent; minutes used up stay used up."""
    ticket = await desk.create("lift", "routine")
    desk.clock.advance(minutes=3)
    after = await classify(desk, ticket, severity="urgent")
    assert (after.severity, after.category, after.version) == ("urgent", "lift", ticket.version + 1)
    async with desk.work(read_only=True) as work:
        detail = await desk.tickets.detail(work, desk.site, ticket.id)
    response = next(goal for goal in detail.goals if goal.name == "response")
    assert (response.amount, response.used, response.due_at) == (5, 180, NOW + timedelta(minutes=5))
    entry = detail.timeline[-1]
    assert (entry.kind, entry.text) == ("reclassify", "it is worse than it sounded")
    assert entry.details["from_severity"] == "routine" and entry.details["severity"] == "urgent"


async def test_a_category_brings_its_kind_and_its_promises(desk: Desk) -> None:
    """CMP-3: a noise that was taken for a request is a complaint, answered within 24 hours; nobody goes there."""
    ticket = await desk.create("other", "routine")
    after = await classify(desk, ticket, "noise")
    assert (after.type, after.category) == ("complaint", "noise")
    async with desk.work(read_only=True) as work:
        goals = {
            g.name: (g.amount, g.unit, g.state) for g in (await desk.tickets.detail(work, desk.site, ticket.id)).goals
        }
    assert goals["response"] == (24, "hours", "running")
    assert goals["resolution"] == (3, "days", "running")
    assert goals["arrival"][2] == "cancelled"


async def test_what_is_behind_a_ticket_is_not_owed_again(desk: Desk) -> None:
    ticket = await desk.create("noise", "routine")  # no arrival is promised
    await desk.act(ticket, "accept")
    await desk.act(ticket, "arrive")
    await classify(desk, ticket, "plumbing_electric")
    async with desk.work(read_only=True) as work:
        names = {goal.name for goal in (await desk.tickets.detail(work, desk.site, ticket.id)).goals}
    assert "arrival" not in names


@pytest.mark.parametrize(
    ("category", "severity", "field"),
    [("lift", "routine", "category"), ("", None, "category"), ("nonsense", None, "category")],
)
async def test_what_it_is_already_and_what_is_none_are_refused(
    desk: Desk, category: str, severity: Severity | None, field: str
) -> None:
    ticket = await desk.create("lift", "routine")
    with pytest.raises(Invalid) as caught:
        await classify(desk, ticket, category, severity)
    assert [fault.field for fault in caught.value.fields] == [field]


async def test_a_category_the_site_gave_up_may_stay_while_the_severity_changes(desk: Desk) -> None:
    ticket = await desk.create("lift", "routine")
    async with desk.work("admin") as work:
        policies = desk.lodge.platform.policies
        kept = [category for category in TICKET_CATEGORIES.default.categories if category.key != "lift"]
        overrides: Overrides = {"categories": [to_json(category) for category in kept]}
        await policies.revise(work, TICKET_CATEGORIES, desk.site.id, overrides, reason="no lift", expected=0)
    assert (await classify(desk, ticket, severity="critical")).severity == "critical"


@pytest.mark.parametrize(("state", "possible"), [(state, state != "closed") for state in WAYS])
async def test_open_tickets_alone_are_classified_anew(desk: Desk, state: str, possible: bool) -> None:
    ticket = await desk.create("lift", "routine")
    for step in WAYS[state]:
        await desk.act(ticket, step)
    if possible:
        assert (await classify(desk, ticket, severity="urgent")).severity == "urgent"
    else:
        with pytest.raises(Conflict):
            await classify(desk, ticket, severity="urgent")


async def test_it_takes_a_reason_and_the_right_to_assign(desk: Desk) -> None:
    ticket = await desk.create("lift", "routine")
    with pytest.raises(Forbidden):
        await classify(desk, ticket, severity="urgent", role="technician")
    async with desk.work("supervisor") as work:
        with pytest.raises(Invalid) as caught:
            await desk.tickets.act(work, desk.site, ticket.id, "reclassify", Step(" ", severity="urgent"), None)
    assert [fault.field for fault in caught.value.fields] == ["text"]
