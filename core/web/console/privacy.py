"""The page of people's data: whose it is, handing it out or erasing it, and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import FieldError, Forbidden, Invalid, LodgeError, Malformed
from core.i18n import msgid
from core.privacy.people import Hit, Subject, digits
from core.privacy.repository import Request
from core.privacy.service import NewRequest
from core.web.console import posted
from core.web.console.posted import Form
from core.web.download import saved
from core.web.view import View
from core.web.views import Choice, Word
from core.web.views.privacy import RequestRow

PERMISSION = "privacy.export"
KINDS: Final[Mapping[str, Word]] = {
    "export": Word("export", msgid("Hand out")),
    "erasure": Word("erasure", msgid("Erase"), "breach"),
}
STATES: Final[Mapping[str, Word]] = {
    "waiting": Word("waiting", msgid("In progress"), "info"),
    "done": Word("done", msgid("Done"), "ok"),
    "refused": Word("refused", msgid("Refused"), "warn"),
    "expired": Word("expired", msgid("File deleted"), "paused"),
}
SUBJECTS: Final[Mapping[str, str]] = {
    "resident": msgid("Resident"),
    "phone": msgid("Known by a number"),
    "member": msgid("Colleague"),
}


@get("/privacy", permission=PERMISSION)
async def privacy_page(view: NamedDependency[View]) -> Response[str]:
    return await _page(view, {})


@post("/privacy", permission=PERMISSION, status_code=200)
async def privacy_search(view: NamedDependency[View]) -> Response[str]:
    """Look for somebody. Posted, so that no name or number stands in an address."""
    return await _page(view, await view.form_lists(), searched=True)


@post("/privacy/requests", permission=PERMISSION, status_code=200)
async def privacy_ask(view: NamedDependency[View]) -> Response[Any]:
    """Put a request. A refusal comes back with the form as it was filled in."""
    form = await view.form_lists()
    try:
        new = NewRequest(
            kind="erasure" if posted.last(form, "kind") == "erasure" else "export",
            subject=_subject(posted.last(form, "who")),
            reason=posted.last(form, "reason"),
            confirm=posted.last(form, "confirm"),
        )
        await view.state.platform.data_requests.ask(view.state.work, new)
    except (Invalid, Forbidden) as refused:
        return await _page(view, form, refused, searched=True)
    return view.redirect("/admin/privacy")


@post("/privacy/requests/{request_id:uuid}/file", permission=PERMISSION, status_code=200)
async def privacy_file(view: NamedDependency[View], request_id: FromPath[UUID]) -> Response[bytes]:
    return saved(await view.state.platform.data_requests.fetch(view.state.work, request_id))


async def _page(view: View, form: Form, refused: LodgeError | None = None, *, searched: bool = False) -> Response[str]:
    state = view.state
    text = posted.last(form, "q").strip()
    faults = posted.faults(refused, {"phone": "who", "subject": "who", "id": "who"})
    found = await state.platform.data_requests.search(state.work, text) if searched else []
    choices = [Choice(f"{hit.kind}:{hit.id}", _told(hit)) for hit in found]
    if not any(hit.kind == "resident" and hit.phone for hit in found) and len(digits(text)) >= 7:
        choices.append(Choice(f"phone:{digits(text)}", text))
    kinds = [kind for kind in KINDS if kind == "export" or "privacy.erase" in state.work.ctx.permissions]
    return await view.html(
        "admin/privacy.html",
        status=int(refused.status) if refused else 200,
        search=posted.field(
            "q", msgid("Name, telephone number or staff number"), form, {}, required=True, maximum=60,
            help=msgid("As a whole: somebody else's data is not to be stumbled upon."),
        ),
        searched=searched,
        people=tuple(choices),
        who=posted.last(form, "who") or (choices[0].value if choices else ""),
        fault=faults.get("who") or _general(refused),
        fields=(
            posted.field("kind", msgid("What is to be done"), form, faults, "select",
                         choices=tuple(Choice(kind, KINDS[kind].label) for kind in kinds)),
            posted.field("reason", msgid("Reason"), form, faults, required=True, maximum=200,
                         help=msgid("Who asked for it, and how. It stays on record.")),
            posted.field("confirm", msgid("To erase, type the name or number again"), form, faults, maximum=60,
                         help=msgid("What is erased cannot be brought back.")),
        ),
        kinds=await state.platform.retention.outlook(state.work),
        rows=tuple(_row(request) for request in await state.platform.data_requests.requests(state.work)),
    )  # fmt: skip


def _general(refused: LodgeError | None) -> FieldError | None:
    return FieldError("", refused.message, refused.params) if refused and not refused.fields else None


def _told(hit: Hit) -> str:
    return " · ".join(filter(None, (hit.name, hit.about, hit.phone)))


def _subject(who: str) -> Subject:
    kind, _, value = who.partition(":")
    try:
        if kind == "phone":
            return Subject("phone", phone=value[:30])
        if kind in ("resident", "member"):
            return Subject("resident" if kind == "resident" else "member", UUID(value))
    except ValueError as error:
        raise Malformed from error
    raise Invalid.field("subject", "Choose whose data it is.")


def _row(request: Request) -> RequestRow:
    result = request.result
    return RequestRow(
        kind=KINDS[request.kind],
        subject=SUBJECTS[request.subject],
        whose=request.name,
        reason=request.reason,
        state=STATES[request.state],
        rows=sum(result.rows.values()),
        files=result.files,
        kept=tuple(dict.fromkeys((kept.reason, str(kept.until or "")) for kept in result.kept)),
        asked_by=request.asked_by_name,
        asked_at=request.asked_at,
        expires_at=request.expires_at,
        file=f"/admin/privacy/requests/{request.id}/file" if request.size is not None else "",
    )


HANDLERS = [privacy_page, privacy_search, privacy_ask, privacy_file]
