"""Proof of the steps of dunning (BIL-5): files that stay, are struck out with a reason, and go with an erasure."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.files.service import Files
from core.files.store import digest_of
from core.policies.attachments import ATTACHMENTS
from core.sdk import Conflict, NotFound
from core.tables import CORE_TABLES
from plugins.billing.arrears.proofs import service
from plugins.billing.arrears.proofs.model import Proof, Strike
from tests.core.files.samples import picture
from tests.plugins.billing.arrears.conftest import Owing

TEXT = "快递已签收\n".encode()


async def letter(owing: Owing, room: str = "101") -> tuple[UUID, UUID]:
    """A household that has had a letter; the unit and the step."""
    unit_id, _ = await owing.late(room, 30_000, 20)
    await owing.write(
        "UPDATE billing_owed SET dunned = 1, dunned_on = due_on WHERE company_id = $1 AND unit_id = $2", unit_id
    )
    done = await owing.take("letter", unit_id)
    assert done.dunning_id is not None
    return unit_id, done.dunning_id


async def prove(owing: Owing, dunning_id: UUID, name: str = "回单.txt", data: bytes = TEXT) -> Proof:
    async with owing.work("cashier") as work:
        return await service.add(owing.office.lodge.platform, work, owing.office.site, dunning_id, name, data)


async def strike(owing: Owing, dunning_id: UUID, proof_id: UUID, reason: str = "别户的回单") -> None:
    async with owing.work("cashier") as work:
        await service.strike(work, owing.office.site, dunning_id, proof_id, Strike(reason))


async def proofs(owing: Owing, dunning_id: UUID) -> list[Proof]:
    async with owing.work() as work:
        _, found = await service.of_step(work, owing.office.site, dunning_id)
        return found


async def swept(owing: Owing, files: Files | None = None) -> list[str]:
    """The contents that are kept for the company, after the sweep."""
    platform, company_id = owing.office.lodge.platform, owing.office.house.company_id
    files = files or platform.files
    ctx = await platform.system_context(company_id, None)
    assert ctx is not None
    async with platform.work(ctx) as work:
        await files.sweep(work, ctx, {})
    return await files._store.digests(company_id)


async def test_a_photo_is_kept_with_its_step_and_comes_back_to_be_saved(owing: Owing) -> None:
    """BIL-5: each step with proof."""
    unit_id, dunning_id = await letter(owing)
    client = await owing.client("cashier")
    url = f"{owing.api}/dunning/{dunning_id}/proofs"

    sent = await client.post(url, files={"file": ("门口 照片.JPG", picture(), "text/html")})

    assert sent.status_code == 201, sent.text
    proof = sent.json()
    assert (proof["name"], proof["kind"], proof["preview"], proof["struck_at"]) == ("门口 照片.JPG", "jpeg", True, None)
    assert [each["id"] for each in (await client.get(url)).json()] == [proof["id"]]
    got = await client.get(f"{url}/{proof['id']}")
    small = await client.get(f"{url}/{proof['id']}/preview")
    assert got.headers["content-type"] == small.headers["content-type"] == "image/jpeg"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in got.headers["content-security-policy"]
    assert b"Li Hua" not in got.content  # no camera, no place
    [step] = (await owing.record(unit_id)).steps
    assert step.proofs == 1


async def test_what_is_no_file_that_is_taken_is_refused_at_its_field(owing: Owing) -> None:
    _, dunning_id = await letter(owing)
    client = await owing.client("cashier")
    url = f"{owing.api}/dunning/{dunning_id}/proofs"
    assert (await client.post(url, files={"file": ("a.exe", b"MZ\x00\x01", "image/png")})).status_code == 422
    assert (await client.post(url, files={"file": ("a.png", TEXT, "image/png")})).status_code == 422
    assert (await client.post(url, data={"other": "x"})).status_code in (400, 422)
    assert await proofs(owing, dunning_id) == []


async def test_a_file_that_proves_nothing_is_struck_out_once_and_stays_to_be_seen(owing: Owing) -> None:
    unit_id, dunning_id = await letter(owing)
    wrong, right = await prove(owing, dunning_id), await prove(owing, dunning_id, "签收.txt")

    await strike(owing, dunning_id, wrong.id)

    assert [(each.name, each.struck_reason) for each in await proofs(owing, dunning_id)] == [
        ("回单.txt", "别户的回单"), ("签收.txt", "")
    ]  # fmt: skip
    [step] = (await owing.record(unit_id)).steps
    assert step.proofs == 1  # what counts
    with pytest.raises(Conflict):
        await strike(owing, dunning_id, wrong.id)
    with pytest.raises(NotFound):
        await strike(owing, UUID(int=7), right.id)
    client = await owing.client()
    assert (await client.get(f"{owing.api}/dunning/{dunning_id}/proofs/{wrong.id}")).content == TEXT


async def test_nobody_changes_or_deletes_what_proves_a_step(owing: Owing) -> None:
    _, dunning_id = await letter(owing)
    proof = await prove(owing, dunning_id)
    for sql in (
        "DELETE FROM billing_dunning_proof WHERE company_id = $1 AND id = $2",
        "UPDATE billing_dunning_proof SET at = now() WHERE company_id = $1 AND id = $2",
        "UPDATE billing_dunning_proof SET by_name = '' WHERE company_id = $1 AND id = $2",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with owing.work("admin") as work:
                await work.uow.execute(sql, work.uow.company_id, proof.id)


async def test_nothing_is_swept_while_a_module_that_may_need_it_is_missing(owing: Owing) -> None:
    """A module in quarantine declares nothing; what its rows name is there when it is back."""
    _, dunning_id = await letter(owing)
    await prove(owing, dunning_id)
    known = owing.office.lodge.platform.files
    without_billing = Files(known._store, known._policies, CORE_TABLES)

    assert await swept(owing, without_billing) == [digest_of(TEXT)]


async def test_the_sweep_spares_what_proves_a_step_until_it_is_erased(owing: Owing) -> None:
    """PI-5: the row stays, and its content goes."""
    _, dunning_id = await letter(owing)
    proof = await prove(owing, dunning_id)
    assert await swept(owing) == [digest_of(TEXT)]

    await owing.write("UPDATE billing_dunning_proof SET digest = NULL WHERE company_id = $1 AND id = $2", proof.id)

    assert await swept(owing) == []
    [left] = await proofs(owing, dunning_id)
    assert not left.kept
    client = await owing.client()
    assert (await client.get(f"{owing.api}/dunning/{dunning_id}/proofs/{proof.id}")).status_code == 404


async def test_a_step_takes_as_many_files_as_a_matter_may_have(owing: Owing) -> None:
    _, dunning_id = await letter(owing)
    platform = owing.office.lodge.platform
    async with owing.work("admin") as work:
        await platform.policies.revise(
            work, ATTACHMENTS, owing.office.site.id, {"per_ticket": 1}, reason="few", expected=0
        )
    await prove(owing, dunning_id)
    with pytest.raises(Conflict):
        await prove(owing, dunning_id, "second.txt")
    with pytest.raises(NotFound):
        await prove(owing, UUID(int=9))


async def test_proof_is_added_and_struck_out_on_the_page_of_its_step(owing: Owing) -> None:
    unit_id, dunning_id = await letter(owing)
    browser = await owing.web.console(owing.office.house, "cashier")
    page = f"{owing.console}/dunning/{dunning_id}/proofs"
    empty = await browser.get(page)
    assert empty.status_code == 200 and "data-uploads" in empty.text

    sent = await browser.post(page, files={"file": ("slip.png", picture("PNG"), "image/png")})
    assert sent.status_code in (200, 303), sent.text
    [proof] = await proofs(owing, dunning_id)
    refused = await browser.post(f"{page}/{proof.id}/strike", data={"reason": " "})
    assert refused.status_code == 422 and "data-show" in refused.text
    await browser.post(f"{page}/{proof.id}/strike", data={"reason": "拍错了楼栋"})
    assert "拍错了楼栋" in (await browser.get(page)).text
    assert (
        f"/billing/dunning/{dunning_id}/proofs" in (await browser.get(f"{owing.console}/arrears/units/{unit_id}")).text
    )
