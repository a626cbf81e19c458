"""First-asked responsibility (TKT-2): ownership moves when it is accepted, and never otherwise."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from core.errors import Conflict, Forbidden, Invalid, LodgeError, NotFound
from core.policies.ownership import OWNERSHIP
from core.tenancy.context import Actor
from core.tickets.model import NewTicket, Step, Ticket
from core.tickets.orphans import Orphans
from core.tickets.ownership import OfferRow
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.statements import recording

RECEIVER = "steward"


async def offered(desk: Desk, to: str = RECEIVER) -> Ticket:
    """A ticket of the clerk's, offered to the steward."""
    ticket = await desk.create("noise", "routine")
    return await desk.act(ticket, "offer", "knows the building", role="clerk", colleague_id=desk.member(to))


async def inbox(desk: Desk, role: str) -> list[OfferRow]:
    async with desk.work(role, read_only=True) as work:
        return await desk.tickets.offers(work, desk.site)


# What becomes of an offer: the answer, by whom, and who owns the matter afterwards.
ENDS = [
    ("accept_offer", RECEIVER, None, RECEIVER),
    ("refuse_offer", RECEIVER, "not my building", "clerk"),
    ("withdraw_offer", "clerk", None, "clerk"),
    ("withdraw_offer", "supervisor", None, "clerk"),
]


@pytest.mark.parametrize(("answer", "role", "text", "owner"), ENDS)
async def test_an_offer_ends_with_one_owner_tkt_2(
    answer: str, role: str, text: str | None, owner: str, desk: Desk
) -> None:
    ticket = await offered(desk)
    assert ticket.owner_id == desk.member("clerk"), "an offer alone moves nothing"
    assert [row.mine for row in await inbox(desk, RECEIVER)] == [True]
    assert [row.mine for row in await inbox(desk, "clerk")] == [False]

    after = await desk.act(ticket, answer, text, role=role)

    assert (after.owner_id, after.owner_name) == (desk.member(owner), desk.house.staff[owner].name)
    assert after.version == ticket.version + 1
    detail = await desk.detail(ticket)
    assert detail.sections.owed.offer is None
    assert [entry.kind for entry in detail.timeline][-2:] == ["offer", answer]
    assert await inbox(desk, RECEIVER) == []
    await desk.act(ticket, "comment", "the way is free")
    await desk.act(after, "offer", "once more", colleague_id=desk.member("manager"))


# Who may not do what while the steward is offered the clerk's matter.
REFUSED: list[tuple[str, str, str | None, type[LodgeError]]] = [
    ("offer", "clerk", "another one", Conflict),
    ("accept_offer", "clerk", None, Conflict),
    ("accept_offer", "manager", None, Conflict),
    ("refuse_offer", "supervisor", "no", Conflict),
    ("refuse_offer", RECEIVER, " ", Invalid),
    ("withdraw_offer", "technician", None, Conflict),
    ("withdraw_offer", "cashier", None, Forbidden),
]


@pytest.mark.parametrize(("action", "role", "text", "error"), REFUSED)
async def test_nobody_else_answers_an_offer(
    action: str, role: str, text: str | None, error: type[LodgeError], desk: Desk
) -> None:
    ticket = await offered(desk)

    with pytest.raises(error):
        await desk.act(ticket, action, text, role=role, colleague_id=desk.member("manager"))

    offer = (await desk.detail(ticket)).sections.owed.offer
    assert offer is not None and offer.to_id == desk.member(RECEIVER)


@pytest.mark.parametrize(
    ("role", "possible"),
    [
        (RECEIVER, {"accept_offer", "refuse_offer", "withdraw_offer"}),
        ("clerk", {"withdraw_offer"}),
        ("technician", set()),
    ],
)
async def test_the_page_offers_each_what_they_may_do(role: str, possible: set[str], desk: Desk) -> None:
    ticket = await offered(desk)

    actions = set((await desk.detail(ticket, role)).actions)

    assert actions & {"offer", "accept_offer", "refuse_offer", "withdraw_offer"} == possible


async def test_a_technician_hands_over_what_is_theirs_only(desk: Desk) -> None:
    mine, other = await desk.create(role="technician"), await desk.create(role="clerk")

    await desk.act(mine, "offer", "away tomorrow", role="technician", colleague_id=desk.member("engineering"))
    with pytest.raises(Conflict):
        await desk.act(other, "offer", "away", role="technician", colleague_id=desk.member("engineering"))


async def test_an_offer_takes_a_reason_and_a_colleague_of_the_site_ti_10(desk: Desk, lodge: Lodge) -> None:
    ticket = await desk.create()
    stranger = (await lodge.house()).staff["clerk"]
    elsewhere = desk.house.local[1]

    for colleague_id in (stranger.membership_id, elsewhere.membership_id, ticket.id, None, ticket.owner_id):
        with pytest.raises(Invalid) as caught:
            await desk.act(ticket, "offer", "busy", colleague_id=colleague_id)
        assert [field.field for field in caught.value.fields] == ["colleague_id"]
    with pytest.raises(Invalid) as caught:
        await desk.act(ticket, "offer", " ", colleague_id=desk.member(RECEIVER))
    assert [field.field for field in caught.value.fields] == ["text"]
    assert (await desk.detail(ticket)).sections.owed.offer is None


