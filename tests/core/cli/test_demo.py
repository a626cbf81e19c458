"""What demo companies have lived through: everything a house shows is there, from real steps, once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.cli.boot import Running
from core.cli.demo.story import Matter, Story, instants, read_story
from core.cli.tenants import DEMO, apply_demo, without_absent
from core.db.ids import company_id_of
from core.hooks.manager import PluginHost
from core.tenancy.context import SYSTEM, TenantContext
from core.tenancy.packs.read import read_pack, tables_of
from tests.support.lodge import NOW, Lodge, SettableClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
LINLI = company_id_of("linli")
# On a Monday just after midnight the present week is empty, and most of the staff is at home.
MIDNIGHT = datetime(2026, 11, 23, 0, 10, tzinfo=SHANGHAI)


async def rows(lodge: Lodge, sql: str) -> list[tuple[Any, ...]]:
    async with lodge.owner.begin(LINLI, read_only=True) as uow:
        return await uow.fetch(lambda *row: row, sql, LINLI)


async def test_a_demo_company_has_a_past_that_shows_what_there_is_to_see(
    lone_lodge: Lodge, clock: SettableClock
) -> None:
    clock.now, lodge = MIDNIGHT, lone_lodge
    await apply_demo(Running(lodge.platform, lodge.dsns), with_past=True)
    states = dict(await rows(lodge, "SELECT status, count(*) FROM ticket WHERE company_id = $1 GROUP BY 1"))
    assert states["closed"] > 40
    assert all(states[status] for status in ("new", "accepted", "arrived", "paused"))
    goals = Counter(state for (state,) in await rows(lodge, "SELECT state FROM ticket_goal WHERE company_id = $1"))
    assert goals["met"] > 100 and goals["breached"] > 10
    company = await lodge.platform.directory.company(LINLI)
    assert company is not None
    site = company.sites[0]
    everywhere = TenantContext(LINLI, frozenset(site.id for site in company.sites), SYSTEM)
    async with lodge.platform.work(everywhere, read_only=True) as work:
        callbacks = await lodge.platform.tickets.callbacks(work, site)
        repeats = await lodge.platform.repeats.month(work, site, work.now.astimezone(SHANGHAI).date())
        agenda = await lodge.platform.meetings.agenda(work, site)
        held = await lodge.platform.meetings.held(work, site)
    assert len(callbacks) == 2
    assert "7幢1单元603" in [group.place for group in repeats]
    assert agenda.meeting is not None and agenda.items and len(held) == 1
    offers = "SELECT offered.to_name FROM ticket_offer offered WHERE company_id = $1"
    assert await rows(lodge, offers) == [("郑涛",)]
    later = "SELECT count(*) FROM ticket_event WHERE company_id = $1 AND at > '2026-11-23 00:10+08'"
    assert await rows(lodge, later) == [(0,)]
    desk = """
        SELECT (SELECT count(*) FROM reception_visit v WHERE v.company_id = c AND v.status = 'inside'),
            (SELECT count(*) FROM reception_message m WHERE m.company_id = c AND m.done_at IS NULL),
            (SELECT count(*) FROM reception_turn WHERE company_id = c AND day = '2026-11-23' AND called_by IS NULL),
            (SELECT min(ringing_at) < '2026-09-01' FROM reception_call r WHERE r.company_id = c)
        FROM (SELECT $1::uuid) now (c)
    """
    assert await rows(lodge, desk) == [(4, 2, 2, True)], "somebody is there at whatever hour"
    written = """
        SELECT (SELECT array_agg(DISTINCT (state, ended)::text ORDER BY (state, ended)::text) FROM ticket_goal g
                WHERE g.company_id = c AND g.name = 'written_answer'),
            (SELECT count(DISTINCT ticket_id) > 6 FROM reception_letter_scan s WHERE s.company_id = c),
            (SELECT sum(slips) = sum(entered) AND sum(slips) > 2 FROM reception_box b WHERE b.company_id = c),
            (SELECT count(*) FROM ticket t WHERE t.company_id = c AND t.channel = 'staff_opinion'),
            (SELECT count(*) FROM reception_visit v WHERE v.company_id = c AND badge_lost_at IS NOT NULL),
            (SELECT count(*) FROM reception_visit v WHERE v.company_id = c AND v.status = 'expected')
        FROM (SELECT $1::uuid) now (c)
    """
    answers = ["(breached,f)", "(met,t)", "(paused,f)", "(running,f)"]
    assert await rows(lodge, written) == [(answers, True, True, 3, 2, 2)], "what came in writing, or by word of mouth"
    builders = """
        SELECT array_agg(status || CASE WHEN promised_on < '2026-11-23' THEN ' late' ELSE '' END ORDER BY number)
        FROM repairs_sheet WHERE company_id = $1
    """
    assert await rows(lodge, builders) == [(["accepted late", "open late", "open"],)]
    reworked = "SELECT count(*) FROM ticket_relation WHERE company_id = $1 AND kind = 'rework_of'"
    assert await rows(lodge, reworked) == [(2,)]
    at_night = """
        SELECT g.state FROM ticket t JOIN ticket_goal g ON g.company_id = t.company_id AND g.ticket_id = t.id
        WHERE t.company_id = $1 AND g.name = 'arrival' AND to_char(t.created_at AT TIME ZONE 'PRC', 'HH24') = '02'
    """
    assert await rows(lodge, at_night) == [("met",)], "REP-2"
    at_home = """
        SELECT (SELECT count(*) > 400 FROM unit WHERE company_id = c),
            (SELECT count(*) > 60 FROM ticket WHERE company_id = c AND unit_id IS NOT NULL AND party_id IS NOT NULL),
            (SELECT count(*) > 40 FROM reception_call WHERE company_id = c AND party_id IS NOT NULL),
            (SELECT count(*) > 200 FROM repairs_term WHERE company_id = c),
            (SELECT array_agg(DISTINCT a.name ORDER BY a.name) FROM returnvisits_visit v
             JOIN returnvisits_area a ON a.company_id = c AND a.id = v.area_id WHERE v.company_id = c),
            (SELECT array_agg(DISTINCT o.role ORDER BY o.role) FROM occupancy o WHERE o.company_id = c)
        FROM (SELECT $1::uuid) now (c)
    """
    everybody = (True, True, True, True, ["东区", "西区"], ["agent", "owner", "tenant"])
    assert await rows(lodge, at_home) == [everybody], "whoever reports lives somewhere"
    by_rule = """
        SELECT left(rule, 15), count(done_at) > 0, count(*) FILTER (WHERE done_at IS NULL AND overdue_at IS NULL) > 0
        FROM returnvisits_visit WHERE company_id = $1 AND source = 'regular' AND period >= '2026-07-01' GROUP BY 1
    """
    regular = {rule: kept_up for rule, *kept_up in await rows(lodge, by_rule)}
    assert regular["regular_manager"][0] and regular["regular_steward"] == [True, True], "VIS-3: some made, some owed"
    news = "SELECT count(*) FROM outbox WHERE company_id = $1 AND created_at < '2026-11-22 12:00+08'"
    assert await rows(lodge, news) == [(0,)]

    before = await rows(lodge, "SELECT count(*) FROM audit_entry WHERE company_id = $1")
    await apply_demo(Running(lodge.platform, lodge.dsns), with_past=True)
    assert await rows(lodge, "SELECT count(*) FROM audit_entry WHERE company_id = $1") == before


# After the week's work, and with a month of no day yet; Monday is above.
AWKWARD: dict[str, datetime] = {
    "Sunday evening": datetime(2026, 11, 22, 21, 40, tzinfo=SHANGHAI),
    "first of a month": datetime(2026, 12, 1, 0, 5, tzinfo=SHANGHAI),
}


@pytest.mark.parametrize("now", AWKWARD.values(), ids=AWKWARD)
async def test_the_past_can_be_told_at_any_hour_of_any_day(
    lone_lodge: Lodge, clock: SettableClock, now: datetime
) -> None:
    clock.now = now
    await apply_demo(Running(lone_lodge.platform, lone_lodge.dsns), with_past=True)
    lived = "SELECT count(*) > 60, max(updated_at) FROM ticket WHERE company_id = $1"
    [(whole, last)] = await rows(lone_lodge, lived)
    assert whole and last <= now


WHEN: dict[str, list[str]] = {
    "0 mon 09:00": ["2026-11-23T09:00+08:00"],
    "-1 sun 23:59": ["2026-11-22T23:59+08:00"],
    "-2 wed 08:05": ["2026-11-11T08:05+08:00"],
    "90 minutes ago": ["2026-11-23T08:30+08:00"],
    "in 90 minutes": ["2026-11-23T11:30+08:00"],
    "-4..0/2 fri 18:30": ["2026-10-30T18:30+08:00", "2026-11-13T18:30+08:00", "2026-11-27T18:30+08:00"],
    "-3..-1 sun 23:50~20": ["2026-11-09T00:05+08:00", "2026-11-16T00:00+08:00", "2026-11-22T23:55+08:00"],
}


@pytest.mark.parametrize(("when", "meant"), WHEN.items(), ids=WHEN)
def test_a_time_is_counted_from_the_present_week_or_from_now(when: str, meant: list[str]) -> None:
    assert instants(when, SHANGHAI, NOW) == [datetime.fromisoformat(each) for each in meant]


@pytest.mark.parametrize("wrong", ["soon", "-1 tue", "yesterday morning", "-3..-1/0 tue 09:00"])
def test_a_time_or_a_step_that_says_nothing_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        instants(wrong, SHANGHAI, NOW)
    matter = Matter(site="", by="", when=(), category="", text="", places=(), steps=wrong)
    with pytest.raises(ValueError, match=wrong):
        list(matter.acts())


@pytest.mark.parametrize("file", sorted(DEMO.glob("demo/*.toml")), ids=lambda file: file.stem)
def test_every_story_can_be_read_to_its_end(file: Path, host: PluginHost) -> None:
    told = read_story(file, host.chapters)
    assert all(list(matter.acts()) or not matter.steps for matter in told.story.matters)
    assert tables_of(file).keys() <= {*Story.__struct_fields__, *host.chapters}


def test_categories_stay_where_the_plugin_is_absent_whose_kind_of_ticket_they_have() -> None:
    pack = read_pack(DEMO / "linli.toml")
    kinds = [
        {
            category["key"]: category["ticket_type"]
            for category in site.policies["core"]["ticket_categories"]["categories"]
        }
        for site in (pack.pack.sites[0], without_absent(pack, frozenset({"complaints"})).pack.sites[0])
    ]
    assert kinds[0]["lift"] == "repairs.order" and kinds[1]["lift"] == "repair"
    assert kinds[0]["complaint"] == kinds[1]["complaint"] == "complaints.complaint"
    assert kinds[0].keys() == kinds[1].keys()
