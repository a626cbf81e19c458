"""The canary world: two companies with a row in every tenant's table, whose texts tell whose they are.

Every text of a company holds its slug and, where rows have a site, the site's. Whatever shows the other's is a leak.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from PIL import Image

from core.auth import api_tokens, service_accounts, totp
from core.auth.api_tokens import NewApiToken
from core.auth.service_accounts import AccountEntry
from core.auth.sign_in import IssuedTokens
from core.db.ids import new_id
from core.files.model import NewSignature
from core.hooks.types import Event
from core.notify import repository as told
from core.notify.endpoints import NewProvider, NewWebhook
from core.notify.messages import end
from core.notify.model import NewPreferences, Preferences
from core.notify.repository import NewDelivery, NewNotice
from core.people.invitations import NewInvitation
from core.platform import Platform
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tenancy.directory import Site
from core.tickets import filters, relations, tags
from core.tickets.filters import NewFilter
from core.tickets.model import NewTicket, Ticket
from core.tickets.queue import Wanted
from core.tickets.relations import NewRelation
from core.tickets.service import Step
from core.tickets.tags import TagChange
from core.work import Work
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Charge, Part, Payment
from tests.support.filling import TENANT_TABLES, fill, tables_of
from tests.support.lodge import NOW, PASSWORD, House, Lodge, Staff
from tests.world_rows import FEN, PROOF, VALUES

ESTATE = ("roll_import", "unit", "party", "contact", "occupancy", "roll_import_change", "team")


def _picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (16, 16), "navy").save(target, "PNG")
    return target.getvalue()


PICTURE = _picture()


class Half(msgspec.Struct, frozen=True):
    """One of the companies. `canaries` are texts that only its data holds; `ids` its rows' ids by table; `kinds` the
    tickets of plugins' kinds, by site and plugin."""

    house: House
    canaries: tuple[str, ...]
    tickets: dict[UUID, Ticket]
    kinds: dict[tuple[UUID, str], UUID]
    api_token: str
    session: IssuedTokens
    local_sessions: dict[UUID, IssuedTokens]
    ids: dict[str, list[UUID]]

    @property
    def company_id(self) -> UUID:
        return self.house.company_id


class World(msgspec.Struct, frozen=True):
    """`a` looks, `b` must not be seen. `tables` are those of tenants, plugins' included."""

    lodge: Lodge
    a: Half
    b: Half
    tables: tuple[str, ...]


async def build(lodge: Lodge, admin_dsn: str) -> World:
    """Make both companies: through the services what those make, and the rest from the catalogue."""
    admin = await asyncpg.connect(admin_dsn, server_settings={"search_path": "lodge"})
    try:
        names = tuple(row[0] for row in await admin.fetch(TENANT_TABLES))
        a, b = [await _half(lodge, admin, names, slug, digit) for slug, digit in (("amsel", "1"), ("zeisig", "7"))]
    finally:
        await admin.close()
    return World(lodge, a, b, names)


async def digests(admin: Any, tables: tuple[str, ...], company_id: UUID) -> dict[str, str]:
    """What the company's rows are, a digest a table. `admin` is a superuser's connection."""
    each = (
        f"SELECT '{table}', count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') "
        f"FROM lodge.{table} t WHERE company_id = $1"
        for table in tables
    )
    return dict(await admin.fetch(" UNION ALL ".join(each), company_id))