async def test_offers_of_another_site_are_not_in_the_list_ti_10(desk: Desk) -> None:
    here, there = desk.house.sites
    ticket = await desk.create(site=there)
    await desk.act(ticket, "offer", "nearer", colleague_id=desk.member(RECEIVER))

    assert await inbox(desk, RECEIVER) == []
    with pytest.raises(NotFound):
        async with desk.work(RECEIVER) as work:
            await desk.tickets.act(work, here, ticket.id, "accept_offer", Step(), None)


async def test_an_unanswered_offer_comes_back(desk: Desk) -> None:
    ticket = await offered(desk)
    desk.clock.advance(minutes=30)
    assert await desk.wake(ticket, "offer") == 0, "not before it is over"

    desk.clock.advance(seconds=1)
    first, second = await desk.wake(ticket, "offer"), await desk.wake(ticket, "offer")

    detail = await desk.detail(ticket)
    assert (first, second) == (1, 0)
    assert detail.timeline[-1].kind == "offer_lapsed"
    assert (detail.ticket.owner_id, detail.sections.owed.offer) == (desk.member("clerk"), None)
    with pytest.raises(Conflict):
        await desk.act(ticket, "accept_offer", role=RECEIVER)


async def test_how_long_an_offer_waits_is_the_sites_policy(desk: Desk) -> None:
    async with desk.work("admin") as work:
        overrides = {"offer_lapses": {"amount": 2, "unit": "hours", "clock": "elapsed"}}
        await desk.lodge.platform.policies.revise(
            work, OWNERSHIP, desk.site.id, overrides, reason="more time", expected=0
        )
    ticket = await offered(desk)

    offer = (await desk.detail(ticket)).sections.owed.offer

    assert offer is not None and (offer.lapses_at - offer.offered_at).total_seconds() == 7200


async def test_of_many_answers_at_once_exactly_one_counts(desk: Desk) -> None:
    ticket = await offered(desk)

    async def answer(name: str, role: str) -> str | None:
        try:
            await desk.act(ticket, name, "at once", role=role)
        except Conflict:
            return None
        return name

    ways = [("accept_offer", RECEIVER), ("refuse_offer", RECEIVER), ("withdraw_offer", "clerk")] * 4
    answers = [name for name in await asyncio.gather(*(answer(*way) for way in ways)) if name]

    detail = await desk.detail(ticket)
    assert len(answers) == 1
    assert [entry.kind for entry in detail.timeline] == ["created", "offer", answers[0]]
    assert detail.ticket.owner_id == desk.member(RECEIVER if answers == ["accept_offer"] else "clerk")


@pytest.mark.parametrize(("staff_no", "owner"), [("", "manager"), ("{slug}-001", "clerk"), ("nobody", "manager")])
async def test_what_a_program_reports_has_an_owner_too(staff_no: str, owner: str, desk: Desk, lodge: Lodge) -> None:
    async with desk.work("admin") as work:
        overrides = {"default_owner": staff_no.format(slug=desk.house.slug)}
        await lodge.platform.policies.revise(work, OWNERSHIP, desk.site.id, overrides, reason="meters", expected=0)
    ctx = msgspec.structs.replace(lodge.ctx(desk.house, "clerk"), actor=Actor("token", desk.house.company_id, "meter"))

    async with lodge.platform.work(ctx) as work:
        new = NewTicket(description="泵房水位过高", category="plumbing_electric", place="泵房")
        ticket = await desk.tickets.create(work, desk.site, new)

    assert (ticket.owner_id, ticket.owner_name) == (desk.member(owner), desk.house.staff[owner].name)


async def test_each_step_of_an_offer_asks_the_database_six_times_at_most(desk: Desk, lodge: Lodge) -> None:
    ticket = await desk.create()
    steps = (("offer", "clerk"), ("refuse_offer", RECEIVER), ("offer", "clerk"), ("accept_offer", RECEIVER))
    await desk.act(ticket, "comment", "policies and calendar are known now")
    for name, role in steps:
        async with recording(lodge.platform.db) as sent:
            await desk.act(ticket, name, "a reason", role=role, colleague_id=desk.member(RECEIVER))
        assert len(sent) <= 6, [statement.sql for statement in sent]


@pytest.mark.parametrize("gone", ["active = false", "all_sites = false, site_ids = '{}'"])
async def test_what_a_member_who_left_owns_is_offered_on_until_somebody_takes_it(
    gone: str, desk: Desk, lodge: Lodge
) -> None:
    ticket, other = await desk.create("noise", "routine", role="steward"), await desk.create("noise", "routine")
    async with lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(
            f"UPDATE membership SET {gone} WHERE company_id = $1 AND id = $2",
            desk.house.company_id,
            desk.member("steward"),
        )

    async def offered_to() -> str | None:
        ctx = await lodge.platform.system_context(desk.house.company_id, None)
        assert ctx is not None
        [job] = Orphans(desk.tickets.changes).jobs
        for _ in range(2):
            async with lodge.platform.work(ctx) as work:
                await job.handler(work, work.ctx, {})
        offer = (await desk.detail(ticket)).sections.owed.offer
        return offer.to_name if offer else None

    assert await offered_to() == desk.house.staff["supervisor"].name
    await desk.act(ticket, "refuse_offer", "not mine", role="supervisor")
    assert await offered_to() == desk.house.staff["manager"].name
    taken = await desk.act(ticket, "accept_offer", role="manager")

    assert taken.owner_id == desk.member("manager")
    assert await offered_to() is None
    assert (await desk.detail(other)).sections.owed.offer is None
    kinds = [entry.kind for entry in (await desk.detail(ticket)).timeline]
    assert kinds == ["created", "offered_on", "refuse_offer", "offered_on", "accept_offer"]
