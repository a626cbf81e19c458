"""A plugin tells its part of a demo company's past: tables of its own in a story, and steps on its matters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from core.cli import tenants
from core.cli.boot import Running
from core.hooks.checks import PluginRefused
from core.hooks.manager import PluginHost
from core.sdk import Chapter, Event, Moment, NewTicket, Site, StoryStep, Teller, Work
from core.tenancy.packs.model import PackError
from core.tickets.model import Step
from tests.core.hooks.memory import entry_point, host_of, manifest_of, plugin_of
from tests.core.hooks.test_manager import answer
from tests.support.lodge import Databases, Lodge, SettableClock, lodge_on

PACK = """
demo = true
password = "nobody-signs-in"
company = { slug = "memory", name = "Memory" }

[[sites]]
slug = "yard"
name = "Yard"
kind = "mixed"
timezone = "Asia/Shanghai"
subscriptions = [{ plugin = "parking", from = 2026-01-01 }]

[[people]]
login = "mina"
name = "Mina"
staff_no = "1"
roles = ["manager"]
sites = "all"
"""
STORY = """
weeks = 1

[[matters]]
site = "yard"
by = "mina"
when = ["-1 tue 09:00", "-1 wed 09:00"]
category = "other"
text = "Barrier"
places = ["Gate"]
key = "barrier"
steps = '''
5 mina parking.look times=2 nothing broken
6 mina towing.haul  whose plugin is not here
'''

[[parking.entries]]
site = "yard"
at = "-1 wed 10:00"

[[towing.hauls]]
site = "yard"
"""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    site: str
    at: str


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    times: int
    text: str = ""


class Seen:
    """What the plugin did and heard, in order."""

    def __init__(self) -> None:
        self.all: list[tuple[datetime, str]] = []

    def tell(self, teller: Teller, entry: Entry) -> Iterator[Moment]:
        site = teller.site(entry.site)

        async def enter() -> None:
            work = teller.work_as("mina")
            ticket = await teller.platform.tickets.create(
                work, site, NewTicket(description="Barrier is up", category="other", place="Gate")
            )
            assert teller.ticket("barrier") not in (None, ticket.id)
            self.all.append((work.now, f"{work.ctx.actor.name} entered"))

        for at in teller.instants(site, entry.at):
            yield at, enter

    async def look(self, teller: Teller, options: Look, work: Work, site: Site, ticket_id: UUID) -> None:
        await teller.platform.tickets.act(work, site, ticket_id, "comment", Step(text=options.text), None)
        self.all.append((work.now, f"{work.ctx.actor.name} looked {options.times} times: {options.text}"))

    def plugin(self) -> object:
        async def hear(work: Work, event: Event) -> None:
            self.all.append((work.now, event.type))

        told = (Chapter("entries", Entry, self.tell), StoryStep("look", Look, self.look))
        return plugin_of(manifest_of(), register_chapters=answer(*told), event_deliver=hear)


class Told(msgspec.Struct, frozen=True):
    """A platform with the plugin, and where its demo companies stand."""

    lodge: Lodge
    seen: Seen
    folder: Path

    async def live(self, story: str) -> None:
        (self.folder / "demo" / "memory.toml").write_text(story)
        await tenants.apply_demo(Running(self.lodge.platform, self.lodge.dsns), with_past=True)


@pytest.fixture
async def told(
    databases: Databases, clock: SettableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Told]:
    (tmp_path / "demo").mkdir()
    (tmp_path / "memory.toml").write_text(PACK)
    monkeypatch.setattr(tenants, "DEMO", tmp_path)
    seen, dsns = Seen(), await databases.migrated()
    async with lodge_on(dsns, host_of(monkeypatch, seen.plugin()), clock, tmp_path) as lodge:
        yield Told(lodge, seen, tmp_path)
    await databases.drop(dsns)


async def test_register_chapters_lets_a_plugin_act_in_the_past_and_hear_of_it(told: Told) -> None:
    await told.live(STORY)

    zone = ZoneInfo("Asia/Shanghai")
    seen = [f"{at.astimezone(zone):%a %H:%M} {what}" for at, what in told.seen.all]
    assert [each for each in seen if "Mina" in each or "created" in each] == [
        "Tue 09:00 ticket.created.v1",
        "Tue 09:05 Mina looked 2 times: nothing broken",
        "Wed 09:00 ticket.created.v1",
        "Wed 09:05 Mina looked 2 times: nothing broken",
        "Wed 10:00 Mina entered",
        "Wed 10:00 ticket.created.v1",
    ]
    assert any("escalated" in each for each in seen), "what falls due is heard of as well"


MISTAKES = {
    ('site = "yard"\nat', 'sight = "yard"\nat'): "parking.entries[0].sight: there is no such key",
    ("[[parking.entries]]", "[[parking.exits]]"): "parking.exits: there is no such chapter",
    ('at = "-1 wed', 'at = "-1 day'): "parking.entries[0]: -1 day 10:00",
    ("times=2", "times=two"): "matters[0]: parking.look.times: give a number, not text",
    ("parking.look", "parking.gaze"): "matters[0]: there is no step parking.gaze",
    ("5 mina", "5 mira"): "at 2026-11-17 09:05 +0800: nobody has the login mira",
    ('by = "mina"\nwhen = ["-1 tue 09:00"', 'by = "mina"\nwhen = ["soon"'): "matters[0]: soon",
}


async def test_a_mistake_in_a_story_is_told_by_file_and_place_and_nothing_is_lived(told: Told) -> None:
    for (right, wrong), message in MISTAKES.items():
        assert right in STORY
        with pytest.raises(PackError, match=re.escape(message)) as raised:
            await told.live(STORY.replace(right, wrong))
        assert str(raised.value).startswith(str(told.folder / "demo" / "memory.toml"))
    told.seen.all.clear()
    await told.live(STORY)
    assert told.seen.all, "the company has no past so far"


def test_chapters_are_named_once_and_well(monkeypatch: pytest.MonkeyPatch) -> None:
    chapter = Chapter("entries", Entry, Seen().tell)
    for told, message in {
        (chapter, chapter): "twice",
        (Chapter("Entries", Entry, Seen().tell),): "not of the form",
    }.items():
        plugin = plugin_of(manifest_of(), register_chapters=answer(*told))
        with pytest.raises(PluginRefused, match=re.escape(message)):
            PluginHost.load(None, strict=True, entry_points=[entry_point(monkeypatch, plugin)])
