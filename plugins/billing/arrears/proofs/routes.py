"""Proof of dunning over the JSON API, below /api/v1/sites/{site_id}/billing/dunning."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath, JSONBody

from core.sdk import UPLOAD, Invalid, Platform, Site, Work, inline, msgid, saved
from plugins.billing.arrears.proofs import service
from plugins.billing.arrears.proofs.model import Proof, Strike
from plugins.billing.permissions import ARREARS_VIEW, DUNNING_TAKE


class NewProof(msgspec.Struct, frozen=True):
    """A picture, a PDF, or what else is taken as an attachment."""

    file: UploadFile | None = None


@get("/dunning/{billing_dunning_id:uuid}/proofs", permission=ARREARS_VIEW.id)
async def list_proofs(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_dunning_id: FromPath[UUID]
) -> list[Proof]:
    """The files that prove a step of dunning, those that were struck out too, as they were added (BIL-5)."""
    _, proofs = await service.of_step(work, site, billing_dunning_id)
    return proofs


@post("/dunning/{billing_dunning_id:uuid}/proofs", permission=DUNNING_TAKE.id, request_max_body_size=UPLOAD)
async def add_proof(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_dunning_id: FromPath[UUID],
    data: Annotated[NewProof, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Proof:
    """Keep a file with a step: a photo of the letter at the door, a courier's slip, a signed notice (BIL-5). 409 where
    it has as many as a site's rules let a matter have."""
    if data.file is None:
        raise Invalid.field("file", msgid("Choose a file."))
    return await service.add(platform, work, site, billing_dunning_id, data.file.filename, await data.file.read())


@get(
    "/dunning/{billing_dunning_id:uuid}/proofs/{billing_dunning_proof_id:uuid}",
    permission=ARREARS_VIEW.id,
    media_type="*/*",
)
async def get_proof(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_dunning_id: FromPath[UUID],
    billing_dunning_proof_id: FromPath[UUID],
) -> Response[bytes]:
    """The file itself; 404 once its content was erased."""
    return saved(await service.file(platform, work, site, billing_dunning_id, billing_dunning_proof_id))


@get(
    "/dunning/{billing_dunning_id:uuid}/proofs/{billing_dunning_proof_id:uuid}/preview",
    permission=ARREARS_VIEW.id,
    media_type="image/jpeg",
)
async def preview_proof(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_dunning_id: FromPath[UUID],
    billing_dunning_proof_id: FromPath[UUID],
) -> Response[bytes]:
    """A picture as a small JPEG."""
    return inline(await service.preview(platform, work, site, billing_dunning_id, billing_dunning_proof_id))


@post(
    "/dunning/{billing_dunning_id:uuid}/proofs/{billing_dunning_proof_id:uuid}/strike",
    permission=DUNNING_TAKE.id,
    status_code=204,
)
async def strike_proof(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_dunning_id: FromPath[UUID],
    billing_dunning_proof_id: FromPath[UUID],
    data: JSONBody[Strike],
) -> None:
    """Strike out a file that proves nothing, with the reason: it stays to be seen. 409 for one that is struck out."""
    await service.strike(work, site, billing_dunning_id, billing_dunning_proof_id, data)


HANDLERS: list[HTTPRouteHandler] = [list_proofs, add_proof, get_proof, preview_proof, strike_proof]
