"""Months and days of a site as instants: what figures and repeated matters are counted by."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from core.analysis.model import Month
from core.errors import Malformed
from core.tenancy.directory import Site


def month_of(site: Site, day: date) -> Month:
    """The month of the site that the day lies in."""
    first = day.replace(day=1)
    return Month(first, midnight(site, first), midnight(site, add_months(first, 1)))


def add_months(first: date, months: int) -> date:
    """The first day of the month so many after (or before) that of `first`."""
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)


def midnight(site: Site, day: date) -> datetime:
    """The instant at which the day begins at the site, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(site.timezone)).astimezone(UTC)


def read_month(site: Site, now: datetime, text: str | None) -> date:
    """The first day of a month given as `2026-11`; of the present one where none is. Raises Malformed."""
    if not text:
        return site.today(now).replace(day=1)
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise Malformed from error
