"""The dialogs of an order's panel: which there are for a reader, and how one comes back that was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

import msgspec

from core.sdk import FieldError, Platform, Site, Ticket, Work, msgid, views
from plugins.repairs.charges.model import HOWS, SIGNED_FOR, ConfirmedBy
from plugins.repairs.charges.service import yuan
from plugins.repairs.orders.order import Order
from plugins.repairs.permissions import CHARGE, HANDLE, VISIT, WAIVE, WARRANTY
from plugins.repairs.policies import WORK
from plugins.repairs.prices import service as prices
from plugins.repairs.warranty.model import WARRANTIES


class Dialog(msgspec.Struct, frozen=True):
    """A form that opens over the page; `what` is the last part of the address it posts to. With `shown`, the sum as
    yuan and in fen and the order's revision, somebody signs in it for that: `signer`, so far as is known. `unsigned` is
    what is wrong with the signature."""

    what: str
    title: str
    icon: str
    fields: tuple[views.Field, ...]
    show: bool = False
    slots: bool = False
    tone: str = ""
    shown: tuple[str, int, int] | None = None
    signer: str = ""
    unsigned: FieldError | None = None


async def offered(platform: Platform, work: Work, site: Site, ticket: Ticket, now: Order) -> dict[str, Dialog]:
    """What the reader may do with the order as it is."""
    held = work.ctx.permissions
    if ticket.status == "closed":
        return {}
    found = []
    if WARRANTY.id in held:
        choices = tuple(views.Choice(key, label) for key, label in WARRANTIES.items())
        found.append(
            Dialog(
                "warranty",
                msgid("Decide on the warranty"),
                "shield-check",
                (
                    views.Field("warranty", msgid("Warranty"), "select", now.warranty.warranty, choices=choices),
                    views.Field("until", msgid("Until"), "date", str(now.warranty.until or "")),
                    views.Field("reason", msgid("Reason"), "textarea", maximum=400, required=True),
                ),
            )
        )
    if VISIT.id in held and ticket.status not in ("resolved", "closed"):
        moved = now.visit is not None
        found.append(
            Dialog(
                "visits",
                msgid("Move the visit") if moved else msgid("Agree on a visit"),
                "calendar-event",
                (
                    views.Field("starts_at", msgid("Or another time"), "datetime-local"),
                    views.Field("reason", msgid("Why it is moved") if moved else msgid("Remark"), maximum=200),
                ),
                slots=True,
            )
        )
    if HANDLE.id in held:
        listed = await prices.in_force(work, site)
        choices = tuple(views.Choice(p.code, f"{p.code} {p.name} · {yuan(p.price_fen)} / {p.unit}") for p in listed)
        found.append(
            Dialog(
                "lines",
                msgid("Materials and labour"),
                "shopping-cart-plus",
                (
                    views.Field("code", msgid("From the price list"), "select", choices=choices),
                    views.Field("quantity", msgid("Quantity"), value="1", maximum=12, required=True),
                    views.Field("note", msgid("Remark"), maximum=200),
                ),
            )
        )
        if ticket.status in ("accepted", "arrived"):
            rules = await platform.policies.value(work, WORK, site.id)
            reasons = tuple(views.Choice(reason, reason) for reason in rules.pause_reasons)
            found.append(
                Dialog(
                    "pause",
                    msgid("Pause the work"),
                    "player-pause",
                    (
                        views.Field("reason", msgid("What the work waits for"), "select", choices=reasons),
                        views.Field("note", msgid("Remark"), maximum=400),
                    ),
                )
            )
    if CHARGE.id in held and now.settled is None:
        found.append(await _signing(platform, work, site, ticket, now))
    if now.due_fen and now.settled is None:
        if CHARGE.id in held:
            found += [_consent("estimate", now), _consent("charge", now)]
        if WAIVE.id in held:
            found.append(
                Dialog(
                    "waiver",
                    msgid("Waive the charge"),
                    "rosette-discount-check",
                    (
                        _amount(now),
                        views.Field("reason", msgid("Reason"), "textarea", maximum=400, required=True),
                    ),
                    tone="danger",
                )
            )
    return {dialog.what: dialog for dialog in found}


async def _signing(platform: Platform, work: Work, site: Site, ticket: Ticket, now: Order) -> Dialog:
    """Where the resident signs for what the order comes to."""
    rules = await platform.policies.value(work, WORK, site.id)
    ahead = ticket.status != "resolved" and ticket.stage != "working" and now.due_fen > rules.estimate_above_yuan * 100
    kind = "estimate" if ahead and now.estimated_fen < now.due_fen else "charge"
    choices = tuple(views.Choice(key, label) for key, label in SIGNED_FOR.items())
    asked = (views.Field("kind", msgid("What is signed for"), "select", kind, choices=choices),) if now.due_fen else ()
    return Dialog(
        "signature",
        msgid("The resident signs"),
        "writing-sign",
        asked,
        tone="primary",
        shown=(yuan(now.due_fen), now.due_fen, now.revision),
        signer=ticket.reporter_name,
    )


def _consent(kind: str, now: Order) -> Dialog:
    title = msgid("The estimate is agreed to") if kind == "estimate" else msgid("The charge is confirmed")
    choices = tuple(views.Choice(key, HOWS[key]) for key in get_args(ConfirmedBy))
    return Dialog(
        kind,
        title,
        "message-circle-check",
        (
            _amount(now),
            views.Field("resident_name", msgid("Who agrees"), maximum=60),
            views.Field("how", msgid("How"), "select", choices=choices),
        ),
    )


def _amount(now: Order) -> views.Field:
    choice = views.Choice(str(now.due_fen), f"¥ {yuan(now.due_fen)}")
    return views.Field("amount_fen", msgid("Amount due"), "select", str(now.due_fen), choices=(choice,))


def reasoned(
    what: str,
    title: str,
    icon: str,
    shown: str,
    values: Mapping[str, str],
    errors: Iterable[FieldError],
    name: str = "reason",
) -> Dialog:
    """A dialog that asks for nothing but why."""
    dialog = Dialog(what, title, icon, (views.Field(name, msgid("Reason"), maximum=200, required=True),))
    return filled(dialog, values, errors) if what == shown else dialog


def filled(dialog: Dialog, values: Mapping[str, str], errors: Iterable[FieldError]) -> Dialog:
    wrong = {error.field: error for error in errors}
    fields = tuple(
        msgspec.structs.replace(
            field,
            value=values.get(field.name, field.value),
            error=wrong[field.name].message if field.name in wrong else "",
            params=wrong[field.name].params if field.name in wrong else {},
        )
        for field in dialog.fields
    )
    unsigned = next(iter(wrong.values()), None) if dialog.shown else None
    signer = values.get("signer", dialog.signer)
    return msgspec.structs.replace(dialog, fields=fields, show=True, signer=signer, unsigned=unsigned)
