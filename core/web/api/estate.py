"""The estate in the JSON API: units, households, full telephone numbers for a reason, household rolls in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody, QueryParameter

from core.estate.households import MOST
from core.estate.model import Effect, HouseholdCard, ImportStatus, RollPreview, UnitPage
from core.exchange.issues import Code, RowIssue
from core.exchange.roll import Summary
from core.platform import Platform
from core.tenancy.directory import Site
from core.web.view import View
from core.work import Work


class Households(msgspec.Struct, frozen=True):
    items: list[HouseholdCard]


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody needs a full number for."""

    reason: str


class Phones(msgspec.Struct, frozen=True):
    phones: list[str]


class IdNumber(msgspec.Struct, frozen=True):
    id_number: str


class RollFile(msgspec.Struct, frozen=True):
    """A household roll as .xlsx, 4 MB at most."""

    file: UploadFile


class Issue(msgspec.Struct, frozen=True):
    """Something wrong in a row, as the spreadsheet counts. An error leaves the row out, a warning only the field."""

    row: int
    severity: Literal["error", "warning"]
    code: Code
    column: str
    value: str
    message: str


class Preview(msgspec.Struct, frozen=True):
    """A roll as read, and what applying it now would change. `other_sheets` look like rolls too, but were not read."""

    id: UUID
    file_name: str
    sheet: str
    other_sheets: tuple[str, ...]
    summary: Summary
    changes: Effect
    issues: list[Issue]


class Applied(msgspec.Struct, frozen=True):
    id: UUID
    file_name: str
    changes: Effect


class Import(msgspec.Struct, frozen=True):
    """`changes` are those expected or, once applied, those made; `undoable` is the one that can be undone next."""

    id: UUID
    file_name: str
    status: ImportStatus
    summary: Summary
    changes: Effect
    created_by: str
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    undoable: bool


class Imports(msgspec.Struct, frozen=True):
    items: list[Import]


@get("/units", permission="estate.view")
async def list_units(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    q: FromQuery[str] = "",
    building: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> UnitPage:
    """Units in natural order, page by page: those `q` (unit, name, phone) may mean, else of `building`, else all."""
    return await platform.estate.units(work, site, q, cursor, limit, building=building)


@get("/units/{unit_id:uuid}", permission="estate.view")
async def get_unit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
) -> HouseholdCard:
    """The unit with its people of today and, for those who may see tickets, what is open for it."""
    return _seen(work, await platform.estate.household(work, site, unit_id))


@get("/households", permission="estate.view")
async def find_households(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform], phone: FromQuery[str]
) -> Households:
    """Where somebody with that phone lives, 20 units at most (REC-5)."""
    found = await platform.estate.household_by_phone(work, site, phone)
    return Households([_seen(work, card) for card in found])


@post("/parties/{party_id:uuid}/phones", permission="estate.contact.reveal", status_code=200, personal=True)
async def reveal_phones(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    party_id: FromPath[UUID],
    data: JSONBody[Need],
) -> Phones:
    """A party's full telephone numbers. Who asked, and what for, goes on record (PI-2)."""
    return Phones(await platform.estate.reveal_phone(work, site, party_id, data.reason))


@post("/parties/{party_id:uuid}/id-number", permission="estate.identity.reveal", status_code=200, personal=True)
async def reveal_id_number(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    party_id: FromPath[UUID],
    data: JSONBody[Need],
) -> IdNumber:
    """A party's full ID number. Who asked, and what for, goes on record (PI-2)."""
    return IdNumber(await platform.estate.reveal_id_number(work, site, party_id, data.reason))


class AskedFor(msgspec.Struct, frozen=True):
    """The approval that was asked for."""

    id: UUID


@post("/imports/roll", permission="estate.import")
async def preview_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    data: Annotated[RollFile, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Preview:
    """Read a household roll. Nothing changes until the import is applied, within a day."""
    return _preview(view, await platform.estate.preview_roll(work, site, data.file.filename, await data.file.read()))


@get("/imports/{import_id:uuid}", permission="estate.import")
async def get_preview(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    import_id: FromPath[UUID],
) -> Preview:
    """What an import that is not applied yet would change."""
    return _preview(view, await platform.estate.preview(work, site, import_id))


def _preview(view: View, found: RollPreview) -> Preview:
    def issue(row: RowIssue, severity: Literal["error", "warning"]) -> Issue:
        return Issue(row.row, severity, row.code, row.column, row.value, view.say(row.message, **row.params))

    issues = [issue(row, "error") for row in found.errors] + [issue(row, "warning") for row in found.warnings]
    return Preview(
        found.id,
        found.file_name,
        found.sheet,
        found.other_sheets,
        found.summary,
        found.effect,
        sorted(issues, key=lambda each: each.row),
    )


@post("/imports/{import_id:uuid}/apply", permission="estate.import", status_code=200)
async def apply_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    import_id: FromPath[UUID],
) -> Applied:
    """Carry a previewed import out, as a whole or not at all; not where a second person has to agree first."""
    await platform.second_look.refuse_alone(work, site)
    done = await platform.estate.apply_roll(work, site, import_id)
    return Applied(done.id, done.file_name, done.effect)


@post("/imports/{import_id:uuid}/approval", permission="estate.import", status_code=200)
async def ask_for_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    import_id: FromPath[UUID],
) -> Response[AskedFor]:
    """Ask somebody else who may import rolls to agree to a previewed import, which then is carried out (ARC-3)."""
    id = await platform.second_look.ask(work, site, platform.approvals, import_id)
    location = f"/api/v1/sites/{site.slug}/approvals/{id}"
    return Response(AskedFor(id), headers={"Location": location})


@post("/imports/{import_id:uuid}/undo", permission="estate.import", status_code=204)
async def undo_roll(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    import_id: FromPath[UUID],
) -> None:
    """Take the site's latest import back: what it made goes, what it changed is restored."""
    await platform.estate.undo_roll(work, site, import_id)


@get("/imports", permission="estate.import")
async def list_imports(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Imports:
    """The site's imports, the newest first; previews among them."""
    return Imports(
        [
            Import(
                i.id,
                i.file_name,
                i.status,
                i.summary,
                i.effect,
                i.created_by,
                i.created_at,
                i.applied_at,
                i.undone_at,
                i.undoable,
            )
            for i in await platform.estate.imports(work, site)
        ]
    )


def _seen(work: Work, card: HouseholdCard) -> HouseholdCard:
    """The card without its tickets for those who may see units only."""
    return card if "ticket.view" in work.ctx.permissions else msgspec.structs.replace(card, tickets=())


HANDLERS = [
    list_units,
    get_unit,
    find_households,
    reveal_phones,
    reveal_id_number,
    preview_roll,
    get_preview,
    apply_roll,
    ask_for_roll,
    undo_roll,
    list_imports,
]
