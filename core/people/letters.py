"""Letters about accounts: queued with what they are about, written when they are sent, so that no link is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

import msgspec

from core.auth.links import Links
from core.db.ids import new_id
from core.estate.sealing import Sealer
from core.i18n import msgid
from core.notify.channels.email import Mail
from core.notify.messages import Letter
from core.notify.model import Contacts, Locale, Preferences
from core.tenancy.directory import Company
from core.work import Work

INVITATION: Final = "invitation"
"""Kind of its letter, and purpose of its link."""
RESET: Final = "password_reset"
"""The same of a link that sets a password."""
_JOIN, _RESET = "/join/", "/password/reset/"
_QUEUE = """
WITH queued AS (
    INSERT INTO notify_delivery
        (company_id, id, site_id, channel, kind, member_id, payload, state, attempts, created_at)
    VALUES ($1, $2, $3, 'email', $4, $5, $6, 'waiting', 0, $7) RETURNING id
)
INSERT INTO notify_due (company_id, delivery_id, due_at) SELECT $1, id, $7 FROM queued
"""
_INVITED = """
SELECT id, email_sealed, name FROM invitation
WHERE company_id = $1 AND link_id = $2 AND joined_at IS NULL AND revoked_at IS NULL AND expires_at > $3
    AND email_sealed IS NOT NULL
"""
_FORGOTTEN = """
SELECT r.membership_id, m.name, n.settings::text, n.contacts_sealed
FROM password_reset r JOIN membership m ON m.company_id = r.company_id AND m.id = r.membership_id AND m.active
JOIN notify_preference n ON n.company_id = r.company_id AND n.member_id = r.membership_id
WHERE r.company_id = $1 AND r.id = $2 AND r.used_at IS NULL AND r.expires_at > $3
"""
_SUBJECT = msgid("Invitation to work in Lodge")
_INVITE = msgid("{name}, {company} invites you to work with Lodge. Open this link to set up your account:")
_RESET_SUBJECT = msgid("Set a new password")
_RESET_TEXT = msgid(
    "{name}, somebody asked for a new password of your Lodge account. Open this link within half an hour:"
)
_IGNORE = msgid("The link is good once. If you know nothing of this, ignore the message.")


class Letters:
    """Writes them. `translate(locale, domain, message_id, **params)` says a message; links lead to `public_url` alone,
    whatever a request calls this instance."""

    def __init__(self, links: Links, sealer: Sealer, translate: Callable[..., str], public_url: str) -> None:
        self._links = links
        self._sealer = sealer
        self._translate = translate
        self._public_url = public_url

    @property
    def kinds(self) -> Mapping[str, Letter]:
        """What writes each kind of letter."""
        return {INVITATION: self._invitation, RESET: self._reset}

    def invitation_link(self, company_id: UUID, link_id: UUID) -> str:
        """Where an invitation is accepted."""
        return f"{self._public_url}{_JOIN}{self._links.make(INVITATION, company_id, link_id)}"

    def reset_link(self, company_id: UUID, id: UUID) -> str:
        """Where a password is set."""
        return f"{self._public_url}{_RESET}{self._links.make(RESET, company_id, id)}"

    async def _reset(self, work: Work, company: Company, delivery_id: UUID, payload: str) -> Mail | None:
        """To an address that the person has confirmed, or nowhere."""
        found = await work.uow.fetch_one(lambda *row: row, _FORGOTTEN, company.id, UUID(payload), work.now)
        if found is None:
            return None
        member_id, name, settings, sealed = found
        locale = msgspec.json.decode(settings, type=Preferences).locale
        contacts = msgspec.json.decode(self._sealer.unseal(company.id, member_id, sealed), type=Contacts)
        if not contacts.reachable.email:
            return None
        said = [self._say(text, locale, name=name) for text in (_RESET_TEXT, _IGNORE)]
        text = "\n\n".join([said[0], self.reset_link(company.id, UUID(payload)), said[1]])
        return Mail(str(delivery_id), contacts.email, f"Lodge: {self._say(_RESET_SUBJECT, locale)}", text, work.now)

    async def _invitation(self, work: Work, company: Company, delivery_id: UUID, payload: str) -> Mail | None:
        """None where the invitation is no longer open, or has another link by now."""
        link_id = UUID(payload)
        found = await work.uow.fetch_one(lambda *row: row, _INVITED, company.id, link_id, work.now)
        if found is None:
            return None
        id, sealed, name = found
        address = self._sealer.unseal(company.id, id, sealed).decode()
        said = self._say(_INVITE, name=name, company=company.name)
        text = "\n\n".join([said, self.invitation_link(company.id, link_id), self._say(_IGNORE)])
        return Mail(str(delivery_id), address, f"{company.name}: {self._say(_SUBJECT)}", text, work.now)

    def _say(self, message: str, locale: Locale = "zh-CN", **params: str) -> str:
        return self._translate(locale, "core", message, **params)


async def queue(work: Work, kind: str, payload: str, site_id: UUID | None, member_id: UUID | None = None) -> None:
    """Have a letter of that kind sent; the delivery log of the site shows it."""
    await work.uow.execute(_QUEUE, work.ctx.company_id, new_id(), site_id, kind, member_id, payload, work.now)
