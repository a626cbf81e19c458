"""The page of the delivery log: what was sent, what waits, what was given up, and sending it once more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from core.i18n import msgid
from core.notify import log
from core.notify.model import Delivery, State
from core.web.console.notifications import NEWS
from core.web.view import View
from core.web.views import Choice, DeliveryRow, Field, Filters, Pager, Word

_CHANNELS: Final = {
    "email": msgid("E-mail"),
    "sms": msgid("Text message"),
    "chat": msgid("Chat group"),
    "webhook": msgid("Webhook"),
}
_STATES: Final[Mapping[State, Word]] = {
    "waiting": Word("waiting", msgid("Waiting"), "info"),
    "sent": Word("sent", msgid("Sent"), "ok"),
    "dropped": Word("dropped", msgid("No longer needed")),
    "parked": Word("parked", msgid("Given up"), "breach"),
}
_OTHERS: Final = {
    "digest": msgid("Daily digest"),
    "confirm": msgid("Request to confirm an address"),
    "test": msgid("Test message"),
    "invitation": msgid("Invitation"),
    "password_reset": msgid("Link for a new password"),
    "resident": msgid("Message to a resident"),
}
DONE: Final[Mapping[str, str]] = {
    "saved": msgid("Saved."),
    "tried": msgid("The test is on its way. What came of it stands in the delivery log below."),
}
"""What has just been done at a webhook or provider, whose page shows its `RECENT` deliveries."""
RECENT: Final = 20
_BACK: Final = re.compile(r"/admin/(webhooks|providers)/[0-9a-f-]{36}")


@get("/deliveries", permission="notify.manage")
async def delivery_page(
    view: NamedDependency[View], status: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Response[str]:
    chosen = next((known for known in _STATES if known == status), None)
    page = await log.page(view.state.work, state=chosen, after=after)
    query = {"status": status} if chosen else {}
    states = (Choice("", msgid("All states")), *(Choice(code, word.label) for code, word in _STATES.items()))
    return await view.html(
        "notify/deliveries.html",
        filters=Filters(selects=(Field("status", msgid("State"), "select", chosen or "", choices=states),)),
        rows=tuple(delivery_row(delivery) for delivery in page.items),
        pager_view=Pager(
            len(page.items),
            "",
            f"/admin/deliveries?{urlencode({**query, 'after': str(page.cursor)})}" if page.cursor else None,
            f"/admin/deliveries?{urlencode(query)}" if after else None,
        ),
    )


@post("/deliveries/{delivery_id:uuid}/send", permission="notify.manage")
async def delivery_again(view: NamedDependency[View], delivery_id: FromPath[UUID]) -> Redirect:
    """Send once more."""
    await log.send_again(view.state.work, delivery_id)
    back = (await view.form()).get("back", "")
    return Redirect(back if _BACK.fullmatch(back) else "/admin/deliveries", status_code=303)


def delivery_row(delivery: Delivery) -> DeliveryRow:
    """A delivery as it is listed."""
    kinds = {**_OTHERS, **{str(kind): label for kind, label in NEWS.items()}}
    waiting = delivery.state == "waiting"
    return DeliveryRow(
        str(delivery.id),
        delivery.created_at,
        _CHANNELS[delivery.channel],
        delivery.target,
        kinds.get(delivery.kind, delivery.kind),
        _STATES[delivery.state],
        delivery.attempts,
        delivery.last_error or "",
        delivery.last_status,
        delivery.due_at if waiting else None,
        again=delivery.state in ("parked", "sent"),
    )


HANDLERS = [delivery_page, delivery_again]
