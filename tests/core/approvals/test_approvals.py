"""Four eyes (ARC-3): somebody else who may decides, in time, once; then and only then it has its effect."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.approvals.model import Verdict
from core.errors import Conflict, Forbidden, NotFound
from core.hooks.types import ApprovalKind, JobSpec
from core.tenancy.directory import Site
from core.work import Work
from tests.support.lodge import House, Lodge, SettableClock

KIND, PERMISSION = "core.trial", "ticket.export"  # had by supervisor, manager, admin, clerk and quality
YES, NO = Verdict(True), Verdict(False, "没有凭证")


class Trial(msgspec.Struct, frozen=True):
    amount_fen: int


async def effect(work: Work, site: Site, asked: Trial) -> None:
    if asked.amount_fen < 0:
        raise Conflict("This cannot be done.")
    work.audit("trial.carried_out", "trial", "x", {"fen": asked.amount_fen}, site_id=site.id)


@pytest.fixture(autouse=True)
def _trial(lodge: Lodge, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = ApprovalKind(id=KIND, title="Trial", text="{amount_fen} fen", payload=Trial, effect=effect)
    approvals = lodge.platform.approvals
    monkeypatch.setattr(approvals, "kinds", {**approvals.kinds, KIND: ("", kind)})


class Desk:
    """Colleagues at the first site of a house who ask and decide."""

    def __init__(self, lodge: Lodge, house: House) -> None:
        self.lodge, self.house, self.site = lodge, house, house.sites[0]
        self.approvals = lodge.platform.approvals

    async def ask(self, who: str = "clerk", fen: int = 100, **more: Any) -> UUID:
        async with self.lodge.work(self.house, who) as work:
            given = {"permission": PERMISSION, **more}
            return await self.approvals.ask(work, self.site, KIND, str(fen), Trial(fen), **given)

    async def decide(self, who: str, id: UUID, said: Verdict = YES) -> str:
        """The new state, or the name of the error."""
        try:
            async with self.lodge.platform.work(self._ctx(who)) as work:
                return (await self.approvals.decide(work, self.site, id, said, self.lodge.platform)).state
        except (Conflict, Forbidden, NotFound) as refused:
            return type(refused).__name__

    def _ctx(self, who: str) -> Any:
        ctx = self.lodge.ctx(self.house, "admin" if who == "program" else who)
        if who == "program":
            return msgspec.structs.replace(ctx, actor=msgspec.structs.replace(ctx.actor, kind="token"))
        return ctx

    async def effects(self) -> int:
        async with self.lodge.work(self.house, "admin", read_only=True) as work:
            sql = "SELECT count(*) FROM audit_entry WHERE company_id = $1 AND action = 'trial.carried_out'"
            return int(await work.uow.value(sql, self.house.company_id))


@pytest.fixture
def desk(lodge: Lodge, house: House) -> Desk:
    return Desk(lodge, house)


@pytest.mark.parametrize(
    ("who", "said", "comes", "effects"),
    [
        ("supervisor", YES, "approved", 1),
        ("supervisor", NO, "refused", 0),
        ("clerk", YES, "Conflict", 0),  # who asked
        ("manager", YES, "NotFound", 0),  # whom it concerns: to them there is nothing
        ("cashier", YES, "NotFound", 0),  # without the permission
        ("program", YES, "Forbidden", 0),
    ],
)
async def test_who_decides(desk: Desk, who: str, said: Verdict, comes: str, effects: int) -> None:
    id = await desk.ask(concerns_id=desk.house.staff["manager"].membership_id)
    assert await desk.decide(who, id, said) == comes
    assert await desk.effects() == effects


async def test_those_alone_who_can_decide_are_told_how_many_wait(desk: Desk, lodge: Lodge) -> None:
    await desk.ask(concerns_id=desk.house.staff["manager"].membership_id)
    waiting = {}
    for role in ("supervisor", "manager", "clerk", "guard"):
        async with lodge.work(desk.house, role, read_only=True) as work:
            waiting[role] = await lodge.platform.approvals.waiting(work, desk.site)
    assert waiting == {"supervisor": 1, "manager": 0, "clerk": 0, "guard": 0}


async def test_of_many_at_once_one_decides_and_the_effect_is_one(desk: Desk) -> None:
    id = await desk.ask()
    comes = await asyncio.gather(*(desk.decide(who, id) for who in ("supervisor", "manager", "admin", "quality") * 3))
    assert sorted(comes) == ["Conflict"] * 11 + ["approved"]
    assert await desk.effects() == 1


async def test_what_its_effect_refuses_is_not_decided(desk: Desk, lodge: Lodge) -> None:
    id = await desk.ask(fen=-1)
    assert await desk.decide("supervisor", id) == "Conflict"
    async with lodge.work(desk.house, "supervisor", read_only=True) as work:
        assert (await desk.approvals.get(work, desk.site, id)).state == "asked"
    assert await desk.decide("supervisor", id, NO) == "refused"


async def test_what_nobody_decides_in_time_lapses_and_can_be_asked_again(
    desk: Desk, lodge: Lodge, clock: SettableClock
) -> None:
    id = await desk.ask()
    with pytest.raises(Conflict):
        await desk.ask("supervisor")  # the same is asked once at a time
    clock.advance(hours=24)
    assert await desk.decide("supervisor", id) == "Conflict"
    again = await desk.ask()
    clock.advance(hours=24)
    [job] = desk.approvals.jobs
    for _ in range(2):
        await run(lodge, desk.house, job)
    async with lodge.work(desk.house, "clerk", read_only=True) as work:
        page = await desk.approvals.page(work, desk.site, None, 10)
        told = await work.uow.fetch(
            lambda *row: row,
            "SELECT aggregate_id, payload->>'state', payload->>'to' FROM outbox "
            "WHERE company_id = $1 AND type = 'approval.decided.v1'",
            desk.house.company_id,
        )
    assert [(each.id, each.state) for each in page] == [(again, "lapsed"), (id, "lapsed")]
    assert told == [(again, "lapsed", str(desk.house.staff["clerk"].membership_id))]


async def test_only_who_asked_takes_it_back(desk: Desk, lodge: Lodge) -> None:
    id = await desk.ask()
    with pytest.raises(Conflict):
        async with lodge.work(desk.house, "supervisor") as work:
            await desk.approvals.withdraw(work, desk.site, id)
    async with lodge.work(desk.house, "clerk") as work:
        assert (await desk.approvals.withdraw(work, desk.site, id)).state == "withdrawn"
    assert await desk.decide("supervisor", id) == "Conflict"


async def test_nothing_is_asked_that_nobody_else_could_decide(desk: Desk) -> None:
    await desk.ask("admin", permission="policy.manage")  # the site's own administrator could
    with pytest.raises(Conflict):
        await desk.ask("admin", 2, permission="policy.manage", concerns_id=desk.house.local[0].membership_id)


async def test_those_who_can_decide_are_told_and_who_asked_hears_the_answer(desk: Desk, lodge: Lodge) -> None:
    staff = desk.house.staff
    id = await desk.ask(concerns_id=staff["manager"].membership_id)
    await desk.decide("supervisor", id)
    async with lodge.work(desk.house, "admin", read_only=True) as work:
        sent = dict(
            await work.uow.fetch(
                lambda type, to: (type, set(to.split(","))),
                "SELECT type, payload->>'to' FROM outbox WHERE company_id = $1 AND aggregate_id = $2",
                desk.house.company_id,
                id,
            )
        )
    may = {staff[role].membership_id for role in ("supervisor", "admin", "quality")}
    assert sent["approval.asked.v1"] == {str(id) for id in (*may, desk.house.local[0].membership_id)}
    assert sent["approval.decided.v1"] == {str(staff["clerk"].membership_id)}


async def test_another_site_or_company_has_none_of_it(desk: Desk, lodge: Lodge) -> None:
    id = await desk.ask()
    elsewhere = await lodge.house()
    for house, site in ((desk.house, desk.house.sites[1]), (elsewhere, elsewhere.sites[0]), (elsewhere, desk.site)):
        async with lodge.work(house, "supervisor") as work:
            with pytest.raises(NotFound):
                await desk.approvals.get(work, site, id)


async def run(lodge: Lodge, house: House, job: JobSpec) -> None:
    ctx = await lodge.platform.system_context(house.company_id, None)
    assert ctx is not None
    async with lodge.platform.work(ctx) as work:
        await job.run(work, ctx, {}, lodge.platform)
