"""Rolls previewed, applied and undone on a real database."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections.abc import Sequence
from datetime import date

import asyncpg
import msgspec
import pytest

from core.db.ids import new_id
from core.errors import Conflict, LodgeError, NotFound
from core.estate import merge_repository
from core.estate.imports import PREVIEW_LIVES
from core.estate.model import Effect, RollImport
from core.exchange.roll import Summary
from core.tickets.model import NewTicket
from tests.core.estate.conftest import Desk
from tests.core.exchange.workbooks import HEADINGS, Value, workbook
from tests.support.lodge import House, Lodge, SettableClock

FIRST = (1, "3幢", "2单元", "1802", 118.9, "王丽华", "13817626207", "310101198001010018", date(2017, 5, 3), "")
SECOND = (2, "3幢", "2单元", "1803", 89.6, "李强", "021-56807071", None, None, "空置")
EMPTY: dict[str, list[str]] = {t: [] for t in ("unit", "party", "contact", "occupancy", "roll_import_change")}


def roll(*rows: Sequence[Value]) -> bytes:
    return workbook([HEADINGS, *rows])


def changed(row: Sequence[Value], **cells: Value) -> list[Value]:
    """The row with other cells: area, owner, phone, id_number, move_in, remark."""
    names = ("number", "building", "entrance", "room", "area", "owner", "phone", "id_number", "move_in", "remark")
    return [cells.get(name, value) for name, value in zip(names, row, strict=True)]


async def listed(desk: Desk) -> list[RollImport]:
    async with desk.lodge.work(desk.house, "archivist", read_only=True) as work:
        return await desk.estate.imports(work, desk.site)


async def audited(desk: Desk) -> list[str]:
    async with desk.lodge.work(desk.house, read_only=True) as work:
        sql = "SELECT action FROM audit_entry WHERE company_id = $1 ORDER BY id"
        return await work.uow.fetch(str, sql, desk.house.company_id)


# -- previewing -------------------------------------------------------------------------------------------------------


async def test_a_preview_counts_as_expected_and_changes_nothing(desk: Desk, cuihu: bytes, expected: bytes) -> None:
    preview = await desk.preview(cuihu, "C:\\名册\\翠湖\u200b.xlsx")
    assert preview.summary == msgspec.json.decode(expected, type=Summary)
    assert preview.effect == Effect(units_new=1065, parties_new=1130, contacts_new=1031)
    assert preview.file_name == "翠湖.xlsx"
    assert preview.errors[0].row == 24
    assert preview.errors[0].message == "Fill in the room number."
    assert await desk.contents() == EMPTY
    [kept] = await listed(desk)
    assert (kept.id, kept.status, kept.summary, kept.undoable) == (preview.id, "previewed", preview.summary, False)


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 torn"])
async def test_what_is_no_workbook_leaves_nothing_behind(desk: Desk, content: bytes) -> None:
    with pytest.raises(LodgeError):
        await desk.preview(content)
    assert await listed(desk) == []


async def test_a_hostile_workbook_leaves_nothing_behind(desk: Desk) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(32 << 20))
    with pytest.raises(LodgeError):
        await desk.preview(bomb.getvalue())
    assert await listed(desk) == []
    assert await desk.contents() == EMPTY


async def test_no_personal_data_of_a_preview_lies_open(desk: Desk) -> None:
    await desk.preview(roll(FIRST))
    row = await desk.value(
        "SELECT r::text || encode(r.content, 'escape') FROM roll_import r WHERE company_id = $1", desk.house.company_id
    )
    assert not [text for text in ("王丽华", "\\347\\216\\213", "13817626207", "310101198001010018") if text in str(row)]


async def test_a_preview_is_forgotten_with_the_next_after_a_day(desk: Desk, clock: SettableClock) -> None:
    old = await desk.preview(roll(FIRST))
    clock.advance(seconds=PREVIEW_LIVES.total_seconds() + 1)
    new = await desk.preview(roll(FIRST))
    assert [kept.id for kept in await listed(desk)] == [new.id]
    with pytest.raises(NotFound):
        await desk.apply(old.id)


# -- applying ---------------------------------------------------------------------------------------------------------


async def test_a_roll_of_a_thousand_units_is_applied_whole_within_two_seconds(desk: Desk, cuihu: bytes) -> None:
    preview = await desk.preview(cuihu)
    begun = time.perf_counter()
    applied = await desk.apply(preview.id)
    assert time.perf_counter() - begun < 2
    assert applied.effect == preview.effect
    contents = await desk.contents()
    assert {table: len(rows) for table, rows in contents.items()} == {
        "unit": 1065, "party": 1130, "contact": 1031, "occupancy": 1130, "roll_import_change": 0,
    }  # fmt: skip
    area = "SELECT sum(area_m2)::float FROM unit WHERE company_id = $1"
    assert await desk.value(area, desk.house.company_id) == preview.summary["total_area_m2"]
    sealed = (
        "SELECT count(*) FROM party WHERE company_id = $1 AND id_number_sealed IS NOT NULL AND id_number_tail <> ''"
    )
    assert await desk.value(sealed, desk.house.company_id) == preview.summary["with_id_number"]


async def test_the_same_file_again_changes_nothing(desk: Desk, cuihu: bytes) -> None:
    await desk.take_in(cuihu)
    before = await desk.contents()
    preview = await desk.preview(cuihu)
    applied = await desk.apply(preview.id)
    assert preview.effect == applied.effect == Effect(units_unchanged=1065)
    assert await desk.contents() == before


async def test_a_changed_file_changes_exactly_that(desk: Desk) -> None:
    await desk.take_in(roll(FIRST, SECOND))
    before = await desk.contents()
    applied = await desk.take_in(
        roll(
            changed(FIRST, area=120.5, remark="出租", move_in=date(2020, 1, 1)),
            changed(SECOND, owner="李强、赵敏", id_number="31010119900202001X、"),
            (3, "3幢", "2单元", "1804", 90, None, None, None, None, None),
        )
    )
    assert applied.effect == Effect(units_new=1, units_changed=2, parties_new=1, id_numbers_added=1)
    after = await desk.contents()
    lost = {table: set(before[table]) - set(after[table]) for table in before}
    assert {table: len(rows) for table, rows in lost.items() if rows} == {"unit": 1, "party": 1}
    row = "SELECT concat_ws(' ', area_m2, moved_in_on, remark) FROM unit WHERE company_id = $1 AND room = '1802'"
    assert await desk.value(row, desk.house.company_id) == "120.50 2020-01-01 出租"
    kept = "SELECT before::text FROM roll_import_change WHERE company_id = $1 AND before->>'moved_in_on' IS NOT NULL"
    assert msgspec.json.decode(str(await desk.value(kept, desk.house.company_id))) == {
        "area_m2": "118.90", "moved_in_on": "2017-05-03", "remark": "", "unidentified": [],
    }  # fmt: skip


async def test_nobody_is_deleted_for_missing_in_a_later_file(desk: Desk) -> None:
    await desk.take_in(roll(FIRST, SECOND))
    before = await desk.contents()
    await desk.take_in(roll(changed(FIRST, owner=None, phone=None, id_number=None)))
    assert await desk.contents() == before


async def test_an_import_is_applied_once(desk: Desk) -> None:
    preview = await desk.preview(roll(FIRST))
    await desk.apply(preview.id)
    with pytest.raises(Conflict):
        await desk.apply(preview.id)
    await desk.undo(preview.id)
    with pytest.raises(Conflict):
        await desk.apply(preview.id)


async def test_the_upload_goes_once_it_is_applied(desk: Desk) -> None:
    await desk.take_in(roll(FIRST))
    content = "SELECT content IS NULL FROM roll_import WHERE company_id = $1"
    assert await desk.value(content, desk.house.company_id) is True


async def test_a_preview_altered_in_the_database_is_not_applied(desk: Desk, lodge: Lodge, house: House) -> None:
    preview = await desk.preview(roll(FIRST))
    async with lodge.owner.begin(house.company_id) as uow:
        sql = "UPDATE roll_import SET content = content || 'x' WHERE company_id = $1"
        await uow.execute(sql, house.company_id)
    with pytest.raises(Conflict, match="Upload the file again"):
        await desk.apply(preview.id)


async def test_a_failure_in_the_middle_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = await desk.preview(roll(FIRST, SECOND))
    with monkeypatch.context() as patch:
        statement = merge_repository._INSERT_CONTACTS.replace("SELECT $1, $2", "SELECT $1, gen_random_uuid()")
        patch.setattr(merge_repository, "_INSERT_CONTACTS", statement)
        with pytest.raises(asyncpg.PostgresError):
            await desk.apply(preview.id)
    assert await desk.contents() == EMPTY
    assert [kept.status for kept in await listed(desk)] == ["previewed"]
    await desk.apply(preview.id)


async def test_two_imports_at_once_do_what_one_does(desk: Desk, cuihu: bytes) -> None:
    previews = [await desk.preview(cuihu), await desk.preview(cuihu)]
    applied = await asyncio.gather(*(desk.apply(preview.id) for preview in previews))
    assert sorted(run.effect.units_new for run in applied) == [0, 1065]
    assert len((await desk.contents())["party"]) == 1130


async def test_one_import_applied_twice_at_once_is_applied_once(desk: Desk) -> None:
    preview = await desk.preview(roll(FIRST))
    ends = await asyncio.gather(*(desk.apply(preview.id) for _ in range(3)), return_exceptions=True)
    assert [type(end) for end in ends].count(Conflict) == 2


# -- undoing ----------------------------------------------------------------------------------------------------------


async def test_undoing_restores_what_was_there_exactly(desk: Desk) -> None:
    await desk.take_in(roll(FIRST, SECOND))
    before = await desk.contents()
    second = await desk.take_in(
        roll(
            changed(FIRST, area=120.5, remark="出租", phone="13917626207"),
            changed(SECOND, owner="李强、赵敏", id_number="31010119900202001X、", move_in=date(2020, 1, 1)),
            (3, "10幢", None, "0101", 90, "孙洋", "13717626207", None, None, None),
        )
    )
    assert await desk.contents() != before
    await desk.undo(second.id)
    assert await desk.contents() == before


async def test_undoing_the_first_import_leaves_nothing(desk: Desk, cuihu: bytes) -> None:
    applied = await desk.take_in(cuihu)
    await desk.undo(applied.id)
    assert await desk.contents() == EMPTY
    [run] = await listed(desk)
    assert (run.status, run.undoable) == ("undone", False)


async def test_only_the_latest_import_is_undone(desk: Desk) -> None:
    first, second = await desk.take_in(roll(FIRST)), await desk.take_in(roll(SECOND))
    assert [run.id for run in await listed(desk) if run.undoable] == [second.id]
    with pytest.raises(Conflict, match="Later imports stand on this one: 1"):
        await desk.undo(first.id)
    await desk.undo(second.id)
    await desk.undo(first.id)
    with pytest.raises(Conflict):
        await desk.undo(first.id)
    assert await desk.contents() == EMPTY


async def test_an_import_with_tickets_is_not_undone(desk: Desk, lodge: Lodge, house: House) -> None:
    applied = await desk.take_in(roll(FIRST))
    async with lodge.work(house) as work:
        [hit] = await desk.estate.suggest_units(work, desk.site, "1802")
        for new in (
            NewTicket(unit_id=hit.unit_id, description="厨房漏水了", category="plumbing_electric"),
            NewTicket(party_id=hit.party_id, place="大堂", description="厨房漏水了", category="plumbing_electric"),
        ):
            await lodge.platform.tickets.create(work, desk.site, new)
    before = await desk.contents()
    with pytest.raises(Conflict, match="this import: 2"):
        await desk.undo(applied.id)
    assert await desk.contents() == before


async def test_an_import_that_others_added_to_is_not_undone(desk: Desk, lodge: Lodge, house: House) -> None:
    applied = await desk.take_in(roll(FIRST))
    async with lodge.work(house) as work:
        sql = """INSERT INTO contact (company_id, id, site_id, party_id, phone)
                 SELECT company_id, $2, site_id, id, '13000000000' FROM party WHERE company_id = $1"""
        await work.uow.execute(sql, house.company_id, new_id())
    before = await desk.contents()
    with pytest.raises(Conflict, match="Other records"):
        await desk.undo(applied.id)
    assert await desk.contents() == before


# -- who may, and the record ------------------------------------------------------------------------------------------


async def test_imports_of_another_site_or_company_do_not_exist(desk: Desk, lodge: Lodge, house: House) -> None:
    preview = await desk.preview(roll(FIRST))
    other_site = Desk(lodge, house, house.sites[1])
    other_house = await lodge.house()
    other_company = Desk(lodge, other_house, other_house.sites[0])
    for stranger in (other_site, other_company):
        for step in (stranger.apply, stranger.undo):
            with pytest.raises(NotFound) as theirs:
                await step(preview.id)
            with pytest.raises(NotFound) as nothing:
                await step(new_id())
            assert str(theirs.value) == str(nothing.value)
        assert await listed(stranger) == []


async def test_two_sites_keep_the_same_unit_each_for_itself(desk: Desk, lodge: Lodge, house: House) -> None:
    first = await desk.take_in(roll(FIRST))
    second = await Desk(lodge, house, house.sites[1]).take_in(roll(FIRST))
    assert first.effect == second.effect == Effect(units_new=1, parties_new=1, contacts_new=1)
    await desk.undo(first.id)
    assert len((await desk.contents())["unit"]) == 1


async def test_a_site_out_of_reach_is_refused(desk: Desk, lodge: Lodge, house: House) -> None:
    preview = await desk.preview(roll(FIRST))
    estate, site = desk.estate, desk.site
    async with lodge.work(house, "archivist", house.sites[1]) as work:
        for call in (
            estate.preview_roll(work, site, "roll.xlsx", roll(FIRST)),
            estate.apply_roll(work, site, preview.id),
            estate.undo_roll(work, site, preview.id),
            estate.imports(work, site),
        ):
            with pytest.raises(NotFound):
                await call


async def test_applying_and_undoing_are_on_record_without_personal_data(desk: Desk) -> None:
    applied = await desk.take_in(roll(FIRST))
    await desk.undo(applied.id)
    assert await audited(desk) == ["roll.uploaded", "roll.applied", "roll.undone"]
    changes = "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'roll.applied'"
    recorded = msgspec.json.decode(str(await desk.value(changes, desk.house.company_id)))
    assert recorded == msgspec.structs.asdict(applied.effect)
