"""People whose data lies in every table that can hold any: each row of theirs tells whose it is, in text and files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from core.db.ids import new_id
from core.privacy.register import Held
from core.tenancy.directory import Site
from core.tickets.model import NewTicket
from core.tickets.service import Step
from tests.support.filling import TENANT_TABLES, Table, fill, tables_of
from tests.support.lodge import NOW, House, Lodge
from tests.world import PICTURE, post_to_ledger
from tests.world_rows import VALUES

# What is over, so that nothing stands against an erasure; and a place in the timeline that is free.
OVER: dict[str, dict[str, Any]] = {
    "ticket_event": {"seq": 900, "clock": "[]"},
    "occupancy": {"ends_on": NOW.date().replace(year=2025)},
    "complaints_compensation": {"paid_at": None},
    "repairs_consent": {"amount_fen": 0},
    "billing_charge": {"amount_fen": 0},
    "reception_barred": {"lifted_at": NOW},
    "repairs_contractor": {"active": False},
    "billing_receipt": {"amount_fen": 0},
    "billing_refund": {"amount_fen": 0},
}
# Filled otherwise, or about nobody in particular; audit entries are never erased and hold nothing personal.
LEFT_OUT = {
    "ticket", "ticket_search", "ticket_goal", "ticket_attachment", "party", "audit_entry", "privacy_request",
    "billing_entry", "billing_posting",
}  # fmt: skip


class Somebody(msgspec.Struct, frozen=True):
    """A resident with a ticket, and the tables that hold anything about them."""

    name: str
    phone: str
    party_id: UUID
    ticket_id: UUID
    tables: frozenset[str]

    @property
    def canary(self) -> str:
        return f"{self.name} {self.phone}"


async def settle(
    lodge: Lodge, house: House, site: Site, dsn: str, register: tuple[Held, ...], name: str, phone: str
) -> Somebody:
    """Somebody at a site of the house, in every table that the register says can hold something about them."""
    company_id = house.company_id
    canary, party_id = f"{name} {phone}", new_id()
    sealed = lodge.platform.data_requests._sealer.seal(company_id, party_id, f"{phone}X".encode())
    admin = await asyncpg.connect(dsn, server_settings={"search_path": "lodge"})
    try:
        names = [row[0] for row in await admin.fetch(TENANT_TABLES)]
        tables = {table.name: table for table in await tables_of(admin, names)}

        referred_to = {target for table in tables.values() for target, _, _ in table.references}

        async def put(table: Table, values: dict[str, Any], ticket: UUID | None = None, text: str = canary) -> None:
            first = {c: None for target, columns, _ in table.references if target == table.name for c in columns}
            given = {**first, "company_id": company_id, "site_id": site.id, **VALUES.get(table.name, {})}
            given |= {**OVER.get(table.name, {}), **values}
            await fill(admin, table, company_id, site.id, text, NOW, given, ticket)

        async def empty(table: str) -> bool:
            return not await admin.fetchval(
                f"SELECT count(*) FROM {table} t WHERE company_id = $1 "
                "AND coalesce(to_jsonb(t) ->> 'site_id', $2) = $2",
                company_id,
                str(site.id),
            )

        party = {"id": party_id, "name": name, "id_number_sealed": sealed, "id_number_tail": phone[-4:]}
        for needed in ("roll_import", "unit", "team"):
            if await empty(needed):
                await put(tables[needed], {}, text="house")
        await put(tables["party"], party)
        ticket_id = await _ticket(lodge, house, site, party_id, canary, phone)
        known: dict[str, UUID] = {"ticket.id": ticket_id}
        done = {"party", "ticket", "ticket_attachment", "ticket_search", "ticket_event", "billing_posting"}
        by_name = {held.name: held for held in register}
        for table in tables.values():
            privacy = by_name[table.name].privacy
            if table.name in LEFT_OUT:
                continue
            if not (privacy.party or privacy.phone or privacy.parent):
                if table.name in referred_to and await empty(table.name):
                    await put(table, {}, ticket_id, "house")
                continue
            values: dict[str, Any] = {privacy.party: party_id, privacy.phone: phone}
            values |= {column: known.get(target, ticket_id) for column, target in privacy.parent.items()}
            values |= {
                c.name: phone for c in by_name[table.name].of("contact") if c.type == "text" and "phone" in c.name
            }
            impersonal = [c.name for c in by_name[table.name].columns if c.said and c.type == "text"]
            impersonal = [c for c in impersonal if c in privacy.staff.split() + privacy.plain.split()]
            values |= {c: f"{site.slug} {c}" for c in impersonal if c not in VALUES.get(table.name, {})}
            values |= {"id": new_id()} if "id" in table.columns and "id" not in privacy.parent else {}
            if privacy.image:
                digest = await lodge.platform.files._store.put(company_id, f"{canary} {table.name}".encode())
                values |= {"kind": "text", "digest": digest, "thumbnail": None}
            values = {column: value for column, value in values.items() if column in table.columns}
            if "technician_id" in table.columns:
                values["technician_id"] = house.staff["technician" if name < "N" else "engineering"].membership_id
            await put(table, values, ticket_id)
            if "id" in table.columns:
                known[f"{table.name}.id"] = values.get("id", ticket_id)
            done.add(table.name)
        await post_to_ledger(lodge, house, site, party_id)
        await admin.execute("UPDATE ticket SET status = 'closed' WHERE company_id = $1", company_id)
    finally:
        await admin.close()
    return Somebody(name, phone, party_id, ticket_id, frozenset(done))


async def _ticket(lodge: Lodge, house: House, site: Site, party_id: UUID, canary: str, phone: str) -> UUID:
    name = canary.rpartition(" ")[0]
    async with lodge.work(house, "admin") as work:
        new = NewTicket(
            description=f"{canary} tap",
            category="plumbing_electric",
            place=f"{canary} kitchen",
            party_id=party_id,
            reporter_name=name,
            reporter_phone=phone,
            convenient_time=f"{canary} evening",
        )
        ticket = await lodge.platform.tickets.create(work, site, new)
        await lodge.platform.tickets.act(work, site, ticket.id, "accept", Step(), None)
        await lodge.platform.tickets.act(work, site, ticket.id, "pause", Step(text=f"{canary} away"), None)
        await lodge.platform.files.add(work, site, ticket.id, f"{canary}.txt", canary.encode())
        await lodge.platform.files.add(work, site, ticket.id, f"{canary}.png", PICTURE)
    return ticket.id
