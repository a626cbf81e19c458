"""How a complaint is handled: contact first, the steps of its kind, what it is promised (CMP-1 to CMP-4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from plugins.complaints import rules, service
from plugins.complaints.kind import TYPE
from plugins.complaints.model import Findings, LevelChange, NewReferral, Publication, ReferralNews, StepKind
from plugins.complaints.policies import HANDLING
from tests.plugins.complaints.conftest import Office

# Of each kind: the steps that must be on record before it is resolved (CMP-2).
KINDS: dict[str, tuple[StepKind, ...]] = {
    "staff": ("investigate", "apologise", "remedy"),
    "neighbour": ("hear_complainant", "hear_other", "mediate"),
    "own_cause": ("investigate", "explain"),
    "unfounded": ("investigate", "explain", "courtesy"),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_complaint_is_done_once_the_steps_of_its_kind_are_on_record_cmp_2(kind: str, office: Office) -> None:
    ticket = await office.take_in()
    assert ticket.type == TYPE
    await office.step(ticket, "contact")
    with pytest.raises(Conflict, match="which kind"):
        await office.act(ticket, "resolve")
    await office.find(ticket, kind=kind)
    for step in KINDS[kind]:
        with pytest.raises(Conflict):
            await office.act(ticket, "resolve")
        await office.step(ticket, step, heard="楼上住户" if step == "hear_other" else "")
    assert (await office.act(ticket, "resolve")).status == "resolved"


async def test_nothing_comes_before_the_contact_with_the_complainant_cmp_4(office: Office) -> None:
    ticket = await office.take_in()
    await office.act(ticket, "accept")  # whose it is may be settled first
    with pytest.raises(Conflict, match="Contact the complainant first"):
        await office.act(ticket, "arrive")
    with pytest.raises(Conflict, match="Contact the complainant first"):
        await office.step(ticket, "investigate")
    await office.step(ticket, "contact")
    assert (await office.act(ticket, "arrive")).status == "arrived"
    assert (await office.case(ticket)).contacted_at is not None


async def test_an_injury_is_seen_to_before_anything_else_and_is_critical_cmp_4(office: Office) -> None:
    with pytest.raises(Invalid) as caught:
        await office.take_in(fields={"injury": True})
    assert [fault.field for fault in caught.value.fields] == ["severity"]
    ticket = await office.take_in(fields={"injury": True}, severity="critical")
    await office.step(ticket, "contact")
    with pytest.raises(Conflict, match="Somebody was hurt"):
        await office.step(ticket, "investigate")
    await office.step(ticket, "care")
    assert (await office.step(ticket, "investigate")).cared_at is not None


async def test_both_sides_are_heard_before_a_dispute_is_done_cmp_2(office: Office) -> None:
    ticket = await office.take_in()
    await office.step(ticket, "contact")
    await office.find(ticket, kind="neighbour")
    await office.step(ticket, "hear_complainant")
    with pytest.raises(Conflict, match="both sides"):
        await office.act(ticket, "resolve")
    with pytest.raises(Invalid) as caught:
        await office.step(ticket, "hear_other")
    assert [fault.field for fault in caught.value.fields] == ["heard"]


async def test_a_kind_changes_with_a_reason_and_its_steps_with_it_cmp_2(office: Office) -> None:
    ticket = await office.take_in()
    await office.step(ticket, "contact")
    await office.find(ticket, kind="staff", cause="服务态度", department="客户服务")
    with pytest.raises(Invalid) as caught:
        await office.find(ticket, kind="unfounded")
    assert [fault.field for fault in caught.value.fields] == ["reason"]
    case = await office.find(ticket, kind="unfounded", reason="监控显示我方人员按规定办理")
    assert (case.kind, case.steps[-1].text) == ("unfounded", "监控显示我方人员按规定办理")
    assert rules.missing(case, HANDLING.default) == KINDS["unfounded"]
    with pytest.raises(PreconditionFailed):
        async with office.lodge.work(office.house, "clerk") as work:
            await service.find(office.lodge.platform, work, office.site, ticket.id, Findings(kind="staff"), 1)
    assert [event.payload["kind"] for event in await office.events()] == ["staff", "unfounded"]


async def test_an_authority_is_asked_chased_and_its_answer_kept_cmp_2(office: Office) -> None:
    platform, site, house = office.lodge.platform, office.site, office.house
    ticket = await office.take_in()
    await office.step(ticket, "contact")
    await office.find(ticket, kind="municipal")
    async with office.lodge.work(house, "clerk") as work:
        case = await service.refer(
            platform, work, site, ticket.id, NewReferral(authority="自来水公司", reference="A-17")
        )
    [referral] = case.referrals
    assert (referral.chase_on - referral.forwarded_on).days == 7
    async with office.lodge.work(house, "clerk") as work:
        await service.hear(platform, work, site, ticket.id, referral.id, ReferralNews())
    async with office.lodge.work(house, "clerk") as work:
        case = await service.hear(platform, work, site, ticket.id, referral.id, ReferralNews(answer="明日抢修"))
    assert (case.referrals[0].chased, case.referrals[0].answer) == (1, "明日抢修")
    await office.step(ticket, "explain")
    assert (await office.act(ticket, "resolve")).status == "resolved"


async def test_a_general_complaint_is_answered_in_24_hours_a_major_one_in_3_days_cmp_3(office: Office) -> None:
    async def due() -> timedelta:
        async with office.lodge.work(office.house, "clerk", read_only=True) as work:
            detail = await office.lodge.platform.tickets.detail(work, office.site, ticket.id)
        [goal] = [goal for goal in detail.goals if goal.name == "answer"]
        assert goal.due_at is not None
        return goal.due_at - ticket.created_at

    ticket = await office.take_in()
    assert await due() == timedelta(hours=24)
    async with office.lodge.work(office.house, "supervisor") as work:
        case = await service.set_level(
            office.lodge.platform, work, office.site, ticket.id, LevelChange("major", "多户联名投诉")
        )
    assert (case.level, case.major_reason, case.major_by_name) == ("major", "多户联名投诉", work.ctx.actor.name)
    assert await due() == timedelta(days=3)
    with pytest.raises(Conflict):
        async with office.lodge.work(office.house, "supervisor") as work:
            await service.set_level(office.lodge.platform, work, office.site, ticket.id, LevelChange("major", "…"))


async def test_core_reclassifies_to_major_and_back_only_where_the_level_may_be_declared_cmp_3(office: Office) -> None:
    ticket = await office.take_in()
    with pytest.raises(Forbidden):
        await office.act(ticket, "reclassify", "clerk", severity="critical")
    assert (await office.act(ticket, "reclassify", "clerk", severity="urgent")).severity == "urgent"
    await office.act(ticket, "reclassify", "supervisor", severity="critical")
    with pytest.raises(Forbidden):
        await office.act(ticket, "reclassify", "clerk", severity="routine")


async def test_the_answer_to_somebody_unknown_is_put_up_tkt_3(office: Office) -> None:
    known = await office.take_in(reporter_name="王阿姨")
    ticket = await office.take_in(channel="complaint_box", fields={"anonymous": True})
    await office.step(ticket, "investigate")  # nobody can be contacted
    for each, refused in ((known, True), (ticket, False)):
        async with office.lodge.work(office.house, "clerk") as work:
            said = service.publish(office.lodge.platform, work, office.site, each.id, Publication("已整改，公示三天"))
            if refused:
                with pytest.raises(Conflict):
                    await said
            else:
                assert (await said).answered_at is not None


async def test_the_departments_team_gets_it_cmp_4(office: Office) -> None:
    await office.team("客服组")
    await office.revise(HANDLING, {"departments": [{"name": "客户服务", "team": "客服组"}]})
    ticket = await office.take_in()
    found = await office.find(ticket, kind="staff", department="客户服务", reason="录音为证")
    assert found == await office.case(ticket)
    async with office.lodge.work(office.house, "clerk", read_only=True) as work:
        assert (await office.lodge.platform.tickets.get(work, office.site, ticket.id)).team_name == "客服组"


async def test_whom_it_concerns_has_no_such_complaint_and_may_be_named_cmp_6(office: Office) -> None:
    ticket = await office.take_in()
    await office.step(ticket, "contact")
    steward = office.house.staff["steward"]
    await office.act(ticket, "concern", concerns_id=steward.membership_id)
    with pytest.raises(NotFound):
        await office.case(ticket, "steward")
    with pytest.raises(NotFound):
        await office.step(ticket, "note", "steward")


async def test_compensation_is_decided_by_somebody_else_within_their_limit(office: Office) -> None:
    ticket = await office.take_in()
    await office.step(ticket, "contact")
    await office.propose(ticket, 60_000, "supervisor")
    with pytest.raises(Conflict, match="Somebody else"):
        await office.decide(ticket, "supervisor")
    case = await office.decide(ticket, "manager")
    assert (case.compensations[0].state, case.compensations[0].amount_fen) == ("approved", 60_000)
    await office.propose(ticket, 60_000)
    with pytest.raises(Forbidden):
        await office.decide(ticket, "supervisor")
    with pytest.raises(Conflict):
        await office.propose(ticket, 1)
    await office.decide(ticket, "manager", approve=False)
    assert [event.type.split(".")[1] for event in await office.events()] == [
        "compensation_proposed",
        "compensation_approved",
        "compensation_proposed",
        "compensation_refused",
    ]


async def test_the_api_and_the_page_show_and_change_the_case(office: Office) -> None:
    ticket = await office.take_in()
    api = await office.web.api(office.house, "supervisor")
    told = await api.post(f"{office.api}/{ticket.id}/steps", json={"kind": "contact", "text": "电话联系"})
    assert told.status_code == 201, told.text
    seen = await api.get(f"{office.api}/{ticket.id}")
    put = await api.put(
        f"{office.api}/{ticket.id}", json={"kind": "neighbour"}, headers={"if-match": seen.headers["etag"]}
    )
    assert put.json()["kind"] == "neighbour"
    listed = await api.get(f"{office.api}?kind=neighbour")
    assert [row["number"] for row in listed.json()["items"]] == [ticket.number]
    assert (await api.get(f"{office.api}?kind=staff&late=true")).json()["items"] == []

    page = await office.web.console(office.house, "supervisor")
    shown = await page.get(f"/s/{office.site.slug}/tickets/{ticket.id}")
    assert 'id="case"' in shown.text
    rows = await page.get(f"/s/{office.site.slug}/complaints?which=all")
    assert ticket.number in rows.text
