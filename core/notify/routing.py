"""How one piece of news reaches one person: at once, in the daily digest, or by the bell alone. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from core.notify.model import Choice, Contacts, Preferences
from core.policies.notifications import Notifications


class Route(msgspec.Struct, frozen=True):
    """`digest_at` is the instant of the digest that takes it along, None if none does."""

    email: bool = False
    sms: bool = False
    digest_at: datetime | None = None


def route(
    choice: Choice,
    preferences: Preferences,
    contacts: Contacts,
    policy: Notifications,
    severity: str,
    now: datetime,
    timezone: str,
    *,
    wakes: bool = False,
) -> Route:
    """Where it goes. `wakes` and what the policy lets pass disturb quiet hours; the rest waits for the digest."""
    email = choice.email if contacts.email else "off"
    sms = choice.sms == "now" and contacts.phone != ""
    passes = (
        wakes
        or (severity == "urgent" and policy.urgent_passes)
        or (severity == "critical" and policy.critical_passes)
        or not in_quiet_hours(preferences, now, timezone)
    )
    if passes:
        later = next_digest(policy, preferences, now, timezone) if email == "digest" else None
        return Route(email == "now", sms, later)
    held = bool(contacts.email) and (email != "off" or sms)
    return Route(digest_at=next_digest(policy, preferences, now, timezone) if held else None)


def in_quiet_hours(preferences: Preferences, instant: datetime, timezone: str) -> bool:
    """Whether the person is not to be disturbed; `[from, until)` of the site's wall time, across midnight too."""
    if preferences.quiet_from is None or preferences.quiet_until is None:
        return False
    begin, end = time.fromisoformat(preferences.quiet_from), time.fromisoformat(preferences.quiet_until)
    at = instant.astimezone(ZoneInfo(timezone)).time().replace(tzinfo=None)
    return begin <= at < end if begin <= end else at >= begin or at < end


def next_digest(policy: Notifications, preferences: Preferences, now: datetime, timezone: str) -> datetime:
    """The site's next time of day for digests after `now`, put off to the end of the person's quiet hours."""
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date()
    at = _wall(day, policy.digest_at, zone)
    if at <= now:
        at = _wall(day + timedelta(days=1), policy.digest_at, zone)
    if in_quiet_hours(preferences, at, timezone) and preferences.quiet_until is not None:
        local = at.astimezone(zone).date()
        end = _wall(local, preferences.quiet_until, zone)
        at = end if end > at else _wall(local + timedelta(days=1), preferences.quiet_until, zone)
    return at


def _wall(day: date, text: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), zone).astimezone(UTC)
