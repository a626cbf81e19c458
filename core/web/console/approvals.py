"""The pages of second looks: the list, and one of them with what is asked, to agree to or to refuse."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.approvals.model import MOST_SAID, Approval, Verdict
from core.errors import Conflict, Invalid, LodgeError
from core.i18n import msgid
from core.tenancy.directory import Site
from core.web.console import posted
from core.web.view import View
from core.web.views import Pager, Word
from core.web.views.approvals import ApprovalRow

_PAGE = 50
_STATES: Final = {
    "asked": Word("asked", msgid("Waiting for a second look"), "warn"),
    "approved": Word("approved", msgid("Agreed"), "ok"),
    "refused": Word("refused", msgid("Refused"), "breach"),
    "withdrawn": Word("withdrawn", msgid("Taken back"), "paused"),
    "lapsed": Word("lapsed", msgid("Lapsed"), "paused"),
}


@get("/approvals", permission="approval.view")
async def approval_list(
    view: NamedDependency[View], site: NamedDependency[Site], after: FromQuery[UUID | None] = None
) -> Response[str]:
    found = await view.state.platform.approvals.page(view.state.work, site, after, _PAGE + 1)
    here, shown = f"/s/{site.slug}/approvals", found[:_PAGE]
    following = f"{here}?after={shown[-1].id}" if len(found) > _PAGE else None
    return await view.html(
        "approvals/list.html",
        rows=tuple(_row(view, site, each) for each in shown),
        pager_view=Pager(len(shown), "", following, here if after else None),
    )


@get("/approvals/count", permission="approval.view")
async def approval_count(view: NamedDependency[View], site: NamedDependency[Site]) -> Response[str]:
    """The number beside the entry in the navigation: what waits for the reader to decide; nothing for none."""
    waiting = await view.state.platform.approvals.waiting(view.state.work, site)
    return Response(str(waiting or ""), media_type="text/html")


@get("/approvals/{approval_id:uuid}", permission="approval.view")
async def approval_page(
    view: NamedDependency[View], site: NamedDependency[Site], approval_id: FromPath[UUID]
) -> Response[str]:
    return await _page(view, site, approval_id)


@post("/approvals/{approval_id:uuid}/decision", permission="approval.view", status_code=200)
async def approval_decide(
    view: NamedDependency[View], site: NamedDependency[Site], approval_id: FromPath[UUID]
) -> Response[Any]:
    """Agree or refuse. What keeps it from being decided is said on the page."""
    form, state = await view.form(), view.state
    said = Verdict(form.get("verdict") == "approve", form.get("text", "")[:MOST_SAID])
    try:
        async with state.work.savepoint():
            await state.platform.approvals.decide(state.work, site, approval_id, said, state.platform)
    except (Conflict, Invalid) as refused:
        return await _page(view, site, approval_id, refused)
    return view.redirect(f"/s/{site.slug}/approvals/{approval_id}")


@post("/approvals/{approval_id:uuid}/withdrawal", permission="approval.view", status_code=200)
async def approval_withdraw(
    view: NamedDependency[View], site: NamedDependency[Site], approval_id: FromPath[UUID]
) -> Response[Any]:
    try:
        await view.state.platform.approvals.withdraw(view.state.work, site, approval_id)
    except Conflict as refused:
        return await _page(view, site, approval_id, refused)
    return view.redirect(f"/s/{site.slug}/approvals/{approval_id}")


async def _page(view: View, site: Site, approval_id: UUID, refused: LodgeError | None = None) -> Response[str]:
    approval = await view.state.platform.approvals.get(view.state.work, site, approval_id)
    faults = posted.faults(refused, {})
    return await view.html(
        "approvals/detail.html",
        status=int(refused.status) if refused else 200,
        row=_row(view, site, approval),
        text=posted.field("text", msgid("Remark"), {}, faults, kind="textarea", maximum=MOST_SAID),
        problem=(refused.message, refused.params) if refused and not refused.fields else ("", {}),
    )


def _row(view: View, site: Site, approval: Approval) -> ApprovalRow:
    """In words; of a module that is gone there is only the name of what it asked."""
    approvals, work = view.state.platform.approvals, view.state.work
    _, kind = approvals.kinds.get(approval.kind, ("", None))
    return ApprovalRow(
        href=f"/s/{site.slug}/approvals/{approval.id}",
        title=kind.title if kind else approval.kind,
        said=view.say(kind.text, **approval.payload) if kind else "",
        state=_STATES[approval.state],
        asked_by=approval.asked_by_name,
        asked_at=approval.asked_at,
        expires_at=approval.expires_at,
        reason=approval.reason,
        decided_by=approval.decided_by_name,
        decided_at=approval.decided_at,
        decision=approval.decision,
        look=f"/s/{site.slug}/{kind.page.format(**approval.payload)}"
        if kind and kind.page and approval.state == "asked"
        else "",
        decidable=approvals.decidable(work, approval),
        own=approval.state == "asked" and approval.asked_by == work.ctx.actor.id,
    )


HANDLERS = [approval_list, approval_count, approval_page, approval_decide, approval_withdraw]
