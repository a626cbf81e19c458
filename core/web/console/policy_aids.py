"""What a policy's page says besides its fields: holidays ahead, years not announced, lanes that run day and night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.i18n import msgid
from core.policies import public_holidays
from core.policies.calendar import WorkingTime
from core.policies.sla_targets import SlaTargets, goals_for
from core.tickets.lifecycle import SEVERITIES
from core.web.console import words
from core.web.views import Notice
from core.web.views.admin import Holiday, Lane

_AHEAD = timedelta(days=365)
NAMES = {
    "New Year's Day": msgid("New Year's Day"),
    "Spring Festival": msgid("Spring Festival"),
    "Tomb-sweeping Day": msgid("Tomb-sweeping Day"),
    "Labour Day": msgid("Labour Day"),
    "Dragon Boat Festival": msgid("Dragon Boat Festival"),
    "Mid-autumn Festival": msgid("Mid-autumn Festival"),
    "National Day": msgid("National Day"),
}


def holidays(policy: WorkingTime, now: datetime) -> Iterator[Holiday]:
    """The public holidays of the year ahead, as far as they are announced, where the site observes them."""
    if policy.public_holidays == "none":
        return
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    for year in (today.year, today.year + 1):
        for rest in public_holidays.breaks(year):
            if today <= max((rest.last, *rest.made_up)) and rest.first <= today + _AHEAD:
                yield Holiday(NAMES.get(rest.name, rest.name), rest.first, rest.last, rest.made_up)


def unannounced(policy: WorkingTime, now: datetime) -> Iterator[Notice]:
    """Says which year's public holidays are not known yet, though tickets taken in now may run into it."""
    year = (now.astimezone(ZoneInfo(policy.timezone)) + timedelta(days=60)).year
    if policy.public_holidays != "none" and year > public_holidays.announced_until():
        message = msgid(
            "The public holidays of {year} are not announced yet: until they are, its days follow the weekly shifts."
        )
        yield Notice("warn", message, {"year": year})


def lanes(targets: SlaTargets, categories: Mapping[str, str]) -> Iterator[Lane]:
    """Where somebody must answer at night: categories at a severity that have goals which run around the clock."""
    for severity in reversed(SEVERITIES):
        for key, title in categories.items():
            goals = [g for g in goals_for(targets, key, severity) if g.clock == "elapsed" and g.unit in _CLOCKED]
            if goals:
                told = tuple((words.GOALS.get(g.name, g.name), g.amount, g.unit) for g in goals)
                yield Lane(title, words.SEVERITIES[severity].label, told)


_CLOCKED = ("minutes", "hours")
