"""What a demo company has lived through, as its file tells it, and at which instants that was. Pure but for reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from core.policies.calendar import WEEKDAYS
from core.teams.roster import monday_of
from core.tickets.model import Channel, Severity

_WHEN = re.compile(rf"(-?\d+) ({'|'.join(WEEKDAYS)}) (\d\d):(\d\d)")
_AGO = re.compile(r"(\d+) minutes ago")
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

    `when` counts weeks from the present one (`-2 tue 09:15`, at the site's time) or back from now (`90 minutes ago`).
    `steps` has a line each: minutes since it was taken in, login, step, options such as `to=zhengtao`, and the words.
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
    key: str | None = None

    def acts(self) -> Iterator[Act]:
        """The steps in order. Raises ValueError for a line that says something else."""
        for line in filter(None, map(str.strip, self.steps.splitlines())):
            found = _LINE.fullmatch(line)
            if found is None:
                raise ValueError(line)
            minutes, login, name, options, text = found.groups()
            pairs = dict(option.split("=", 1) for option in options.split())
            yield Act(int(minutes), login, name, pairs, text or "")


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
    """The past of one company. It begins `weeks` before the present one."""

    weeks: int
    matters: tuple[Matter, ...] = ()
    meetings: tuple[Held, ...] = ()

    def begins(self, now: datetime) -> datetime:
        """When the company is set up: early enough for all of it, in whichever time zone."""
        return now - timedelta(weeks=self.weeks + 1)


def read_story(path: Path) -> Story:
    """The story in that file."""
    return msgspec.toml.decode(path.read_bytes(), type=Story)


def instant(when: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant that `when` says, as seen from `now`. Raises ValueError where it says none."""
    if ago := _AGO.fullmatch(when):
        return now - timedelta(minutes=int(ago[1]))
    found = _WHEN.fullmatch(when)
    if found is None:
        raise ValueError(when)
    week, weekday, hour, minute = found.groups()
    day = monday_of(now.astimezone(zone).date()) + timedelta(weeks=int(week), days=list(WEEKDAYS).index(weekday))
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=zone)
