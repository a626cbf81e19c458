"""Households found by unit, phone and name at one site, with phones masked until a reason is given."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, LodgeError, Malformed, NotFound
from core.estate.model import UnitPage
from core.estate.sealing import Sealer
from core.tickets.model import NewTicket
from core.tickets.service import Step
from tests.core.estate.conftest import Desk
from tests.core.exchange.workbooks import HEADINGS, Value, workbook
from tests.support.lodge import NOW, House, Lodge

ID_NUMBER = "310101198001010018"
ROWS: tuple[tuple[Value, ...], ...] = (
    (
        1,
        "3幢",
        "2单元",
        "1802",
        118.9,
        "王丽华、李强",
        "13817626207、021-56807071",
        ID_NUMBER,
        date(2017, 5, 3),
        "养犬",
    ),
    (2, "3幢", "2单元", "1803", 89.6, "王丽", "13917626208", None, None, None),
    (3, "3幢", "1单元", "1802", 89.6, "赵敏", None, None, None, None),
    (4, "10幢", None, "101", 70, "明达贸易有限公司", "13717620000", None, None, None),
    (5, "2幢", None, "101", 70, "明达贸易有限公司", "13717620000", None, None, None),
    (6, "18幢", None, "201", 70, None, None, None, None, None),
)
LABELS = ["2幢101", "3幢1单元1802", "3幢2单元1802", "3幢2单元1803", "10幢101", "18幢201"]


ROLL = workbook([HEADINGS, *ROWS])


@pytest.fixture
async def peopled(desk: Desk) -> Desk:
    """A site with the roll taken in, for tests that change it."""
    await desk.take_in(ROLL)
    return desk


@pytest.fixture(scope="module")
async def village(lodge: Lodge) -> Desk:
    """The same for all that only read."""
    house = await lodge.house()
    desk = Desk(lodge, house, house.sites[0])
    await desk.take_in(ROLL)
    return desk


async def end(desk: Desk, party_id: UUID | None, last_day: date) -> None:
    async with desk.lodge.work(desk.house, "archivist") as work:
        sql = "UPDATE occupancy SET ends_on = $3 WHERE company_id = $1 AND party_id = $2"
        assert await work.uow.execute(sql, desk.house.company_id, party_id, last_day) == 1


# -- one household ----------------------------------------------------------------------------------------------------


async def test_a_household_shows_unit_people_and_open_tickets(peopled: Desk) -> None:
    tickets = peopled.lodge.platform.tickets
    unit_id = (await peopled.find("3-2-1802")).unit_id
    new = NewTicket(unit_id=unit_id, description="厨房漏水了", category="plumbing_electric")
    open_one, closed = [await peopled.ask(tickets.create, new) for _ in range(2)]
    for action in ("accept", "resolve", "answer", "close"):
        await peopled.ask(tickets.act, closed.id, action, Step(text="换角阀"), None)
    card = await peopled.ask(peopled.estate.household, unit_id)
    assert (card.label, card.area_m2, card.moved_in_on, card.remark) == (
        "3幢2单元1802", Decimal("118.90"), date(2017, 5, 3), "养犬",
    )  # fmt: skip
    assert [(o.name, o.role, o.phones, o.id_number, o.caller) for o in card.occupants] == [
        ("王丽华", "owner", ("138****6207",), "**************0018", False),
        ("李强", "owner", ("021-****7071",), "", False),
    ]
    [ticket] = card.tickets
    assert (ticket.id, ticket.number, ticket.status) == (open_one.id, open_one.number, "new")
    assert (ticket.description, ticket.due_at) == ("厨房漏水了", open_one.due_at)


async def test_a_unit_without_people_has_a_card_too(village: Desk) -> None:
    card = await village.ask(village.estate.household, (await village.find("18幢")).unit_id)
    assert (card.label, card.occupants, card.tickets) == ("18幢201", (), ())


@pytest.mark.parametrize("phone", ["13817626207", "+86 138-1762-6207", "138 1762 6207"])
async def test_a_phone_finds_its_household_and_marks_the_caller(village: Desk, phone: str) -> None:
    [card] = await village.ask(village.estate.household_by_phone, phone)
    assert card.label == "3幢2单元1802"
    assert [(o.name, o.caller) for o in card.occupants] == [("王丽华", True), ("李强", False)]


async def test_a_phone_finds_every_household_it_belongs_to(village: Desk) -> None:
    cards = await village.ask(village.estate.household_by_phone, "13717620000")
    assert [card.label for card in cards] == ["2幢101", "10幢101"]


@pytest.mark.parametrize("phone", ["", "6207", "nobody", "13000000000", "\0", "\ud800"])
async def test_what_is_nobodys_phone_finds_nothing(village: Desk, phone: str) -> None:
    assert await village.ask(village.estate.household_by_phone, phone) == []


@pytest.mark.parametrize(("days_ago", "there"), [(0, True), (1, False)])
async def test_who_has_left_is_no_longer_shown_or_found(peopled: Desk, days_ago: int, there: bool) -> None:
    hit = await peopled.find("王丽华")
    await end(peopled, hit.party_id, peopled.site.today(NOW) - timedelta(days=days_ago))
    card = await peopled.ask(peopled.estate.household, hit.unit_id)
    assert ("王丽华" in [o.name for o in card.occupants]) is there
    for text in ("王丽华", "13817626207", "6207"):
        assert bool(await peopled.ask(peopled.estate.suggest_units, text)) is there
    assert bool(await peopled.ask(peopled.estate.household_by_phone, "13817626207")) is there


async def test_a_former_owner_in_a_roll_stays_a_former_owner(peopled: Desk) -> None:
    hit = await peopled.find("王丽华")
    await end(peopled, hit.party_id, peopled.site.today(NOW) - timedelta(days=1))
    before = await peopled.contents()
    await peopled.take_in(ROLL)
    assert await peopled.contents() == before


# -- the lookup -------------------------------------------------------------------------------------------------------

LOOKUPS = {
    "3幢2单元18": ["3幢2单元1802", "3幢2单元1803"],
    "3-2-1802": ["3幢2单元1802"],
    "3幢1802": ["3幢1单元1802", "3幢2单元1802"],
    "1802": ["3幢1单元1802", "3幢2单元1802"],
    "18": ["18幢201", "3幢1单元1802", "3幢2单元1802", "3幢2单元1803"],
    "3": ["3幢1单元1802", "3幢2单元1802", "3幢2单元1803"],
    "王丽": ["3幢2单元1803", "3幢2单元1802"],
    "王": ["3幢2单元1802", "3幢2单元1803"],
    "明达": ["2幢101", "10幢101"],
    "13817626207": ["3幢2单元1802"],
    "1381762": ["3幢2单元1802"],
    "021-568": ["3幢2单元1802"],
    "7071": ["3幢2单元1802"],
    "6208": ["3幢2单元1803"],
    "%": [],
    "_": [],
    "9-9-9": [],
    "": [],
}


@pytest.mark.parametrize(("text", "labels"), LOOKUPS.items())
async def test_units_are_suggested_the_likeliest_first(village: Desk, text: str, labels: list[str]) -> None:
    assert [hit.label for hit in await village.ask(village.estate.suggest_units, text)] == labels


async def test_a_suggestion_names_who_was_looked_for_with_a_masked_phone(village: Desk) -> None:
    by_name, by_phone, by_unit, empty = [await village.find(text) for text in ("李强", "6207", "3-2-1802", "18幢201")]
    assert (by_name.by, by_name.name, by_name.phone) == ("party", "李强", "021-****7071")
    assert (by_phone.by, by_phone.name, by_phone.phone) == ("phone", "王丽华", "138****6207")
    assert (by_unit.by, by_unit.name, by_unit.phone) == ("unit", "王丽华", "138****6207")
    assert (empty.party_id, empty.name, empty.phone) == (None, "", "")


async def test_no_more_are_suggested_than_asked_for(village: Desk) -> None:
    hits = await village.ask(village.estate.suggest_units, "3", limit=2)
    assert [hit.label for hit in hits] == LOOKUPS["3"][:2]


# -- the list ---------------------------------------------------------------------------------------------------------


async def pages(desk: Desk, text: str, limit: int, building: str | None = None) -> list[UnitPage]:
    read: list[UnitPage] = []
    while not read or read[-1].cursor:
        cursor = read[-1].cursor if read else None
        read.append(await desk.ask(desk.estate.units, text, cursor, limit, building=building))
    return read


@pytest.mark.parametrize("limit", [1, 4, 6, 200])
async def test_units_are_listed_in_natural_order_page_by_page(village: Desk, limit: int) -> None:
    read = await pages(village, "", limit)
    assert [row.label for page in read for row in page.items] == LABELS
    assert len(read) == -(-len(LABELS) // limit)


@pytest.mark.parametrize(("text", "labels"), LOOKUPS.items())
async def test_the_list_finds_what_the_lookup_does(village: Desk, text: str, labels: list[str]) -> None:
    read = await pages(village, text, 1)
    assert [row.label for page in read for row in page.items] == sorted(labels if text else LABELS, key=LABELS.index)


async def test_the_list_can_be_one_buildings(village: Desk) -> None:
    assert await village.ask(village.estate.buildings) == ["2", "3", "10", "18"]
    [page] = await pages(village, "", 50, building="3")
    assert [row.label for row in page.items] == LABELS[1:4]


async def test_a_row_shows_people_and_open_tickets(peopled: Desk) -> None:
    unit_id = (await peopled.find("3-2-1802")).unit_id
    new = NewTicket(unit_id=unit_id, description="厨房漏水了", category="plumbing_electric")
    await peopled.ask(peopled.lodge.platform.tickets.create, new)
    [row] = (await peopled.ask(peopled.estate.units, "3-2-1802", None)).items
    [empty] = (await peopled.ask(peopled.estate.units, "18幢", None)).items
    assert [(p.name, p.role, p.phone) for p in row.people] == [
        ("王丽华", "owner", "138****6207"),
        ("李强", "owner", "021-****7071"),
    ]
    assert (row.building, row.area_m2, row.moved_in_on, row.open_tickets) == (
        "3", Decimal("118.90"), date(2017, 5, 3), 1,
    )  # fmt: skip
    assert (empty.people, empty.open_tickets) == ((), 0)


async def test_a_page_has_200_rows_at_most(desk: Desk, cuihu: bytes) -> None:
    await desk.take_in(cuihu)
    assert len((await desk.ask(desk.estate.units, "", None, 10_000)).items) == 200


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "****", "\ud800", "ICAg", "MDFhMjAwYzYtMGEyMy03MjFmLWI2NmMtYWMxNWMzOTNlYmI3IAA"]
)
async def test_a_cursor_that_is_not_ours_is_refused(village: Desk, cursor: str) -> None:
    with pytest.raises(Malformed):
        await village.ask(village.estate.units, "", cursor)


# -- full phones (PI-2) -----------------------------------------------------------------------------------------------


async def reveals(desk: Desk, action: str = "contact.revealed") -> list[tuple[UUID, str, str]]:
    async with desk.lodge.work(desk.house, read_only=True) as work:
        sql = """SELECT actor_id, subject_id, changes::text FROM audit_entry
                 WHERE company_id = $1 AND action = $2 ORDER BY id"""
        return await work.uow.fetch(lambda *row: row, sql, desk.house.company_id, action)


async def test_pi_2_a_full_phone_takes_a_reason_and_leaves_one_entry_each_time(peopled: Desk) -> None:
    hit = await peopled.find("王丽华")
    assert hit.party_id is not None
    for _ in range(2):
        assert await peopled.ask(peopled.estate.reveal_phone, hit.party_id, " 回访 ") == ["13817626207"]
    clerk = peopled.house.staff["clerk"].membership_id
    entry = (clerk, str(hit.party_id), '{"phones": 1, "reason": "回访"}')
    assert await reveals(peopled) == [entry, entry]


async def id_number(desk: Desk, party_id: UUID | None, reason: str, role: str = "manager") -> str:
    assert party_id is not None
    async with desk.lodge.work(desk.house, role) as work:
        return await desk.estate.reveal_id_number(work, desk.site, party_id, reason)


async def test_pi_2_a_full_id_number_takes_a_reason_and_leaves_one_entry_each_time(peopled: Desk) -> None:
    wang, li = [(await peopled.find(name)).party_id for name in ("王丽华", "李强")]
    for _ in range(2):
        assert await id_number(peopled, wang, " 核对产权 ") == ID_NUMBER
    entry = (peopled.house.staff["manager"].membership_id, str(wang), '{"reason": "核对产权"}')
    assert await reveals(peopled, "identity.revealed") == [entry, entry]
    for party_id, reason, role, error in (
        (wang, "核对产权", "clerk", Forbidden),
        (wang, "x", "manager", Invalid),
        (li, "核对产权", "manager", Conflict),
        (new_id(), "核对产权", "manager", NotFound),
    ):
        with pytest.raises(error):
            await id_number(peopled, party_id, reason, role)
    assert await reveals(peopled, "identity.revealed") == [entry, entry], "none for what was refused"


async def test_an_id_number_whose_key_is_gone_says_so(peopled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wang = (await peopled.find("王丽华")).party_id
    monkeypatch.setattr(peopled.estate, "_sealer", Sealer(b"another secret of this instance"))
    with pytest.raises(Conflict, match="key that is gone"):
        await id_number(peopled, wang, "核对产权")
    assert await reveals(peopled, "identity.revealed") == []


@pytest.mark.parametrize(
    ("role", "reason", "error"),
    [
        ("cashier", "回访", Forbidden),
        ("clerk", "", Invalid),
        ("clerk", " \0 ", Invalid),
        ("clerk", "理" * 201, Invalid),
    ],
)
async def test_pi_2_without_permission_or_reason_no_phone_is_revealed(
    village: Desk, role: str, reason: str, error: type[LodgeError]
) -> None:
    hit = await village.find("王丽华")
    assert hit.party_id is not None
    async with village.lodge.work(village.house, role) as work:
        with pytest.raises(error):
            await village.estate.reveal_phone(work, village.site, hit.party_id, reason)
    assert await reveals(village) == []


# -- other sites and companies ----------------------------------------------------------------------------------------


async def test_another_site_or_company_finds_nothing_and_its_ids_do_not_exist(
    lodge: Lodge, house: House, peopled: Desk
) -> None:
    hit = await peopled.find("王丽华")
    assert hit.party_id is not None
    estate, other = peopled.estate, await lodge.house()
    for stranger in (Desk(lodge, house, house.sites[1]), Desk(lodge, other, other.sites[0])):
        for text in LOOKUPS:
            assert await stranger.ask(estate.suggest_units, text) == []
            assert await stranger.ask(estate.units, text, None) == UnitPage([], None)
        assert await stranger.ask(estate.household_by_phone, "13817626207") == []
        assert await stranger.ask(estate.buildings) == []
        for unit_id in (hit.unit_id, new_id()):
            with pytest.raises(NotFound):
                await stranger.ask(estate.household, unit_id)
        for party_id in (hit.party_id, new_id()):
            with pytest.raises(NotFound):
                await stranger.ask(estate.reveal_phone, party_id, "回访")
        assert await reveals(stranger) == []


async def test_a_site_out_of_reach_is_refused(lodge: Lodge, house: House, desk: Desk) -> None:
    estate, site = desk.estate, desk.site
    async with lodge.work(house, "clerk", house.sites[1]) as work:
        for call in (
            estate.household(work, site, new_id()),
            estate.household_by_phone(work, site, "13817626207"),
            estate.suggest_units(work, site, "3"),
            estate.units(work, site, "", None),
            estate.buildings(work, site),
            estate.reveal_phone(work, site, new_id(), "回访"),
        ):
            with pytest.raises(NotFound):
                await call
