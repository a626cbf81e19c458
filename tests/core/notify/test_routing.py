"""Whether news comes at once, in the digest or by the bell alone, as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.notify.model import Choice, Contacts, Preferences
from core.notify.routing import Route, in_quiet_hours, next_digest, route
from core.policies.notifications import Notifications

SHANGHAI = "Asia/Shanghai"
BOTH = Contacts("a@example.com", "13800000000")
NIGHT = Preferences(quiet_from="22:00", quiet_until="07:00")
POLICY = Notifications()


def local(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A wall time of the site's, Monday the 23rd unless said."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(SHANGHAI)).astimezone(UTC)


@pytest.mark.parametrize(
    ("what", "choice", "preferences", "contacts", "severity", "hour", "wakes", "expected"),
    [
        ("at once by day", Choice(), Preferences(), BOTH, "routine", 10, False, Route(email=True)),
        ("both channels", Choice("now", "now"), Preferences(), BOTH, "routine", 10, False, Route(True, True)),
        ("the digest", Choice("digest"), Preferences(), BOTH, "routine", 10, False, Route(digest_at=local(8, 30, 24))),
        ("the bell alone", Choice("off"), Preferences(), BOTH, "critical", 10, False, Route()),
        ("no address", Choice("now", "now"), Preferences(), Contacts(), "routine", 10, False, Route()),
        ("held at night", Choice("now", "now"), NIGHT, BOTH, "urgent", 23, False, Route(digest_at=local(8, 30, 24))),
        ("held after midnight", Choice(), NIGHT, BOTH, "routine", 3, False, Route(digest_at=local(8, 30))),
        ("critical passes", Choice("now", "now"), NIGHT, BOTH, "critical", 23, False, Route(True, True)),
        ("a step up may pass", Choice(), NIGHT, BOTH, "routine", 23, True, Route(email=True)),
        ("nothing to hold", Choice("off"), NIGHT, BOTH, "routine", 23, False, Route()),
        ("no e-mail for a digest", Choice("off", "now"), NIGHT, Contacts("", "138"), "routine", 23, False, Route()),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and " " in value else "",
)
def test_the_way_of_a_piece_of_news(
    what: str,
    choice: Choice,
    preferences: Preferences,
    contacts: Contacts,
    severity: str,
    hour: int,
    wakes: bool,
    expected: Route,
) -> None:
    assert route(choice, preferences, contacts, POLICY, severity, local(hour), SHANGHAI, wakes=wakes) == expected


@pytest.mark.parametrize(
    ("begin", "end", "hour", "quiet"),
    [
        ("22:00", "07:00", 22, True),
        ("22:00", "07:00", 6, True),
        ("22:00", "07:00", 7, False),
        ("12:00", "14:00", 13, True),
        ("12:00", "14:00", 14, False),
        (None, None, 3, False),
    ],
)
def test_quiet_hours_may_span_midnight(begin: str | None, end: str | None, hour: int, quiet: bool) -> None:
    preferences = Preferences(quiet_from=begin, quiet_until=end)
    assert in_quiet_hours(preferences, local(hour), SHANGHAI) is quiet


def test_urgent_matters_pass_where_the_site_says_so() -> None:
    passing = Notifications(urgent_passes=True)
    assert route(Choice(), NIGHT, BOTH, passing, "urgent", local(23), SHANGHAI) == Route(email=True)


def test_a_digest_waits_for_the_end_of_somebodys_quiet_hours() -> None:
    late = Preferences(quiet_from="20:00", quiet_until="10:00")
    assert next_digest(POLICY, late, local(12), SHANGHAI) == local(10, 0, 24)


def test_the_digest_after_the_one_that_is_due_now_is_tomorrows() -> None:
    assert next_digest(POLICY, Preferences(), local(8, 30), SHANGHAI) == local(8, 30, 24)
