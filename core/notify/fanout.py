"""From an event to everybody it concerns: notifications, and what is to be sent, written in one transaction.

Runs when the outbox delivers the event, whose receipt makes it happen once. Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.db.ids import new_id
from core.estate.sealing import Sealer
from core.hooks.types import Event, NoticeSpec
from core.notify import repository, rules
from core.notify.model import Contacts, Kind
from core.notify.repository import NewDelivery, NewNotice, Person
from core.notify.routing import Route, next_digest, route
from core.notify.texts import page_of, text_of
from core.policies.notifications import NOTIFICATIONS, Notifications
from core.tenancy.directory import Company, Site
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

Translate = Callable[..., str]
"""`translate(locale, domain, message_id, **params)`."""
_contacts = msgspec.json.Decoder(Contacts).decode


class FanOut:
    """`mail` says whether this instance sends e-mail at all; `public_url` is where links lead; `notices` are what
    modules tell, with the plugin's id; '' is the platform itself."""

    def __init__(
        self,
        policies: Policies,
        sealer: Sealer,
        company_of: Callable[[UUID], Company | None],
        translate: Translate,
        *,
        mail: bool,
        public_url: str,
        notices: Iterable[tuple[str, NoticeSpec]] = (),
    ) -> None:
        self._policies = policies
        self._sealer = sealer
        self._company_of = company_of
        self._translate = translate
        self._mail = mail
        self._public_url = public_url
        self._modules: dict[str, list[tuple[str, NoticeSpec]]] = {}
        for plugin, notice in notices:
            self._modules.setdefault(notice.event, []).append((plugin, notice))

    async def hear(self, work: Work, event: Event, event_id: UUID) -> None:
        """Queue the event for webhooks, and tell the people it concerns. Events of no site concern nobody yet."""
        company = self._company_of(work.ctx.company_id)
        site = company.site(str(event.site_id)) if company and event.site_id else None
        if site is None:
            return
        body = {
            "type": event.type,
            "timestamp": work.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": {"site": site.slug, "site_id": site.id, "id": event.aggregate_id, **event.payload},
        }
        encoded = msgspec.json.encode(body).decode()
        await repository.to_webhooks(work.uow, site.id, event_id, work.now, event.type, encoded)
        if event.type in rules.RULES:
            await self._tell(work, site, event, event_id)
        for plugin, notice in self._modules.get(event.type, ()):
            await self._tell_of_module(work, site, event, event_id, plugin, notice)

    async def _tell(self, work: Work, site: Site, event: Event, event_id: UUID) -> None:
        facts = await repository.facts(work.uow, event.aggregate_id, rules.step_of(event.type))
        if facts is None:
            return  # the ticket is gone
        told = rules.told(event.type, event.payload, facts)
        if not told:
            return
        params = {"number": facts.number, "status": facts.status}
        params["goal"] = str(event.payload.get("goal") or "")
        params["due_at"] = _local(event.payload.get("due_at"), site)
        wakes = event.payload.get("quiet") == "false"
        private = facts.concerns_id is not None  # whom a complaint is about may read the group too
        await self._send(
            work, site, event.aggregate_id, event_id, facts.severity, params, told, wakes=wakes, private=private
        )

    async def _tell_of_module(
        self, work: Work, site: Site, event: Event, event_id: UUID, plugin: str, notice: NoticeSpec
    ) -> None:
        """Tell the colleagues whom the event names what the module has declared for it."""
        named = str(event.payload.get(notice.to) or "")
        if named:
            page = "/".join(filter(None, (plugin, notice.page.format(id=event.aggregate_id))))
            params = {"text": notice.text, "page": page}
            told: dict[UUID, Kind] = {UUID(each): "told" for each in named.split(",")}
            # what the platform itself tells is about somebody's own account
            await self._send(work, site, None, event_id, notice.severity, params, told, private=not plugin)

    async def _send(
        self,
        work: Work,
        site: Site,
        ticket_id: UUID | None,
        event_id: UUID,
        severity: str,
        params: dict[str, str],
        told: Mapping[UUID, Kind],
        *,
        wakes: bool = False,
        private: bool = False,
    ) -> None:
        """`wakes`: quiet hours too; `private`: not to groups."""
        people = await repository.people(work.uow, site.id, list(told))
        providers = await repository.providers(work.uow, site.id)
        texting = next((p.id for p in providers if p.scheme == "twilio"), None)
        policy = await self._policies.value(work, NOTIFICATIONS, site.id)
        notices, deliveries = [], []
        for person in people:
            kind = told[person.id]
            contacts = self._contacts(work, person)
            way = route(
                person.preferences.of(kind),
                person.preferences,
                contacts,
                policy,
                severity,
                work.now,
                site.timezone,
                wakes=wakes,
            )
            digest_id = await self._digest(work, site, person, policy, way) if self._mail else None
            notices.append(NewNotice(new_id(), person.id, kind, digest_id))
            if way.email and self._mail:
                deliveries.append(NewDelivery(new_id(), "email", kind, person.id))
            if way.sms and texting is not None:
                deliveries.append(NewDelivery(new_id(), "sms", kind, person.id, texting))
            work.announce("notification", None, person.id)
        kinds = {told[person.id] for person in people}
        groups = [] if private else [p for p in providers if p.scheme != "twilio"]
        for provider in groups:
            heard = sorted(kinds.intersection(provider.kinds))
            if heard:
                line = self._line(heard[0], params, site, ticket_id)
                deliveries.append(NewDelivery(new_id(), "chat", heard[0], provider_id=provider.id, payload=line))
        await repository.tell(
            work.uow,
            site.id,
            ticket_id,
            event_id,
            severity,
            params,
            work.now,
            notices,
            deliveries,
        )

    async def _digest(self, work: Work, site: Site, person: Person, policy: Notifications, way: Route) -> UUID | None:
        """The digest that takes the notification along; the one after, where that has just gone out."""
        at = way.digest_at
        while at is not None:
            found = await repository.open_digest(work.uow, new_id(), site.id, person.id, at, work.now)
            if found is not None:
                return found
            at = next_digest(policy, person.preferences, at + timedelta(seconds=1), site.timezone)
        return None

    def _contacts(self, work: Work, person: Person) -> Contacts:
        if person.contacts_sealed is None:
            return Contacts()
        return _contacts(self._sealer.unseal(work.ctx.company_id, person.id, person.contacts_sealed)).reachable

    def _line(self, kind: str, params: dict[str, str], site: Site, ticket_id: UUID | None) -> str:
        """What a group reads: the site, the news, and a link for those who may follow it."""

        def say(message: str, **filled: object) -> str:
            return self._translate("zh-CN", "core", message, **filled)

        text = text_of(kind, params, say)  # type: ignore[arg-type]
        return f"{site.name}: {text}\n{self._public_url}{page_of(site.slug, ticket_id, params)}"


def _local(instant: object, site: Site) -> str:
    """An instant of a payload as wall time of the site."""
    if not isinstance(instant, str) or not instant:
        return ""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(site.timezone)).strftime("%m-%d %H:%M")
