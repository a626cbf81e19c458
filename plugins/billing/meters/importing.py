"""Readings from a workbook, looked at before anything is entered, below /s/{site_id}/billing/readings/import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import FieldError, Invalid, Malformed, Site, TooLarge, View, Work, local_day, msgid, views
from plugins.billing.meters import book, service
from plugins.billing.meters.model import Judged, MeterReading, Value
from plugins.billing.permissions import READING_ENTER

LISTED: Final = 500  # rows of the page
_Sent = tuple[UUID, date, Value]
_sent = msgspec.json.Decoder(list[_Sent]).decode


class Looked(msgspec.Struct, frozen=True):
    """A row of the workbook with what would come of it: `why` it is left out, or what was `used`."""

    row: book.Row
    used: str | None
    same: bool
    why: str
    params: dict[str, str]


@get("/readings/import", permission=READING_ENTER.id)
async def import_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Where a workbook with readings is uploaded."""
    return await _page(work, site, view)


@post("/readings/import", permission=READING_ENTER.id, status_code=200)
async def import_look(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What is in the workbook and what would be left out, before anything is entered."""
    values = await view.form()
    try:
        day = local_day(values.get("day", "").strip()) or site.today(work.now)
        sent = await view.file("file")
        if sent is None:
            raise Invalid.field("file", "Choose a workbook.")
        found = await book.read(sent[1], await service.every(work, site), day)
    except Invalid as refused:
        errors = refused.fields or (FieldError("file", refused.message, refused.params),)
        return await _page(work, site, view, errors)
    except TooLarge as refused:
        return await _page(work, site, view, [FieldError("file", refused.message, refused.params)])
    return await _preview(work, site, view, sent[0], found)


@post("/readings/import/confirm", permission=READING_ENTER.id, status_code=200)
async def import_confirm(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Enter what was looked at; what does not fit any more is told."""
    try:
        rows = _sent((await view.form()).get("readings", ""))
    except msgspec.DecodeError:
        raise Malformed from None
    if not rows:
        raise Malformed
    readings = [MeterReading(meter_id=id, day=day, value=value) for id, day, value in rows]
    found = await service.enter_many(work, site, readings)
    left = sum(each.fault is not None for each in found)
    told = views.Notice("ok", msgid("Readings entered: {n}."), {"n": len(found) - left})
    if left:
        message = msgid("Readings entered: {n}. Left out, since others were entered meanwhile: {left}.")
        told = views.Notice("warn", message, {"n": len(found) - left, "left": left})
    return await _page(work, site, view, told=told)


async def _preview(work: Work, site: Site, view: View, name: str, found: book.Read) -> Response[str]:
    readings = [row.reading for row in found.rows if row.reading is not None]
    outcomes = iter(await service.enter_many(work, site, readings, dry_run=True) if readings else [])
    looked = [_looked(row, next(outcomes) if row.reading is not None else None) for row in found.rows]
    looked.sort(key=lambda each: not each.why)  # mistakes first
    counts = Counter("wrong" if each.why else "same" if each.same else "new" for each in looked)
    fitting = [each.row.reading for each in looked if not each.why and not each.same and each.row.reading is not None]
    return await view.html(
        "billing/readings_import.html",
        upload=None,
        told=None,
        name=name,
        rows=looked[:LISTED],
        unlisted=len(looked[LISTED:]),
        counts=(
            views.Count(msgid("Readings that fit"), counts["new"]),
            views.Count(msgid("There already"), counts["same"]),
            views.Count(msgid("Rows left out"), counts["wrong"], "breach" if counts["wrong"] else ""),
            views.Count(msgid("Rows without a reading"), found.empty),
        ),
        readings=_as_text(fitting) if fitting else "",
    )


def _looked(row: book.Row, outcome: Judged | None) -> Looked:
    if outcome is None:
        return Looked(row, None, False, row.problem, row.params)
    if outcome.fault is not None:
        return Looked(row, None, False, outcome.fault.message, outcome.fault.params)
    return Looked(row, outcome.used, outcome.same, "", {})


def _as_text(readings: Sequence[MeterReading]) -> str:
    return msgspec.json.encode([(r.meter_id, r.day, r.value) for r in readings]).decode()


async def _page(
    work: Work, site: Site, view: View, errors: Iterable[FieldError] = (), told: views.Notice | None = None
) -> Response[str]:
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any, **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, **{**more, **said})

    upload = (
        field("file", msgid("Workbook"), "file", accept=".xlsx", required=True,
              help=msgid("The workbook of the readings page, with its column of readings filled in.")),
        field("day", msgid("Read on"), "date", value=str(site.today(work.now)),
              help=msgid("Of rows that name no day.")),
    )  # fmt: skip
    return await view.html(
        "billing/readings_import.html",
        status=422 if wrong else 200,
        upload=upload,
        told=told,
        name="",
        rows=[],
        unlisted=0,
        counts=(),
        readings="",
    )


HANDLERS: list[HTTPRouteHandler] = [import_page, import_look, import_confirm]