async def _half(lodge: Lodge, admin: Any, names: tuple[str, ...], slug: str, digit: str) -> Half:
    plugins = [plugin.id for plugin in lodge.platform.host.plugins]
    house = await lodge.house(slug, sites=2, plugins=plugins)
    phone = f"139{digit * 4}"
    await _fill_empty(admin, ESTATE, house, phone)
    async with lodge.work(house, "admin") as work:
        await _policies(lodge, work, house)
    tickets, kinds = {}, {}
    for site in house.sites:
        tickets[site.id] = await _ticket(lodge, house, site, phone)
        for plugin in lodge.platform.host.plugins:
            for kind in plugin.ticket_types:
                kinds[site.id, plugin.id] = await _of_kind(lodge, house, site, category_of(kind.id), phone)
    await _messages(lodge, house, tickets, phone)
    await _invitations(lodge, house)
    await _second_factor(lodge, house)
    async with lodge.work(house, "admin") as work:
        for site in house.sites:
            kept = NewFilter(name=f"{site.slug} filter", shared=True, wanted=Wanted(text=site.slug))
            await filters.prefer(work, site, (await filters.keep(work, site, kept)).id)
        for site in house.sites:
            entry = AccountEntry(f"{site.slug} exchange", ["ticket.view"], [site.id], f"{site.slug} purpose")
            await service_accounts.make(work, entry)
        _, api_token = await api_tokens.issue(
            work,
            NewApiToken(f"{slug} meter", sorted(work.ctx.permissions), [s.id for s in house.sites]),
        )
    session = await sign_in(lodge.platform, house.staff["admin"])
    local = {
        site.id: await sign_in(lodge.platform, staff) for site, staff in zip(house.sites, house.local, strict=True)
    }
    if "billing_entry" in names:
        await _fill_empty(admin, ("billing_item",), house, phone)
        for site in house.sites:
            await post_to_ledger(lodge, house, site)
    await _fill_empty(admin, names, house, phone, kinds)
    [simulations] = await tables_of(admin, ["policy_simulation"])
    company_wide = {**VALUES[simulations.name], "site_id": None}
    await fill(admin, simulations, house.company_id, house.sites[0].id, slug, NOW, company_wide)
    ids = {
        table: [row[0] for row in await admin.fetch(f"SELECT id FROM {table} WHERE company_id = $1", house.company_id)]
        for table in names
        if await admin.fetchval(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = 'id'", table
        )
    }
    return Half(house, (slug, phone), tickets, kinds, api_token, session, local, ids)


