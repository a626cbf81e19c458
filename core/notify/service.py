"""A person's notifications and how they want to be told. Callers commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.errors import FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from core.estate.sealing import Sealer
from core.notify import repository
from core.notify.confirmation import WAYS, Confirmations, Way
from core.notify.model import Contacts, Inbox, MyPreferences, NewPreferences, Notice, Preferences
from core.work import Work

PAGE = 50
MOST_UNREAD = 100  # counted no further: the bell says 99+
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_SPACES = str.maketrans("", "", " -()")
_decode = msgspec.json.Decoder(Contacts).decode


class Notices:
    """What concerns whoever asks, at the sites they may enter now. Nobody sees another's."""

    def __init__(self, sealer: Sealer, confirmations: Confirmations) -> None:
        self._sealer = sealer
        self._confirmations = confirmations
        self.mail = confirmations.mail

    async def inbox(self, work: Work, *, after: UUID | None = None, unread: bool = False) -> Inbox:
        """A page, the newest first."""
        member_id = work.ctx.actor.id
        if member_id is None:
            return Inbox([], 0, None)
        sites = list(work.ctx.site_ids)
        found = await repository.inbox(work.uow, member_id, sites, after, PAGE + 1, unread=unread)
        items = found[:PAGE]
        count = await repository.unread(work.uow, member_id, sites, MOST_UNREAD)
        return Inbox(items, count, items[-1].id if len(found) > PAGE else None)

    async def unread(self, work: Work) -> int:
        """How many are unread, up to `MOST_UNREAD`."""
        member_id = work.ctx.actor.id
        return await repository.unread(work.uow, member_id, list(work.ctx.site_ids), MOST_UNREAD) if member_id else 0

    async def read(self, work: Work, notification_id: UUID) -> Notice:
        """Mark one as read. Raises NotFound, also for another's."""
        member_id = work.ctx.actor.id
        sites = list(work.ctx.site_ids)
        notice = member_id and await repository.read_one(work.uow, member_id, sites, work.now, notification_id)
        if not notice:
            raise NotFound
        work.announce("notification", None, member_id)
        return notice

    async def read_all(self, work: Work) -> int:
        """Mark all as read; how many were not."""
        member_id = work.ctx.actor.id
        count = await repository.read_all(work.uow, member_id, list(work.ctx.site_ids), work.now) if member_id else 0
        if count:
            work.announce("notification", None, member_id)
        return count

    async def preferences(self, work: Work) -> MyPreferences:
        """As they are; the usual ones where nothing was set."""
        member_id = work.ctx.actor.id
        found = member_id and await repository.preferences(work.uow, member_id)
        if not found or member_id is None:
            return MyPreferences(Preferences(), "", "", 0)
        preferences, sealed, version = found
        contacts = self.contacts(work.ctx.company_id, member_id, sealed)
        return MyPreferences(
            preferences,
            contacts.email,
            contacts.phone,
            version,
            contacts.email_confirmed,
            contacts.phone_confirmed,
            await self._confirmations.open(work, member_id),
        )

    async def set_preferences(self, work: Work, new: NewPreferences, expected: int) -> int:
        """Set them, and ask for confirmation where an address is new; the new version.

        Raises Invalid, PreconditionFailed, Forbidden where a token asks.
        """
        member_id = _person(work)
        before = await self.contacts_of(work, member_id)
        await self._store(work, member_id, before, new, expected, sorted(work.ctx.site_ids))
        return expected + 1

    async def set_contacts(
        self, work: Work, member_id: UUID, email: str | None, phone: str | None, sites: Sequence[UUID]
    ) -> None:
        """Where a member of these sites is reached, as those who keep the company's accounts know it; None stays.

        The member confirms what is new before anything else goes there. Raises Invalid, PreconditionFailed.
        """
        found = await repository.preferences(work.uow, member_id)
        preferences, sealed, version = found or (Preferences(), None, 0)
        before = self.contacts(work.ctx.company_id, member_id, sealed)
        if (email, phone) != (None, None):
            new = NewPreferences(preferences=preferences, email=email, phone=phone)
            await self._store(work, member_id, before, new, version, sites)

    async def contacts_of(self, work: Work, member_id: UUID) -> Contacts:
        """A member's addresses, confirmed or not."""
        found = await repository.preferences(work.uow, member_id)
        return self.contacts(work.ctx.company_id, member_id, found[1] if found else None)

    def first(self, company_id: UUID, member_id: UUID, email: str) -> tuple[str, bytes]:
        """The settings and the sealed addresses of somebody who has just come, as they are stored."""
        contacts = self._sealer.seal(company_id, member_id, msgspec.json.encode(Contacts(email)))
        return msgspec.json.encode(Preferences()).decode(), contacts

    async def _store(
        self,
        work: Work,
        member_id: UUID,
        before: Contacts,
        new: NewPreferences,
        expected: int,
        sites: Sequence[UUID],
    ) -> None:
        email = before.email if new.email is None else new.email.strip()
        phone = before.phone if new.phone is None else new.phone.translate(_SPACES)
        contacts = Contacts(
            email,
            phone,
            email_confirmed=before.email_confirmed and email == before.email,
            phone_confirmed=before.phone_confirmed and phone == before.phone,
        )
        _check(new.preferences, contacts)
        sealed = self._sealer.seal(work.ctx.company_id, member_id, msgspec.json.encode(contacts))
        if not await repository.set_preferences(work.uow, member_id, new.preferences, sealed, work.now, expected):
            raise PreconditionFailed
        changed = [way for way in WAYS if before.of(way) != contacts.of(way)]
        work.audit("notify.preferences_set", "membership", member_id, {"addresses": ", ".join(changed)})
        await self._confirmations.ask(work, member_id, [way for way in changed if contacts.of(way)], sites)

    async def ask_again(self, work: Work, way: Way) -> None:
        """Send the request to confirm an address once more. Raises Conflict, TooMany, Forbidden."""
        member_id = _person(work)
        await self._confirmations.ask_again(work, member_id, way, await self.contacts_of(work, member_id))

    async def confirm(self, work: Work, way: Way, given: str) -> bool:
        """Whether the address is confirmed now. A wrong answer is counted: commit then too. Raises Forbidden."""
        return await self._confirmations.confirm(work, _person(work), way, given)

    def contacts(self, company_id: UUID, member_id: UUID | None, sealed: bytes | None) -> Contacts:
        """Addresses as stored for that member."""
        if sealed is None or member_id is None:
            return Contacts()
        return _decode(self._sealer.unseal(company_id, member_id, sealed))


def is_email(text: str) -> bool:
    """Whether it looks like an address that mail can go to."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def _person(work: Work) -> UUID:
    if work.ctx.actor.kind != "person" or work.ctx.actor.id is None:
        raise Forbidden("Only people have notifications.")
    return work.ctx.actor.id


def _check(preferences: Preferences, contacts: Contacts) -> None:
    wrong = []
    if contacts.email and not is_email(contacts.email):
        wrong.append(FieldError("email", "Write an e-mail address such as name@example.com."))
    if contacts.phone and not _PHONE.fullmatch(contacts.phone):
        wrong.append(FieldError("phone", "Write a telephone number of 5 to 15 digits."))
    if (preferences.quiet_from is None) != (preferences.quiet_until is None):
        wrong.append(FieldError("quiet_until", "Give both ends of your quiet hours, or neither."))
    if wrong:
        raise Invalid(fields=wrong)
