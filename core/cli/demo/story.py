"""What a demo company has lived through, as its file tells it, and at which instants that was. Pure but for reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.cli.demo.roll import Roll
from core.hooks.story import Chapter
from core.policies.calendar import WEEKDAYS
from core.teams.roster import monday_of
from core.tenancy.packs.model import Mistake, PackError
from core.tenancy.packs.read import fitted, tables_of
from core.tickets.model import Channel, FieldValue, Severity

_WHEN = re.compile(
    rf"(?P<first>-?\d+)(?:\.\.(?P<last>-?\d+)(?:/(?P<every>[1-9]\d?))?)? (?P<day>{'|'.join(WEEKDAYS)})"
    r" (?P<hour>\d\d):(?P<minute>\d\d)(?:~(?P<within>\d+))?"
)
_FROM_NOW = re.compile(r"(\d+) minutes ago|in (\d+) minutes")
_LINE = re.compile(r"(\d+)\s+(\S+)\s+(\S+)((?:\s+\w+=\S+)*)(?:\s+(.*))?")


class Act(msgspec.Struct, frozen=True):
    """A step on a matter: so many minutes after it was taken in, by whom, which, with what."""

    minutes: int
    login: str
    name: str
    options: dict[str, str]
    text: str


class Matter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A matter, or one that came again and again: one ticket for each of `when`, at the places in turn.

    `when` is read by `instants`.
    `fields` are what the kind of ticket asks for; a `key` is how other parts of the story name it (the latest of many).
    `steps` has a line each: minutes since it was taken in, login, step, options such as `to=zhengtao`, and the words. A
    step of a plugin's own is named with the plugin: `repairs.charge`.
    """

    site: str
    by: str
    when: tuple[str, ...]
    category: str
    text: str
    places: tuple[str, ...]
    reporters: tuple[str, ...] = ("",)
    steps: str = ""
    severity: Severity = "routine"
    channel: Channel = "call"
    convenient: str = ""
    concerns: str | None = None
    fields: dict[str, FieldValue] = {}
    key: str | None = None

    def acts(self) -> Iterator[Act]:
        """The steps in order. Raises ValueError for a line that says something else."""
        return acts(self.steps)


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a meeting said of the item of its agenda whose title has `on` in it; `outcome` settles it."""

    on: str
    minutes: str
    responsible: str
    outcome: str = ""


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A regular meeting (TKT-6): called by `by` on the day `planned`, and held unless `when` is still to come."""

    site: str
    by: str
    planned: str
    when: str
    attendees: str = ""
    notes: str = ""
    decisions: tuple[Decision, ...] = ()


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The past of one company, as core tells it. It begins `weeks` before the present one."""

    weeks: int
    rolls: tuple[Roll, ...] = ()
    matters: tuple[Matter, ...] = ()
    meetings: tuple[Held, ...] = ()

    def begins(self, now: datetime) -> datetime:
        """When the company is set up: early enough for all of it, in whichever time zone."""
        return now - timedelta(weeks=self.weeks + 1)


class StoryFile(msgspec.Struct, frozen=True):
    """A story with the name of its file; of plugins' chapters in it, where each entry stands."""

    name: str
    story: Story
    told: tuple[tuple[str, Chapter, msgspec.Struct], ...]


def read_story(path: Path, chapters: Mapping[str, Mapping[str, Chapter]]) -> StoryFile:
    """The story in that file; `chapters` by plugin and name. Those of other plugins are left out. Raises PackError."""
    name, tables = str(path), tables_of(path)
    own = {key: table for key, table in tables.items() if key in Story.__struct_fields__}
    told: list[tuple[str, Chapter, msgspec.Struct]] = []
    for plugin in sorted(chapters.keys() & (tables.keys() - own.keys())):
        for noun, entries in fitted(name, tables[plugin], dict[str, list[Any]], plugin).items():
            if (chapter := chapters[plugin].get(noun)) is None:
                raise PackError(name, [Mistake(f"{plugin}.{noun}", "there is no such chapter; take it out")])
            for number, said in enumerate(entries):
                where = f"{plugin}.{noun}[{number}]"
                told.append((where, chapter, fitted(name, said, chapter.entry, where)))
    return StoryFile(name, fitted(name, own, Story), tuple(told))


def acts(steps: str) -> Iterator[Act]:
    """The steps that the lines say, in order. Raises ValueError for a line that says something else."""
    for line in filter(None, map(str.strip, steps.splitlines())):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(line)
        minutes, login, name, options, text = found.groups()
        pairs = dict(option.split("=", 1) for option in options.split())
        yield Act(int(minutes), login, name, pairs, text or "")


def instants(when: str, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """The instants that `when` says, as seen from `now`, in order. Raises ValueError where it says none.

    Weeks count from the present one: `-2 tue 09:15`, or in several of them `-12..-1/2 tue 09:15` (every second one);
    `09:15~40` is somewhere in the forty minutes from then on. `90 minutes ago` counts back from now, `in 90 minutes`
    is still to come.
    """
    if near := _FROM_NOW.fullmatch(when):
        return [now + timedelta(minutes=int(near[2] or 0) - int(near[1] or 0))]
    found = _WHEN.fullmatch(when)
    if found is None:
        raise ValueError(when)
    first = int(found["first"])
    weeks = range(first, int(found["last"] or first) + 1, int(found["every"] or 1))
    return [_in_week(week, found, zone, now) for week in weeks]


def _in_week(week: int, said: re.Match[str], zone: ZoneInfo, now: datetime) -> datetime:
    day = monday_of(now.astimezone(zone).date()) + timedelta(weeks=week, days=list(WEEKDAYS).index(said["day"]))
    at = datetime(day.year, day.month, day.day, int(said["hour"]), int(said["minute"]), tzinfo=zone)
    # the same in every demo, and not at one minute of every week
    return at + timedelta(minutes=week * 37 % (int(said["within"] or 0) + 1))
