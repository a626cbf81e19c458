"""A colleague who has left is erased wherever they may be: a mark says that one person did it, and not who (PI-5)."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID

import asyncpg

from core.db.ids import new_id
from core.privacy.leaving import ONLY_ADDED
from core.privacy.people import Subject, mark
from core.privacy.service import NewRequest
from tests.core.privacy.crowd import OVER, settle
from tests.core.privacy.test_requests import ask, dump, take_in
from tests.support.filling import TENANT_TABLES, fill, tables_of
from tests.support.lodge import NOW, Databases, House, Lodge, Staff
from tests.world_rows import VALUES

NAME = "Kanaria Kollegin"
# Nobody may change who did what here, so an erasure says that the name is left. Whoever adds a table looks at this.
STANDS = {
    "audit_entry", "billing_bank_line", "billing_book", "billing_closing", "billing_cost", "billing_damages",
    "billing_disclosure", "billing_dunning", "billing_dunning_proof", "billing_entry", "billing_expense",
    "billing_expense_category", "billing_handover", "billing_order", "billing_paper", "billing_period",
    "billing_promise", "billing_reading", "billing_receipt", "billing_reconciliation", "billing_refund",
    "billing_rent", "billing_shift", "billing_shift_closing", "billing_version", "complaints_month",
    "complaints_step", "policy_revision", "reception_visit_step", "repairs_consent", "repairs_line", "repairs_price",
    "repairs_sheet_entry", "returnvisits_step", "ticket_attachment", "ticket_event",
}  # fmt: skip
REALM = {"operator", "operator_session", "operator_sign_in"}  # nobody who works for a company has rows there
FOUR_EYES = {"approval", "billing_book", "complaints_compensation"}  # who decides is somebody else


async def work_everywhere(lodge: Lodge, house: House, databases: Databases, who: Staff) -> set[str]:
    """The colleague has done whatever can be done, and left word in every table that knows colleagues; those tables."""
    dsn, register = databases.admin_dsn(lodge.dsns), lodge.platform.data_requests.register
    sealer, site = lodge.platform.data_requests._sealer, house.sites[0]
    another = await take_in(lodge, house)
    matter = (await settle(lodge, house, site, dsn, register, "Zeisig Wanda", "13977770002")).ticket_id
    by_name = {held.name: held for held in register}
    found = set()
    admin = await asyncpg.connect(dsn, server_settings={"search_path": "lodge"})
    try:
        names = [row[0] for row in await admin.fetch(TENANT_TABLES)]
        tables = await tables_of(admin, names)
        referred_to = {target for table in tables for target, _, _ in table.references}
        for table in tables:
            held = by_name[table.name]
            if table.name == "privacy_request" or table.name in REALM:
                continue  # whose numbers are sealed, the requests to come are theirs; no company's
            there = await admin.fetchval(f"SELECT count(*) FROM {table.name} WHERE company_id = $1", house.company_id)
            own = held.privacy.of == "staff" and held.privacy.member not in ("", "id")
            own = own and await admin.fetchval("SELECT has_table_privilege('lodge_app', $1, 'DELETE')", table.name)
            if own or (not there and (held.staff or table.name in referred_to)):
                first = {c: None for target, columns, _ in table.references if target == table.name for c in columns}
                values: dict[str, Any] = {**first, "company_id": house.company_id, "site_id": site.id}
                values |= {**VALUES.get(table.name, {}), **OVER.get(table.name, {})}
                values |= {held.privacy.member: who.membership_id} if own else {}
                values |= {"from_id": matter, "to_id": another.id} if table.name == "ticket_relation" else {}
                values |= {"id": new_id()} if "id" in table.columns else {}
                values |= {
                    column: sealer.seal(house.company_id, values[bound], NAME.encode())
                    for column, bound in held.privacy.sealed.items()
                    if own
                }
                values = {column: value for column, value in values.items() if column in table.columns}
                await fill(admin, table, house.company_id, site.id, NAME if own else "house", NOW, values)
            for name, id in list(held.staff.items())[: 1 if table.name in FOUR_EYES else None]:
                beside = f", {id} = $3" if id else ""
                given = [house.company_id, NAME, *([who.membership_id] if id else [])]
                sql = f"UPDATE {table.name} SET {name} = $2{beside} WHERE company_id = $1"
                await admin.execute(sql, *given)
            if own or held.staff:
                found.add(table.name)
        await admin.execute(
            "UPDATE membership SET name = $3 WHERE company_id = $1 AND id = $2",
            *(house.company_id, who.membership_id, NAME),
        )
    finally:
        await admin.close()
    return found


async def leave(lodge: Lodge, house: House, member_id: UUID) -> None:
    company = lodge.platform.directory.known(house.company_id)
    assert company is not None
    async with lodge.work(house, "admin") as work:
        before = await lodge.platform.people.get(work, company, member_id)
        await lodge.platform.people.disable(work, company, member_id, before.version)


def naming(rows: dict[str, list[str]], *signs: str) -> set[str]:
    forms = [form for sign in signs for form in (sign.lower(), sign.encode().hex())]
    return {table for table, each in rows.items() if any(form in row.lower() for row in each for form in forms)}


async def test_a_colleague_who_has_left_is_given_out_and_erased_in_every_table(
    lodge: Lodge, databases: Databases
) -> None:
    house = await lodge.house(sites=1, plugins=[plugin.id for plugin in lodge.platform.host.plugins])
    clerk, other = house.staff["clerk"], house.staff["technician"]
    tables = await work_everywhere(lodge, house, databases, clerk)
    await leave(lodge, house, clerk.membership_id)
    before = await dump(lodge, databases, house.company_id)
    subject = Subject("member", clerk.membership_id)

    given = await ask(lodge, house, NewRequest("export", subject, "asked"))
    async with lodge.work(house, "admin") as work:
        content = await lodge.platform.data_requests.fetch(work, given.id)
    erased = await ask(lodge, house, NewRequest("erasure", subject, "has left", confirm=NAME))

    after = await dump(lodge, databases, house.company_id)
    text = zipfile.ZipFile(io.BytesIO(content.data)).read("data.json").decode()
    assert tables - given.result.rows.keys() == set()
    assert clerk.login in text, "what they sign in by"
    assert erased.state == "done", erased.result
    assert naming(before, NAME) >= STANDS
    assert naming(after, NAME, clerk.login) == STANDS
    assert {kept.table for kept in erased.result.kept if kept.reason == ONLY_ADDED} == STANDS
    assert mark(clerk.membership_id) in " ".join(after["ticket"])
    assert naming(after, other.name) == naming(before, other.name)
    assert {t: len(after[t]) for t in STANDS | {"ticket", "approval"}} == {
        t: len(before[t]) + (t == "audit_entry") * (len(after[t]) - len(before[t]))
        for t in STANDS | {"ticket", "approval"}
    }, "what happened stays on record"
    async with lodge.owner.begin(house.company_id) as uow:
        login = await uow.value("SELECT login FROM person WHERE id = $1", clerk.person_id)
    assert login == f"***{clerk.person_id}"


async def test_a_colleague_at_work_is_not_erased_nor_one_with_an_open_matter(lodge: Lodge, house: House) -> None:
    clerk = house.staff["clerk"]
    new = NewRequest("erasure", Subject("member", clerk.membership_id), "has left", confirm=clerk.name)
    at_work = await ask(lodge, house, new)
    await take_in(lodge, house)
    async with lodge.owner.begin(house.company_id) as uow:
        mine = house.company_id, clerk.membership_id
        await uow.execute("UPDATE membership SET active = false WHERE company_id = $1 AND id = $2", *mine)
        await uow.execute("UPDATE ticket SET owner_id = $2 WHERE company_id = $1", *mine)
    with_a_matter = await ask(lodge, house, new)

    assert [kept.table for kept in at_work.result.kept] == ["membership"]
    assert [(kept.table, kept.reason) for kept in with_a_matter.result.kept] == [("ticket", "a matter is still open")]


def test_whatever_tells_of_a_colleague_is_reached(lodge: Lodge) -> None:
    """Who adds a column says whose it is, or it could neither be given out nor erased (PI-4, PI-5)."""
    tables = [held for held in lodge.platform.data_requests.register if held.columns[0].name == "company_id"]

    assert not [
        f"{c.table}.{c.name}"
        for held in tables
        for c in held.columns
        if c.subject == "staff" and c.name not in held.staff and not held.privacy.member
    ]
