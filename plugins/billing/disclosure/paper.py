"""Disclosures in the reader's words: for pages, on paper, as a workbook."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import msgspec
from litestar import Response

from core.sdk import ReportTable, Site, View, document, msgid
from core.sdk import report as workbook
from plugins.billing.disclosure.model import CATEGORIES, HEADINGS, KINDS, EditionDetail, Line, Sums, period
from plugins.billing.telling import yuan

TITLE: Final = msgid("Income and expenses")
SUMS: Final = (
    ("opening_fen", msgid("Left over before")),
    ("received_fen", msgid("Income received")),
    ("spent_fen", msgid("Expenses")),
    ("closing_fen", msgid("Left over after")),
)
_INCOME: Final = (msgid("Income"), msgid("Charged (yuan)"), msgid("Received (yuan)"))
_SPENT: Final = (msgid("Expenses"), msgid("Spent (yuan)"))


class Group(msgspec.Struct, frozen=True):
    """The items of a heading, and what they come to; what is `apart` is in no sum."""

    heading: str
    lines: list[Line]
    charged_fen: int
    received_fen: int
    apart: bool


class Sheet(msgspec.Struct, frozen=True):
    """A disclosure on paper, in the reader's language; amounts are texts."""

    title: str
    company: str
    site: str
    telephone: str
    days: str
    edition: str
    reason: str
    note: str
    published: str
    income: list[list[str]]
    headings: list[int]
    spent: list[list[str]]
    sums: list[list[str]]


def groups(lines: Sequence[Line]) -> list[Group]:
    """Income by heading, in the order of the lines."""
    found = []
    for heading, of in groupby((each for each in lines if each.part == "income"), key=lambda each: each.heading):
        rows = list(of)
        charged, received = sum(row.charged_fen for row in rows), sum(row.received_fen for row in rows)
        found.append(Group(heading, rows, charged, received, heading == "collected"))
    return found


def spent(lines: Sequence[Line]) -> list[Line]:
    """The expenses, in the order of the lines."""
    return [each for each in lines if each.part == "expense"]


def category(line: Line) -> str:
    """What an expense's category is called: a message id, or the company's own name for it."""
    return line.title or CATEGORIES[line.heading]


async def printed(
    view: View, company: str, site: Site, found: EditionDetail, now: datetime, *, save: bool = False
) -> Response[bytes]:
    """An edition on A4, to be hung up in the hall."""
    return await document(view, "billing/disclosure.typ", _name(view, site, found), _sheet(view, company, site, found),
                          save=save, now=now)  # fmt: skip


async def exported(
    view: View, site: Site, found: EditionDetail, now: datetime, fen: Callable[[int], float | None] = lambda n: n / 100
) -> Response[bytes]:
    """The same as a workbook: income, expenses, and what is left over."""
    income: list[list[Any]] = []
    for group in groups(found.lines):
        income += [[line.title, fen(line.charged_fen), fen(line.received_fen)] for line in group.lines]
        said = view.say(HEADINGS[group.heading])
        income.append(
            [view.say(msgid("{heading}, total"), heading=said), fen(group.charged_fen), fen(group.received_fen)]
        )
    sums = found.edition.sums
    income.append([view.say(msgid("Total")), fen(sums.charged_fen), fen(sums.received_fen)])
    costs: list[list[Any]] = [[view.say(category(line)), fen(line.spent_fen)] for line in spent(found.lines)]
    costs.append([view.say(msgid("Total")), fen(sums.spent_fen)])
    balance: list[list[Any]] = [[view.say(label), fen(getattr(sums, name))] for name, label in SUMS]
    left = view.say(msgid("Balance"))
    tables = [
        ReportTable(view.say(_INCOME[0]), [view.say(heading) for heading in _INCOME], income),
        ReportTable(view.say(_SPENT[0]), [view.say(heading) for heading in _SPENT], costs),
        ReportTable(left, [left, view.say(msgid("Amount (yuan)"))], balance),
    ]
    return await asyncio.to_thread(workbook, _name(view, site, found), tables, now)


def _name(view: View, site: Site, found: EditionDetail) -> str:
    edition = found.edition
    return f"{view.say(TITLE)}-{site.name}-{period(edition.kind, edition.first_day)}".replace(" ", "")


def _sheet(view: View, company: str, site: Site, found: EditionDetail) -> Sheet:
    edition = found.edition
    income: list[list[str]] = []
    headings: list[int] = []
    for group in groups(found.lines):
        headings.append(len(income))
        said = view.say(HEADINGS[group.heading])
        income.append([said, yuan(group.charged_fen), yuan(group.received_fen)])
        income += [[line.title, yuan(line.charged_fen), yuan(line.received_fen)] for line in group.lines]
    sums: Sums = edition.sums
    headings.append(len(income))
    income.append([view.say(msgid("Total")), yuan(sums.charged_fen), yuan(sums.received_fen)])
    costs = [[view.say(category(line)), yuan(line.spent_fen)] for line in spent(found.lines)]
    costs.append([view.say(msgid("Total")), yuan(sums.spent_fen)])
    return Sheet(
        view.say(TITLE),
        company,
        site.name,
        site.telephone,
        f"{view.say(KINDS[edition.kind])} {period(edition.kind, edition.first_day)}"
        f" ({edition.first_day} – {edition.last_day})",
        view.say(msgid("Edition {n}"), n=edition.edition) if edition.edition > 1 else "",
        edition.reason,
        edition.note,
        f"{site.today(edition.at)}",
        income,
        headings,
        costs,
        [[view.say(label), yuan(getattr(sums, name))] for name, label in SUMS],
    )
