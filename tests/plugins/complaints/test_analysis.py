"""The analysis at the end of a month, and signing it off (CMP-7, TKT-7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.analysis.model import Countermeasure
from core.errors import Conflict
from plugins.complaints.analysis import service
from plugins.complaints.analysis.model import Share, Signature
from tests.plugins.complaints.conftest import Office
from tests.support.lodge import NOW, SettableClock


async def test_a_month_is_counted_and_signed_off_once_its_repetitions_have_an_answer(
    office: Office, clock: SettableClock
) -> None:
    platform, site, house = office.lodge.platform, office.site, office.house
    first = await office.take_in()
    await office.step(first, "contact")
    await office.find(first, kind="neighbour", cause="噪音扰民", department="秩序维护")
    await office.propose(first, 20_000)
    await office.decide(first, "manager")
    await office.act(first, "answer", "clerk", channel="call")
    clock.advance(days=2)
    await office.take_in()
    clock.advance(days=2)
    await office.take_in(place="5-0101")
    clock.advance(days=2)
    month = site.today(NOW).replace(day=1)

    async with office.lodge.work(house, "manager", read_only=True) as work:
        found = await service.analysis(platform, work, site, month)
    assert (found.figures.complaints, found.figures.compensation_fen) == (3, 20_000)
    assert {each.name: each.complaints for each in found.figures.kinds} == {"neighbour": 1, "": 2}
    assert found.figures.general == Share(1, 0)
    [repeated] = found.repeated
    assert (repeated.place, repeated.times) == ("3-1802", 2)

    async def sign() -> None:
        async with office.lodge.work(house, "manager") as work:
            await service.sign(platform, work, site, Signature(month, "下月重点跟进噪音"))

    with pytest.raises(Conflict, match="not over"):
        await sign()
    clock.advance(days=31)
    with pytest.raises(Conflict, match="countermeasure"):
        await sign()
    async with office.lodge.work(house, "manager") as work:
        entry = Countermeasure(
            month=month,
            category="complaint",
            unit_id=None,
            place="3-1802",
            cause="楼板隔音差",
            countermeasure="加装地毯并约谈",
            responsible_id=house.staff["manager"].membership_id,
            due_on=month + timedelta(days=45),
            outcome="",
        )
        await platform.repeats.record(work, site, entry, 0)
    await sign()
    with pytest.raises(Conflict, match="already"):
        await sign()
    page = await office.web.console(house, "manager")
    shown = await page.get(f"/s/{site.slug}/complaints/analysis?month={month:%Y-%m}")
    assert "下月重点跟进噪音" in shown.text and "加装地毯并约谈" in shown.text
    saved = await page.get(f"/s/{site.slug}/complaints/analysis/export?month={month:%Y-%m}")
    assert saved.content[:2] == b"PK"
    listed = await page.get(f"/s/{site.slug}/repeats?month={month:%Y-%m}")
    assert "3-1802" in listed.text and "complaints.complaint" not in listed.text  # the kind by its title
