"""What is held about somebody is given out whole and erased whole, and nobody else's with it (PI-4, PI-5)."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, LodgeError, NotFound
from core.jobs.queue import Worker
from core.platform import Platform
from core.privacy.people import Subject
from core.privacy.repository import Request
from core.privacy.service import JOB, NewRequest
from core.tickets.model import NewTicket, Ticket
from tests.core.privacy.crowd import Somebody, settle
from tests.support.filling import TENANT_TABLES
from tests.support.lodge import NOW, Databases, House, Lodge
from tests.support.web import Web


@pytest.fixture
async def crowd(lodge: Lodge, databases: Databases) -> tuple[House, Somebody, Somebody]:
    house = await lodge.house(sites=2, plugins=[plugin.id for plugin in lodge.platform.host.plugins])
    dsn, register = databases.admin_dsn(lodge.dsns), lodge.platform.data_requests.register
    mine = await settle(lodge, house, house.sites[0], dsn, register, "Kanaria Amsel", "13911110001")
    return house, mine, await settle(lodge, house, house.sites[1], dsn, register, "Zeisig Wanda", "13977770002")


async def ask(lodge: Lodge, house: House, new: NewRequest) -> Request:
    """Ask for it, and have the job do it."""
    platform = lodge.platform
    async with lodge.work(house, "admin") as work:
        asked = await platform.data_requests.ask(work, new)
    [job] = [job for job in platform.jobs if job.name == JOB]
    await Worker(platform, platform.jobs).perform(job, None, house.company_id, {"request": str(asked.id)})
    async with lodge.work(house, "admin") as work:
        return await platform.data_requests.request(work, asked.id)


async def dump(lodge: Lodge, databases: Databases, company_id: UUID) -> dict[str, list[str]]:
    """Every row of the company as PostgreSQL writes it, bytes in hexadecimal."""
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    try:
        return {
            table: [
                row[0] for row in await admin.fetch(f"SELECT t::text FROM {table} t WHERE company_id = $1", company_id)
            ]
            for (table,) in await admin.fetch(TENANT_TABLES)
        }
    finally:
        await admin.close()


def telling(rows: dict[str, list[str]], who: Somebody) -> dict[str, int]:
    """How many rows of which table tell of them: their name in any letters or as bytes, or their number."""
    signs = (who.name.lower(), who.name.encode().hex(), who.phone, who.phone.encode().hex())
    found = {table: sum(any(sign in row.lower() for sign in signs) for row in each) for table, each in rows.items()}
    return {table: count for table, count in found.items() if count}


async def contents(platform: Platform, company_id: UUID) -> list[bytes]:
    store = platform.files._store
    return [await store.read(company_id, digest) for digest in await store.digests(company_id)]


async def test_pi_4_an_export_holds_all_of_ones_own_and_nothing_of_others(
    lodge: Lodge, crowd: tuple[House, Somebody, Somebody]
) -> None:
    house, mine, other = crowd

    made = await ask(lodge, house, NewRequest("export", Subject("resident", mine.party_id), "asked at the desk"))
    async with lodge.work(house, "admin") as work:
        content = await lodge.platform.data_requests.fetch(work, made.id)

    archive = zipfile.ZipFile(io.BytesIO(content.data))
    text = archive.read("data.json").decode()
    parts = [archive.read(name) for name in archive.namelist() if name != "data.xlsx"]
    sheets = zipfile.ZipFile(io.BytesIO(archive.read("data.xlsx")))
    parts += [sheets.read(name) for name in sheets.namelist()]
    assert made.state == "done"
    assert mine.tables - made.result.rows.keys() == set()
    assert f"{mine.phone}X" in text, "the ID number, opened"
    assert any(part == mine.canary.encode() for part in parts), "the file itself"
    assert any(part == f"{mine.canary} billing_dunning_proof".encode() for part in parts), "that of a record too"
    for sign in (other.name, other.name.lower(), other.phone):
        assert not [part for part in parts if sign.encode() in part], sign
    assert not [c for c in await contents(lodge.platform, house.company_id) if c[:2] == b"PK"], "lies sealed"


async def test_pi_5_an_erasure_leaves_nothing_of_somebody_and_everything_of_others(
    lodge: Lodge, databases: Databases, crowd: tuple[House, Somebody, Somebody]
) -> None:
    house, mine, other = crowd
    before = await dump(lodge, databases, house.company_id)
    await ask(lodge, house, NewRequest("export", Subject("resident", mine.party_id), "first"))

    wanted = NewRequest("erasure", Subject("resident", mine.party_id), "wants it", confirm=mine.name)
    made = await ask(lodge, house, wanted)

    after = await dump(lodge, databases, house.company_id)
    platform = lodge.platform
    [sweep] = [job for job in platform.jobs if job.name == "core.sweep_files"]
    await Worker(platform, platform.jobs).perform(sweep, None, house.company_id)
    assert made.state == "done"
    by_id_alone = {"occupancy", "ticket_offer"}
    by_id_alone |= {"billing_charge", "billing_posting", "billing_owed", "billing_correction_line"}
    assert telling(before, mine).keys() >= mine.tables - by_id_alone
    assert telling(after, mine) == {}
    assert telling(after, other) == telling(before, other)
    left = await contents(platform, house.company_id)
    assert not [c for c in left if mine.phone.encode() in c]
    assert [c for c in left if other.phone.encode() in c]
    assert {table: len(rows) for table, rows in after.items() if table in ("ticket", "ticket_event", "party")} == {
        table: len(rows) for table, rows in before.items() if table in ("ticket", "ticket_event", "party")
    }, "what happened stays on record"


async def resident(lodge: Lodge, house: House, name: str, *phones: str) -> UUID:
    """A party with these numbers who lives nowhere."""
    party_id, site = new_id(), house.sites[0]
    async with lodge.owner.begin(house.company_id) as uow:
        sql = "INSERT INTO party (company_id, site_id, id, kind, name, id_number_tail) VALUES ($1, $2, $3, $4, $5, '')"
        await uow.execute(sql, house.company_id, site.id, party_id, "person", name)
        for phone in phones:
            sql = "INSERT INTO contact (company_id, site_id, id, party_id, phone) VALUES ($1, $2, $3, $4, $5)"
            await uow.execute(sql, house.company_id, site.id, new_id(), party_id, phone)
    return party_id


async def take_in(lodge: Lodge, house: House, **more: Any) -> Ticket:
    new = NewTicket(**{"description": "dripping tap", "category": "plumbing_electric", "place": "east hall", **more})
    async with lodge.work(house, "clerk") as work:
        return await lodge.platform.tickets.create(work, house.sites[0], new)


async def close(lodge: Lodge, house: House) -> None:
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE ticket SET status = 'closed' WHERE company_id = $1", house.company_id)


async def read(lodge: Lodge, house: House, ticket: Ticket) -> Ticket:
    async with lodge.work(house, "admin") as work:
        return await lodge.platform.tickets.get(work, house.sites[0], ticket.id)


async def test_an_open_matter_stands_against_an_erasure(lodge: Lodge, house: House) -> None:
    party_id = await resident(lodge, house, "Olga Offen", "13900001111")
    ticket = await take_in(lodge, house, party_id=party_id, reporter_name="Olga Offen")

    made = await ask(lodge, house, NewRequest("erasure", Subject("resident", party_id), "wants it", "Olga Offen"))

    assert made.state == "refused"
    assert [(kept.table, kept.reason, kept.until) for kept in made.result.kept] == [
        ("ticket", "a matter is still open", None)
    ]
    assert (await read(lodge, house, ticket)).reporter_name == "Olga Offen"


async def test_accounts_stand_against_an_erasure_until_their_years_are_over(lodge: Lodge, house: House) -> None:
    party_id = await resident(lodge, house, "Paula Paid", "13900002222")
    ticket = await take_in(lodge, house, party_id=party_id)
    await close(lodge, house)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO repairs_consent (company_id, site_id, id, ticket_id, kind, amount_fen, how, resident_name, "
            "reason, at, by_name) VALUES ($1, $2, $3, $4, 'charge', 4500, 'telephone', 'Paula Paid', '', $5, 'clerk')",
            *(house.company_id, house.sites[0].id, new_id(), ticket.id, NOW),
        )

    made = await ask(lodge, house, NewRequest("erasure", Subject("resident", party_id), "wants it", "Paula Paid"))

    assert [(kept.table, kept.until) for kept in made.result.kept] == [("repairs_consent", date(2036, 11, 23))]


async def test_what_others_wrote_of_somebody_goes_and_what_a_household_shares_stays(lodge: Lodge, house: House) -> None:
    mine = await resident(lodge, house, "Gerda Gone", "13900003333", "13900004444")
    other = await resident(lodge, house, "Stefan Stays", "13900004444")
    told = await take_in(lodge, house, description="ask Gerda Gone, 13900003333, or 13900004444")
    theirs = await take_in(lodge, house, party_id=other, reporter_name="Stefan Stays", reporter_phone="13900004444")
    await close(lodge, house)

    made = await ask(lodge, house, NewRequest("erasure", Subject("resident", mine), "wants it", "Gerda Gone"))

    assert made.state == "done"
    assert (await read(lodge, house, told)).description == "ask ***, ***, or 13900004444"
    assert (await read(lodge, house, theirs)).reporter_phone == "13900004444"


async def test_somebody_known_by_a_number_alone_is_found_by_it(lodge: Lodge, house: House) -> None:
    ticket = await take_in(lodge, house, reporter_name="Vera Visits", reporter_phone="139-0000-5555")
    await close(lodge, house)
    subject = Subject("phone", phone="139 0000 5555")

    given = await ask(lodge, house, NewRequest("export", subject, "asked"))
    erased = await ask(lodge, house, NewRequest("erasure", subject, "wants it", "139 0000 5555"))

    assert given.result.rows["ticket"] == 1
    assert erased.state == "done"
    left = await read(lodge, house, ticket)
    assert (left.reporter_name, left.reporter_phone, left.description) == ("***", "", "***")
    async with lodge.work(house, "admin") as work:
        with pytest.raises(Conflict):
            await lodge.platform.data_requests.fetch(work, given.id)


async def test_a_colleague_is_given_what_they_did_and_nobody_elses_words(lodge: Lodge, house: House) -> None:
    await take_in(lodge, house, description="secret of a resident")
    clerk = house.staff["clerk"]

    made = await ask(lodge, house, NewRequest("export", Subject("member", clerk.membership_id), "asked"))
    async with lodge.work(house, "admin") as work:
        content = await lodge.platform.data_requests.fetch(work, made.id)

    text = zipfile.ZipFile(io.BytesIO(content.data)).read("data.json").decode()
    assert {"membership", "ticket_event", "audit_entry"} <= made.result.rows.keys()
    assert clerk.name in text
    assert "secret of a resident" not in text


@pytest.mark.parametrize(
    ("role", "wanted", "refusal"),
    [
        ("admin", {"confirm": "Carla Card"}, Invalid),
        ("admin", {"confirm": "Carla Care", "reason": " "}, Invalid),
        ("admin", {"subject": Subject("resident", UUID(int=1))}, NotFound),
        ("admin", {"subject": Subject("phone", phone="13900006666"), "confirm": "13900006666"}, Invalid),
        ("admin", {"subject": Subject("phone", phone="110"), "confirm": "110"}, Invalid),
        ("manager", {"confirm": "Carla Care"}, Forbidden),
    ],
)
async def test_what_is_asked_for_is_meant(
    lodge: Lodge, house: House, role: str, wanted: dict[str, Any], refusal: type[LodgeError]
) -> None:
    party_id = await resident(lodge, house, "Carla Care", "13900006666")
    new = NewRequest("erasure", Subject("resident", party_id), "wants it")

    async with lodge.work(house, role) as work:
        with pytest.raises(refusal):
            await lodge.platform.data_requests.ask(work, msgspec.structs.replace(new, **wanted))


async def test_who_works_at_one_site_sees_nobodys_data(lodge: Lodge, house: House) -> None:
    async with lodge.work(house, "admin") as work:
        work.ctx = msgspec.structs.replace(work.ctx, site_ids=frozenset({house.sites[0].id}))
        with pytest.raises(Forbidden):
            await lodge.platform.data_requests.search(work, "anybody")


async def test_an_export_is_fetched_over_the_api_and_each_time_is_on_record(
    lodge: Lodge, house: House, web: Web
) -> None:
    party_id = await resident(lodge, house, "Frieda Fetch", "13900007777")
    made = await ask(lodge, house, NewRequest("export", Subject("resident", party_id), "asked"))
    client = await web.api(house, "admin")

    found = await client.post("/api/v1/privacy/search", json={"text": "139 0000 7777"})
    fetched = await client.post(f"/api/v1/privacy/requests/{made.id}/file")
    listed = await client.get("/api/v1/privacy/requests")

    assert found.json()["people"] == [
        {"kind": "resident", "id": str(party_id), "name": "Frieda Fetch", "about": "", "phone": "139****7777"}
    ]
    assert zipfile.ZipFile(io.BytesIO(fetched.content)).namelist() == ["data.json", "data.xlsx"]
    assert [each["state"] for each in listed.json()["requests"]] == ["done"]
    async with lodge.work(house, "admin") as work:
        sql = "SELECT action FROM audit_entry WHERE company_id = $1 AND subject_id = $2 ORDER BY at, id"
        actions = await work.uow.fetch(str, sql, house.company_id, str(made.id))
    assert set(actions) == {"privacy.requested", "privacy.exported", "privacy.fetched"}