async def _second_factor(lodge: Lodge, house: House) -> None:
    """A member with an authenticator app."""
    factors, member_id = lodge.platform.second_factors, house.staff["technician"].membership_id
    async with lodge.work(house, "technician") as work:
        shown = await factors.begin(work, member_id, house.slug, house.slug)
        secret = base64.b32decode(shown.secret.replace(" ", ""))
        await factors.confirm(work, member_id, totp.code_of(secret, int(work.now.timestamp()) // totp.STEP))


async def sign_in(platform: Platform, staff: Staff) -> IssuedTokens:
    """A session of that member of staff."""
    [membership] = await platform.sign_in.memberships(staff.login, PASSWORD, "192.0.2.1")
    return await platform.sign_in.open(membership, f"{staff.login} browser")


async def _fill_empty(
    admin: Any, names: tuple[str, ...], house: House, phone: str, kinds: Mapping[tuple[UUID, str], UUID] = {}
) -> None:
    """A row a site for every one of these tables that has none; a plugin's of a ticket of its kind."""
    for table in await tables_of(admin, names):
        for n, (site, staff) in enumerate(zip(house.sites, house.local, strict=True), 1):
            where = "company_id = $1" + (" AND site_id = $2" if "site_id" in table.columns else "")
            of = [house.company_id, site.id][: where.count("$")]
            if not await admin.fetchval(f"SELECT count(*) FROM {table.name} WHERE {where}", *of):
                texts = [column for column, kind in table.columns.items() if kind == "text"]
                values: dict[str, Any] = {column: f"{phone}{n:04}" for column in texts if "phone" in column}
                values |= VALUES.get(table.name, {})
                if "technician_id" in table.columns:  # nobody is at two places at once
                    values["technician_id"] = staff.membership_id
                ticket = kinds.get((site.id, table.name.partition("_")[0]))
                await fill(admin, table, house.company_id, site.id, site.slug, NOW, values, ticket)


async def _ticket(lodge: Lodge, house: House, site: Site, phone: str) -> Ticket:
    """A ticket of the site's unit with every text filled in, answered, and worked on by several."""
    tickets = lodge.platform.tickets
    async with lodge.work(house, "clerk") as work:
        work.ctx = msgspec.structs.replace(work.ctx, request_id=f"{site.slug} request")
        sql = "SELECT id FROM {} WHERE company_id = $1 AND site_id = $2"
        unit_id, party_id = [
            await work.uow.value(sql.format(table), house.company_id, site.id) for table in ("unit", "party")
        ]
        ticket = await tickets.create(
            work,
            site,
            NewTicket(
                description=f"{site.slug} leaking tap",
                category="plumbing_electric",
                unit_id=unit_id,
                party_id=party_id,
                place=f"{site.slug} kitchen",
                reporter_name=f"{site.slug} reporter",
                reporter_phone=f"{phone}0000",
                convenient_time=f"{site.slug} evening",
                concerns_id=house.staff["guard"].membership_id,
            ),
        )
        technician = house.staff["technician"].membership_id
        for action, step in (
            ("assign", Step(assignee_id=technician)),
            ("accept", Step()),
            ("pause", Step(text=f"{site.slug} no water")),
            ("answer", Step(text=f"{site.slug} told")),
        ):
            ticket = await tickets.act(work, site, ticket.id, action, step, None)
        await lodge.platform.files.add(work, site, ticket.id, f"{site.slug} photo.png", PICTURE)
        await lodge.platform.files.put(work, PROOF)
        signed = NewSignature(signer=f"{site.slug} signer", picture=PICTURE, on_paper=True)
        await lodge.platform.files.sign(work, site, ticket.id, signed)
        work.emit(Event("world.seen.v1", site.id, new_id(), {"text": f"{site.slug} payload"}))
        follow_up = await tickets.create(
            work, site, NewTicket(description=f"{site.slug} tap again", category="plumbing_electric", place=site.slug)
        )
        await relations.relate(work, site, follow_up.id, NewRelation("follow_up_of", ticket.id))
        await tags.change(work, site, ticket.id, TagChange((f"{site.slug} tag",)))
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "UPDATE outbox SET dead_at = $2, last_error = $3 WHERE company_id = $1 AND type = 'world.seen.v1'",
            house.company_id,
            NOW,
            f"{site.slug} error",
        )
        await uow.execute(
            "UPDATE ticket SET stage = $3, fields = $4::jsonb WHERE company_id = $1 AND id = $2",
            house.company_id,
            ticket.id,
            f"{site.slug} stage",
            msgspec.json.encode({"text": f"{site.slug} field"}).decode(),
        )
        await uow.execute(
            "UPDATE ticket_goal SET state = 'breached', cause = $3, cause_note = $3 "
            "WHERE company_id = $1 AND ticket_id = $2",
            house.company_id,
            ticket.id,
            f"{site.slug} cause",
        )
    return ticket


async def _of_kind(lodge: Lodge, house: House, site: Site, category: str, phone: str) -> UUID:
    """A ticket of a plugin's kind that the administrator works on, with a picture and a signature."""
    new = NewTicket(
        description=f"{site.slug} {category}", category=category, place=site.slug, reporter_phone=f"{phone}0000"
    )
    async with lodge.work(house, "admin") as work:
        ticket = await lodge.platform.tickets.create(work, site, new)
        await lodge.platform.tickets.act(work, site, ticket.id, "accept", Step(), None)
        await lodge.platform.files.add(work, site, ticket.id, f"{site.slug} photo.png", PICTURE)
        await lodge.platform.files.put(work, PROOF)
        signed = NewSignature(signer=f"{site.slug} signer", picture=PICTURE, on_paper=True)
        await lodge.platform.files.sign(work, site, ticket.id, signed)
    return ticket.id


async def _messages(lodge: Lodge, house: House, tickets: Mapping[UUID, Ticket], phone: str) -> None:
    """A webhook and a provider a site, and something that the administrator was told and is sent."""
    notify, admin = lodge.platform.notify, house.staff["admin"].membership_id
    async with lodge.work(house, "admin") as work:
        wishes = NewPreferences(preferences=Preferences(), email=f"{house.slug}@example.com", phone=f"{phone}0000")
        await notify.notices.set_preferences(work, wishes, 0)
        await work.uow.execute(
            "INSERT INTO notify_confirmation (company_id, member_id, channel, expires_at, guesses, sends, sends_since, "
            "sent_at) VALUES ($1, $2, 'email', $3, 0, 1, $3, $3) ON CONFLICT DO NOTHING",
            house.company_id,
            admin,
            NOW,
        )
        for site in house.sites:
            hook = NewWebhook(
                url=f"https://{site.slug}.example.com/hook",
                description=f"{site.slug} hook",
                event_types=["ticket.created.v1"],
                site_ids=[site.id],
            )
            webhook_id, _ = await notify.endpoints.add_webhook(work, hook)
            await notify.endpoints.succeed_secret(work, webhook_id)
            group = NewProvider(
                name=f"{site.slug} group",
                scheme="wecom",
                kinds=["escalated"],
                site_ids=[site.id],
                settings={"key": f"{site.slug}-key"},
            )
            provider_id = await notify.endpoints.add_provider(work, group)
            await told.tell(
                work.uow,
                site.id,
                tickets[site.id].id,
                new_id(),
                "urgent",
                {"number": f"{site.slug} number", "goal": f"{site.slug} goal"},
                NOW,
                [NewNotice(new_id(), admin, "escalated", None)],
                [NewDelivery(delivery_id := new_id(), "chat", "escalated", None, provider_id, f"{site.slug} line")],
            )
            await end(work, delivery_id, "parked", 500, f"{site.slug} error")


async def post_to_ledger(lodge: Lodge, house: House, site: Site, of: UUID | None = None) -> None:
    """A charge that is paid, and one that is open, `of` a party or any: an entry is whole or not at all, so the service
    writes it."""
    sql = "SELECT id FROM {} WHERE company_id = $1 AND site_id = $2"
    async with lodge.work(house, "admin") as work:
        unit_id, party_id, item_id = [
            await work.uow.value(sql.format(table), house.company_id, site.id)
            for table in ("unit", "party", "billing_item")
        ]
        party_id = of or party_id
        paid, left = (Charge(unit_id, party_id, item_id, new_id(), FEN) for _ in range(2))
        await ledger.issue(work, site, [paid, left])
        payment = Payment(unit_id, party_id, "cash", 2 * FEN, (Part(paid.charge_id, FEN),))
        await ledger.post(work, site, payment, key=f"{site.slug} key", note=f"{site.slug} note")


async def _invitations(lodge: Lodge, house: House) -> None:
    """Somebody asked to work at each site."""
    company = await lodge.platform.directory.company(house.company_id)
    assert company is not None
    async with lodge.work(house, "admin") as work:
        for site in house.sites:
            new = NewInvitation(
                name=f"{site.slug} newcomer",
                staff_no=f"{site.slug} new",
                department=site.slug,
                roles=["clerk"],
                site_ids=[site.id],
                email=f"new@{site.slug}.example.com",
            )
            await lodge.platform.invitations.invite(work, company, new)


def category_of(kind: str) -> str:
    """The category of the world's tickets of that kind."""
    return kind.replace(".", "_")


async def _policies(lodge: Lodge, work: Work, house: House) -> None:
    """A category of its own in the company's layer and in each site's, and one of every plugin's kind."""
    policies = lodge.platform.policies
    kinds = [kind.id for plugin in lodge.platform.host.plugins for kind in plugin.ticket_types]
    for site_id, slug in ((None, house.slug), *((site.id, site.slug) for site in house.sites)):
        categories = msgspec.json.decode(msgspec.json.encode(TICKET_CATEGORIES.default.categories))
        titles = {"title_zh": slug, "title_en": slug, "phrases_zh": [f"{slug} phrase"]}
        own = {**categories[0], "key": "own", **titles}
        tree = [*categories, own, *({**own, "key": category_of(kind), "ticket_type": kind} for kind in kinds)]
        await policies.revise(
            work, TICKET_CATEGORIES, site_id, {"categories": tree}, reason=f"{slug} reason", expected=0
        )
