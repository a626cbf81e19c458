"""Proof of a step in the console, below /s/{site_id}/billing/dunning."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    UPLOAD,
    Conflict,
    FieldError,
    Invalid,
    Platform,
    Site,
    View,
    Work,
    inline,
    msgid,
    read_form,
    saved,
    views,
)
from plugins.billing.arrears.proofs import service
from plugins.billing.arrears.proofs.model import Strike
from plugins.billing.arrears.screens import WORDS, money
from plugins.billing.permissions import ARREARS_VIEW, DUNNING_TAKE

ACCEPT: Final = "application/pdf,image/jpeg,image/png,image/webp,image/heic"


@get("/dunning/{billing_dunning_id:uuid}/proofs", permission=ARREARS_VIEW.id)
async def proofs_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_dunning_id: FromPath[UUID],
) -> Response[str]:
    """A step with the files that prove it."""
    return await _page(work, site, view, billing_dunning_id)


@post(
    "/dunning/{billing_dunning_id:uuid}/proofs",
    permission=DUNNING_TAKE.id,
    status_code=200,
    request_max_body_size=UPLOAD,
)
async def proofs_add(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_dunning_id: FromPath[UUID],
) -> Response[Any]:
    """Keep what was chosen, dropped or photographed: all of it or nothing. The page sends each file by itself."""
    files = await view.files("file")
    if not files:
        raise Invalid.field("file", msgid("Choose a file."))
    for name, data in files:
        await service.add(platform, work, site, billing_dunning_id, name, data)
    return view.refresh(f"/s/{site.slug}/billing/dunning/{billing_dunning_id}/proofs")


@get("/dunning/{billing_dunning_id:uuid}/proofs/{billing_dunning_proof_id:uuid}", permission=ARREARS_VIEW.id)
async def proof_download(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_dunning_id: FromPath[UUID],
    billing_dunning_proof_id: FromPath[UUID],
) -> Response[bytes]:
    """The file, to be saved."""
    return saved(await service.file(platform, work, site, billing_dunning_id, billing_dunning_proof_id))


@get("/dunning/{billing_dunning_id:uuid}/proofs/{billing_dunning_proof_id:uuid}/preview", permission=ARREARS_VIEW.id)
async def proof_preview(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_dunning_id: FromPath[UUID],
    billing_dunning_proof_id: FromPath[UUID],
) -> Response[bytes]:
    """A picture, small."""
    return inline(await service.preview(platform, work, site, billing_dunning_id, billing_dunning_proof_id))


@post(
    "/dunning/{billing_dunning_id:uuid}/proofs/{billing_dunning_proof_id:uuid}/strike",
    permission=DUNNING_TAKE.id,
    status_code=200,
)
async def proof_strike(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_dunning_id: FromPath[UUID],
    billing_dunning_proof_id: FromPath[UUID],
) -> Response[Any]:
    """Strike a file out, with the reason."""
    reason = (await view.form()).get("reason", "")
    try:
        if not reason.strip():
            raise Invalid.field("reason", msgid("Say what is wrong with it."))
        said = read_form({"reason": reason}, Strike)
        await service.strike(work, site, billing_dunning_id, billing_dunning_proof_id, said)
    except Conflict as refused:
        return await _page(work, site, view, billing_dunning_id, refused=view.reason(refused))
    except Invalid as refused:
        return await _page(work, site, view, billing_dunning_id, billing_dunning_proof_id, reason, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/dunning/{billing_dunning_id}/proofs")


async def _page(
    work: Work,
    site: Site,
    view: View,
    dunning_id: UUID,
    show: UUID | None = None,
    reason: str = "",
    errors: list[FieldError] | tuple[FieldError, ...] = (),
    refused: str = "",
) -> Response[str]:
    taken, proofs = await service.of_step(work, site, dunning_id)
    wrong: dict[str, Any] = {"error": errors[0].message, "params": errors[0].params} if errors else {}
    label = msgid("What is wrong with it?")
    blank = views.Field("reason", label, "textarea", required=True, maximum=200)
    given = views.Field("reason", label, "textarea", reason, required=True, maximum=200, **wrong)
    takes = DUNNING_TAKE.id in work.ctx.permissions
    return await view.html(
        "billing/proofs.html",
        status=422 if show or refused else 200,
        taken=taken,
        proofs=proofs,
        accept=ACCEPT if takes else "",
        strike={each.id: (given if each.id == show else blank,) for each in proofs if takes and not each.struck_at},
        show=show,
        refused=refused,
        amount=money(work),
        **WORDS,
    )


HANDLERS: list[HTTPRouteHandler] = [proofs_page, proofs_add, proof_download, proof_preview, proof_strike]
