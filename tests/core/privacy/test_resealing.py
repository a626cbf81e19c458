"""A new secret takes over what former ones have sealed, in steps that may be interrupted."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.cli.run import Refused
from core.cli.secrets import renew
from core.db.ids import new_id
from core.estate.sealing import Sealer
from core.privacy import resealing
from core.privacy.resealing import Resealed, reseal
from core.settings import load_settings
from tests.support.filling import TENANT_TABLES, fill, tables_of
from tests.support.lodge import NOW, SECRET, Databases, House, Lodge
from tests.world_rows import VALUES

FORMER, UNKNOWN = b"the secret that was in force before", b"a secret that nobody knows any more"
NUMBER = b"11010519491231002X"
PREVIEWED = {"status": "previewed", "position": None, "applied_at": None, "undone_at": None}  # while it holds its file


async def sealed_party(lodge: Lodge, house: House, secret: bytes) -> UUID:
    party_id = new_id()
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO party (company_id, site_id, id, kind, name, id_number_sealed, id_number_tail) "
            "VALUES ($1, $2, $3, 'person', 'Sibylle Sealed', $4, '002X')",
            *(house.company_id, house.sites[0].id, party_id, Sealer(secret).seal(house.company_id, party_id, NUMBER)),
        )
    return party_id


async def number(lodge: Lodge, house: House, party_id: UUID) -> bytes:
    """The ID number, opened with the present secret alone."""
    async with lodge.owner.begin(house.company_id) as uow:
        sql = "SELECT id_number_sealed FROM party WHERE company_id = $1 AND id = $2"
        sealed = await uow.value(sql, house.company_id, party_id)
    return Sealer(SECRET).unseal(house.company_id, party_id, sealed)


async def run(lodge: Lodge, house: House) -> list[Resealed]:
    register = lodge.platform.data_requests.register
    return await reseal(lodge.platform, house.company_id, register, Sealer(SECRET, FORMER))


async def test_what_a_former_secret_sealed_opens_with_the_present_one(
    lodge: Lodge, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    parties = [await sealed_party(lodge, house, secret) for secret in (FORMER, FORMER, SECRET, FORMER)]
    await sealed_party(lodge, house, UNKNOWN)

    first, second = await run(lodge, house), await run(lodge, house)

    assert first == [Resealed("party", "id_number_sealed", 3, 1)]
    assert second == [Resealed("party", "id_number_sealed", 0, 1)]
    assert [await number(lodge, house, party_id) for party_id in parties] == [NUMBER] * 4


def test_whatever_is_called_sealed_is_in_the_register_of_seals(lodge: Lodge) -> None:
    """Or a change of the secret would leave it behind (SE-1)."""
    tables = lodge.platform.data_requests.register

    called = {f"{c.table}.{c.name}" for held in tables for c in held.columns if c.name.endswith("_sealed")}

    assert called == {f"{held.name}.{c}" for held in tables for c in held.privacy.sealed} - {"roll_import.content"}


async def test_se_1_every_sealed_column_is_unreadable_in_a_dump_and_sealed_anew(
    lodge: Lodge, house: House, databases: Databases
) -> None:
    register = {held.name: held for held in lodge.platform.data_requests.register if held.privacy.sealed}
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    try:
        tenants = {row[0] for row in await admin.fetch(TENANT_TABLES)}
        for table in await tables_of(admin, sorted(register.keys() & tenants)):
            values: dict[str, Any] = {"company_id": house.company_id, "site_id": house.sites[0].id, "id": new_id()}
            values |= {"member_id": house.staff["clerk"].membership_id, **VALUES.get(table.name, {})}
            values |= PREVIEWED if table.name == "roll_import" else {}
            for column, bound in register[table.name].privacy.sealed.items():
                values[column] = Sealer(FORMER).seal(house.company_id, values[bound], NUMBER)
            values = {column: value for column, value in values.items() if column in table.columns}
            await fill(admin, table, house.company_id, house.sites[0].id, "house", NOW, values)
            rows = await admin.fetch(f"SELECT t::text FROM {table.name} t WHERE company_id = $1", house.company_id)
            assert not [row for (row,) in rows if NUMBER.hex() in row or NUMBER.decode() in row], table.name
    finally:
        await admin.close()

    done = await run(lodge, house)

    assert {(each.table, each.column) for each in done if each.anew == 1 and not each.lost} == {
        (name, column) for name, held in register.items() if name in tenants for column in held.privacy.sealed
    }
    assert await run(lodge, house) == []


async def test_a_text_message_that_waits_is_sealed_anew_too(lodge: Lodge, house: House) -> None:
    delivery_id, site_id = new_id(), house.sites[0].id
    letter = Sealer(FORMER).seal(
        house.company_id, delivery_id, b'{"party_id":"%s","text":"come"}' % str(site_id).encode()
    )
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO notify_delivery (company_id, site_id, id, channel, kind, payload, state, attempts, "
            "created_at) VALUES ($1, $2, $3, 'sms', 'resident', $4, 'waiting', 0, $5)",
            *(house.company_id, site_id, delivery_id, base64.b64encode(letter).decode(), NOW),
        )

    assert await run(lodge, house) == [Resealed("notify_delivery", "payload", 1, 0)]
    async with lodge.work(house, "admin") as work:
        [told] = await lodge.platform.notify.residents.told(work, [site_id])
    assert told.text == "come"


async def test_a_renewed_secret_keeps_the_former_ones(tmp_path: Path) -> None:
    environ = {"LODGE_HOME": str(tmp_path)}
    before = load_settings(environ)

    await renew(before)
    between = load_settings(environ)
    await renew(between)
    after = load_settings({**environ, "LODGE_FORMER_SECRETS": FORMER.decode()})

    assert len({before.secret, between.secret, after.secret}) == 3
    assert after.former == (FORMER, between.secret, before.secret)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("secret", "former-secrets")] == [0o600] * 2


async def test_a_secret_of_the_environment_is_renewed_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="LODGE_FORMER_SECRETS"):
        await renew(load_settings({"LODGE_HOME": str(tmp_path), "LODGE_SECRET": "x" * 32}))
