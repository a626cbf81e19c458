"""The import page: a household roll uploaded, looked at before anything is written, confirmed, undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.errors import Conflict, Invalid, LodgeError, Malformed, TooLarge
from core.estate.model import Effect, RollImport, RollPreview
from core.exchange.issues import RowIssue
from core.exchange.workbook import DEFAULT
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.web.view import View
from core.web.views import Count, Field, ImportIssue, ImportPreview, ImportRun, Notice, Word
from core.work import Work

_ISSUES = 500  # listed on the page
_RUNS = 20
_UPLOAD = Field(
    "file",
    msgid("Workbook"),
    "file",
    accept=".xlsx",
    required=True,
    help=msgid("An .xlsx file of at most {megabytes} MB."),
    params={"megabytes": DEFAULT.file_bytes >> 20},
)
_STATES = {
    "applied": Word("applied", msgid("Imported"), "ok"),
    "undone": Word("undone", msgid("Undone"), "paused"),
}
_DONE = {
    "applied": Notice("ok", msgid("{file} was imported.")),
    "undone": Notice("ok", msgid("The import of {file} was undone.")),
}


@get("/estate/import", permission="estate.import")
async def import_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    about: FromQuery[UUID | None] = None,
) -> Response[str]:
    """Where to upload, and what was imported; `about` is the import that something was just done with."""
    runs = await platform.estate.imports(work, site)
    done = next((run for run in runs if run.id == about and run.status in _DONE), None)
    notice = msgspec.structs.replace(_DONE[done.status], params={"file": done.file_name}) if done else None
    return await _page(view, runs, notice=notice)


@post("/estate/import", permission="estate.import", status_code=200)
async def upload_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What the workbook would change, before anything is. A refused one is not kept."""
    try:
        file = await view.file("file")
        if file is None:
            raise Invalid("Choose a file.")
        preview = await platform.estate.preview_roll(work, site, *file)
    except (Invalid, TooLarge) as refused:
        runs = await platform.estate.imports(work, site)
        upload = msgspec.structs.replace(_UPLOAD, error=refused.message, params=refused.params)
        return await _page(view, runs, upload=upload, status=int(refused.status))
    return await _page(
        view,
        await platform.estate.imports(work, site),
        preview=_preview(preview, asks=await platform.second_look.needed(work, site)),
    )


@get("/estate/import/{import_id:uuid}", permission="estate.import")
async def look_at_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    import_id: FromPath[UUID],
) -> Response[str]:
    """What an uploaded roll would change, for the colleague who is asked to agree to it."""
    preview = _preview(await platform.estate.preview(work, site, import_id), asks=True)
    shown = msgspec.structs.replace(preview, asked=True)
    return await _page(view, await platform.estate.imports(work, site), preview=shown)


@post("/estate/import/confirm", permission="estate.import", status_code=200)
async def confirm_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Import what was looked at, or ask a colleague to agree to it where the site wants that."""
    try:
        import_id = UUID((await view.form()).get("token", ""))
    except ValueError:
        raise Malformed from None
    try:
        async with work.savepoint():
            if await platform.second_look.needed(work, site):
                approval_id = await platform.second_look.ask(work, site, platform.approvals, import_id)
                return view.redirect(f"/s/{site.slug}/approvals/{approval_id}")
            await platform.estate.apply_roll(work, site, import_id)
    except Conflict as refused:
        return await _refused(work, site, platform, view, refused)
    return view.redirect(f"/s/{site.slug}/estate/import?about={import_id}")


@post("/estate/import/{import_id:uuid}/undo", permission="estate.import", status_code=200)
async def undo_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    import_id: FromPath[UUID],
) -> Response[Any]:
    """Take the latest import back."""
    try:
        async with work.savepoint():
            await platform.estate.undo_roll(work, site, import_id)
    except Conflict as refused:
        return await _refused(work, site, platform, view, refused)
    return view.redirect(f"/s/{site.slug}/estate/import?about={import_id}")


async def _refused(work: Work, site: Site, platform: Platform, view: View, error: LodgeError) -> Response[str]:
    runs = await platform.estate.imports(work, site)
    notice = Notice("breach", error.message, error.params)
    return await _page(view, runs, notice=notice, status=int(error.status))


async def _page(
    view: View,
    runs: list[RollImport],
    *,
    upload: Field = _UPLOAD,
    preview: ImportPreview | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> Response[str]:
    carried_out = [run for run in runs if run.applied_at is not None]
    return await view.html(
        "estate/import.html",
        status=status,
        upload=upload,
        preview=preview,
        notice=notice,
        runs=tuple(map(_run, carried_out[:_RUNS])),
    )


def _run(run: RollImport) -> ImportRun:
    return ImportRun(
        id=str(run.id),
        file_name=run.file_name,
        at=run.applied_at or run.created_at,
        who=run.created_by,
        counts=tuple(count for count in _effect(run.effect) if count.number),
        state=_STATES[run.status],
        can_undo=run.undoable,
    )


def _preview(found: RollPreview, *, asks: bool) -> ImportPreview:
    issues = (*(_issue(row, error=True) for row in found.errors), *(_issue(row) for row in found.warnings))
    return ImportPreview(
        token=str(found.id),
        file_name=found.file_name,
        sheet=found.sheet,
        other_sheets=found.other_sheets,
        counts=(
            *_effect(found.effect),
            Count(msgid("Rows left out"), len(found.errors), "breach" if found.errors else ""),
            Count(msgid("Fields left out"), len(found.warnings), "warn" if found.warnings else ""),
        ),
        issues=issues[:_ISSUES],
        unlisted=len(issues[_ISSUES:]),
        importable=found.effect.units_new + found.effect.units_changed > 0,
        asks=asks,
    )


def _effect(effect: Effect) -> tuple[Count, ...]:
    return (
        Count(msgid("Units new"), effect.units_new),
        Count(msgid("Units changed"), effect.units_changed),
        Count(msgid("Units unchanged"), effect.units_unchanged),
        Count(msgid("Owners new"), effect.parties_new),
        Count(msgid("Phones new"), effect.contacts_new),
        *([Count(msgid("ID numbers added"), effect.id_numbers_added)] if effect.id_numbers_added else []),
    )


def _issue(row: RowIssue, *, error: bool = False) -> ImportIssue:
    return ImportIssue(row.row, row.column, row.value, row.message, row.params, error=error)


HANDLERS = [import_page, upload_roll, look_at_roll, confirm_roll, undo_roll]
