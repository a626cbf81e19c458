"""What complaints ask of the database: at most six round trips a request, BEGIN and COMMIT included."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.tickets.model import Ticket
from plugins.complaints.model import Case
from plugins.complaints.policies import HANDLING
from tests.plugins.complaints.conftest import Office
from tests.support.statements import Statement, recording

MOST = 6


class Warm(msgspec.Struct, frozen=True):
    """A complaint with something of everything, at an office that has read its policies and teams."""

    office: Office
    ticket: Ticket
    case: Case
    values: dict[str, str]

    async def send(self, role: str, method: str, path: str, **more: Any) -> list[Statement]:
        """The statements of a request that succeeds, made after one like it."""
        api = await self.office.web.api(self.office.house, role)
        await api.get(f"{self.office.api}/{self.ticket.id}")
        case = await self.office.case(self.ticket)
        values = {**self.values, "version": str(case.version)}
        headers = {"if-match": f'"{case.version}"', **more.pop("headers", {})}
        async with recording(self.office.lodge.platform.db) as sent:
            answer = await api.request(method, path.format(**values), headers=headers, **more)
        assert answer.status_code < 300, answer.text
        return sent


@pytest.fixture
async def warm(office: Office) -> Warm:
    await office.revise(HANDLING, {"departments": [{"name": "客户服务", "team": "客服组"}]})
    await office.team("客服组")
    ticket = await office.take_in()
    await office.step(ticket, "contact")
    await office.find(ticket, kind="neighbour")
    api = await office.web.api(office.house, "supervisor")
    await api.post(f"{office.api}/{ticket.id}/referrals", json={"authority": "自来水公司"})
    await office.propose(ticket, 10_000)
    await office.decide(ticket, "supervisor")
    await office.propose(ticket, 10_000)
    case = await office.case(ticket)
    approved, proposed = case.compensations
    values = {
        "case": f"{office.api}/{ticket.id}",
        "list": office.api,
        "month": f"/api/v1/sites/{office.site.slug}/complaints/analysis",
        "referral": str(case.referrals[0].id),
        "approved": str(approved.id),
        "proposed": str(proposed.id),
        "act": f"/api/v1/sites/{office.site.slug}/tickets/{ticket.id}/actions",
    }
    return Warm(office, ticket, case, values)


@pytest.mark.parametrize(
    ("role", "method", "path", "body"),
    [
        ("clerk", "GET", "{list}", None),
        ("clerk", "GET", "{case}", None),
        ("clerk", "POST", "{case}/steps", {"kind": "hear_complainant", "text": "夜里有响动"}),
        ("clerk", "PUT", "{case}", {"kind": "neighbour", "cause": "噪音扰民"}),
        ("clerk", "PUT", "{case}", {"kind": "unfounded", "reason": "监控里没有人"}),
        ("supervisor", "PUT", "{case}", {"kind": "staff", "department": "客户服务", "reason": "已转客服组"}),
        ("supervisor", "POST", "{case}/level", {"level": "major", "reason": "多户反映"}),
        ("clerk", "POST", "{case}/referrals", {"authority": "派出所"}),
        ("clerk", "POST", "{case}/referrals/{referral}/news", {"answer": "已处理"}),
        ("manager", "POST", "{case}/compensations/{proposed}/decision", {"approve": True}),
        ("manager", "POST", "{case}/compensations/{approved}/payment", {"note": "收据 17"}),
        ("manager", "GET", "{month}", None),
    ],
)
async def test_a_request_asks_six_times(warm: Warm, role: str, method: str, path: str, body: Any) -> None:
    check(await warm.send(role, method, path, **({} if body is None else {"json": body})))


@pytest.mark.parametrize("about", ["steward", "owner", "oneself"])
async def test_naming_whom_it_concerns_asks_six_times_cmp_6(warm: Warm, about: str) -> None:
    who = {"steward": "steward", "owner": "clerk", "oneself": "supervisor"}[about]
    concerns = str(warm.office.house.staff[who].membership_id)
    headers = {"if-match": f'"{(await warm.office.ticket(warm.ticket)).version}"'}
    path = "{act}/concern"
    check(await warm.send("supervisor", "POST", path, json={"concerns_id": concerns}, headers=headers))


@pytest.mark.parametrize("path", ["complaints", "complaints?which=all&kind=neighbour&q=家具", "complaints/analysis"])
async def test_a_page_asks_six_times(warm: Warm, path: str) -> None:
    office = warm.office
    page = await office.web.console(office.house, "manager")
    await page.get(f"/s/{office.site.slug}/{path}")
    async with recording(office.lodge.platform.db) as sent:
        answer = await page.get(f"/s/{office.site.slug}/{path}")
    assert answer.status_code == 200
    check(sent)


def check(sent: list[Statement]) -> None:
    """One transaction of so many round trips; what the driver asks once a connection, about types, is not counted."""
    asked = [statement.sql for statement in sent if "typeinfo_tree" not in statement.sql]
    assert asked[0].startswith("BEGIN") and asked[-1] == "COMMIT"
    assert len(asked) <= MOST, [sql[:150] for sql in asked]
