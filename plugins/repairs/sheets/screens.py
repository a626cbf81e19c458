"""Contact sheets as templates show them. Labels are message ids; the templates translate."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import Site, View, msgid, views
from plugins.repairs.sheets.model import Entry, Sheet, Which
from plugins.repairs.sheets.service import FROM

STATES: Final = {
    "open": views.Word("open", msgid("With the builder"), "info"),
    "done": views.Word("done", msgid("To be accepted"), "warn"),
    "accepted": views.Word("accepted", msgid("Work accepted"), "ok"),
    "withdrawn": views.Word("withdrawn", msgid("Withdrawn"), ""),
}
WHICH: Final[dict[Which, str]] = {
    "due": msgid("To be chased"),
    "overdue": msgid("Overdue"),
    "open": msgid("With the builder"),
    "done": msgid("To be accepted"),
    "closed": msgid("Closed"),
    "all": msgid("All"),
}
VIA: Final = {
    "": msgid("Choose"),
    "call": msgid("By phone"),
    "visit": msgid("In person"),
    "letter": msgid("By letter"),
    "message": msgid("By message"),
}
HAPPENED: Final[dict[str, tuple[str, str]]] = {
    "issue": (msgid("Issued"), "file-export"),
    "promise": (msgid("Builder promised"), "calendar-check"),
    "chase": (msgid("Chased"), "phone-outgoing"),
    "done": (msgid("Builder is done"), "checks"),
    "fail": (msgid("Not accepted"), "rotate"),
    "accept": (msgid("Accepted by the owner"), "writing-sign"),
    "withdraw": (msgid("Withdrawn"), "arrow-back-up"),
    "print": (msgid("Printed"), "printer"),
    "overdue": (msgid("The promise has passed"), "clock-x"),
}
# What is asked for with each step, and what the button says.
_ASKED: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "chase": (msgid("Record a chase"), "phone-outgoing", ("spoke_with", "via", "text", "promised_on", "next_on")),
    "promise": (msgid("Enter the promised date"), "calendar-check", ("promised_on", "spoke_with", "text")),
    "done": (msgid("Builder is done"), "checks", ("text",)),
    "accept": (msgid("Have it accepted"), "writing-sign", ()),
    "fail": (msgid("Not accepted"), "rotate", ("text", "promised_on")),
    "withdraw": (msgid("Withdraw"), "arrow-back-up", ("text",)),
}
_TEXT: Final = {
    "chase": msgid("What was answered"),
    "fail": msgid("What is not accepted"),
    "withdraw": msgid("Why"),
}


class StepForm(msgspec.Struct, frozen=True):
    """A step that may be taken, and the dialog that asks for what belongs to it."""

    kind: str
    label: str
    icon: str
    fields: tuple[views.Field, ...]


class Row(msgspec.Struct, frozen=True):
    """A sheet in a list."""

    sheet: Sheet
    href: str
    state: views.Word
    due: bool
    overdue: bool


class HistoryRow(msgspec.Struct, frozen=True):
    at: datetime
    label: str
    icon: str
    said: str
    by: str


def row(site: Site, sheet: Sheet, now: datetime) -> Row:
    """A sheet as a row of today's list."""
    today = site.today(now)
    href = f"/s/{site.slug}/repairs/sheets/{sheet.id}"
    return Row(sheet, href, STATES[sheet.status], sheet.due(today), sheet.overdue(today))


def steps(sheet: Sheet) -> tuple[StepForm, ...]:
    """What may be done next with a sheet."""
    return tuple(
        StepForm(kind, label, icon, tuple(_field(kind, name) for name in names))
        for kind, (label, icon, names) in _ASKED.items()
        if FROM[kind] == sheet.status  # type: ignore[index]
    )


def history(view: View, entries: list[Entry]) -> tuple[HistoryRow, ...]:
    """The latest first."""
    return tuple(HistoryRow(e.at, *HAPPENED[e.kind], said(view, e), e.by_name) for e in reversed(entries))


def said(view: View, entry: Entry) -> str:
    """What an entry tells besides its kind, in the reader's language."""
    say, parts = view.say, []
    if entry.spoke_with:
        parts.append(" ".join(filter(None, (entry.spoke_with, say(VIA[entry.via]) if entry.via else ""))))
    if entry.text:
        parts.append(entry.text)
    if entry.promised_on:
        parts.append(say(msgid("promised for {day}"), day=entry.promised_on.isoformat()))
    if entry.next_on and entry.kind in ("issue", "chase", "promise", "fail"):
        parts.append(say(msgid("next chase {day}"), day=entry.next_on.isoformat()))
    if entry.print_no is not None:
        parts.append(say(msgid("Reprint {n}") if entry.print_no > 1 else msgid("Print {n}"), n=entry.print_no))
    return " · ".join(parts)


def local(site: Site, instant: datetime | None) -> str:
    """Wall time at the site; '' for none."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def _field(kind: str, name: str) -> views.Field:
    match name:
        case "spoke_with":
            return views.Field(name, msgid("Spoke with"), required=kind == "chase", maximum=60)
        case "via":
            choices = tuple(views.Choice(code, label) for code, label in VIA.items())
            return views.Field(name, msgid("How"), "select", "call", choices=choices[1:])
        case "promised_on":
            return views.Field(name, msgid("Promised for"), "date", required=kind == "promise")
        case "next_on":
            text = msgid("Left empty: after the site's usual time, or on the promised day.")
            return views.Field(name, msgid("Ask again on"), "date", help=text)
    label = _TEXT.get(kind, msgid("Remark"))
    return views.Field("text", label, "textarea", required=kind in _TEXT, maximum=1000)
