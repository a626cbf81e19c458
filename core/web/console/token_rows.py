"""API tokens in the lists of two pages, and the fields of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from core.auth.api_tokens import NAME, ApiToken
from core.errors import FieldError
from core.i18n import msgid
from core.web.console import posted
from core.web.console.posted import Form
from core.web.filled import local_day
from core.web.view import View
from core.web.views import Field
from core.web.views.admin import TokenRow


def token_row(view: View, token: ApiToken, sites: Mapping[str, str]) -> TokenRow:
    over = token.expires_at is not None and token.expires_at <= view.state.work.now
    return TokenRow(
        id=str(token.id),
        name=token.name,
        scopes=tuple(token.permissions),
        sites=posted.names(token.site_ids, sites),
        created_at=token.created_at,
        created_by=token.created_by,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        account=(str(token.service_account_id), token.service_account) if token.service_account_id else ("", ""),
        used_on=token.last_used_on,
        used_from=token.last_used_from,
        good=token.revoked_at is None and not over,
    )


def token_fields(form: Form, faults: Mapping[str, FieldError]) -> tuple[Field, ...]:
    """Name and last day of a new token."""
    return (
        posted.field(
            "name",
            msgid("Name"),
            form,
            faults,
            help=msgid("Who uses it, and for what."),
            required=True,
            maximum=NAME,
        ),
        posted.field(
            "expires_on",
            msgid("Valid until"),
            form,
            faults,
            kind="date",
            help=msgid("That day included. Empty: until revoked."),
        ),
    )


def end_of(view: View, text: str) -> datetime | None:
    """The last second of a day as a date field has it; None for an empty one. Raises Malformed."""
    day = local_day(text)
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(view.page.timezone)).astimezone(UTC) if day else None
