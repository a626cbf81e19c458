"""What a roll changes in what is recorded, unit by unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from core.db.ids import new_id
from core.estate.merge import KnownOwner, KnownUnit, Plan, Values, plan
from core.estate.model import Effect
from core.exchange.owners import Owner
from core.exchange.roll import RollRow

UNIT = new_id()
KEY = ("3", "2", "1802")
VALUES = Values(Decimal("118.90"), date(2017, 5, 3), "空置")
A, B = "310101198001010016", "310101199002020013"
PHONE, OTHER_PHONE = "13817626207", "13917626207"


def row(
    *owners: Owner, area: str | None = "118.9", move_in: date | None = VALUES.moved_in_on, remark: str = "空置"
) -> RollRow:
    return RollRow(4, *KEY, "3幢2单元1802", Decimal(area) if area else None, owners, move_in, remark)


def owner(name: str = "王丽华", id_number: str | None = None, *phones: str) -> Owner:
    return Owner(name, "person", phones, id_number)


def known(*owners: KnownOwner) -> dict[tuple[str, str, str], KnownUnit]:
    return {KEY: KnownUnit(UNIT, VALUES, owners)}


def recorded(name: str = "王丽华", id_number: str | None = None, *phones: str) -> KnownOwner:
    return KnownOwner(new_id(), name, id_number, frozenset(phones))


def test_a_unit_never_seen_is_new_with_all_its_people() -> None:
    made = plan([row(owner("王丽华", A, PHONE), owner("李强"))], {})
    assert made.effect == Effect(units_new=1, parties_new=2, contacts_new=1)
    assert [unit.key for unit in made.units] == [KEY]
    assert {new.unit_id for new in made.owners} == {made.units[0].id}
    assert made.contacts == ((made.owners[0].party_id, PHONE),)


def test_what_is_recorded_already_changes_nothing() -> None:
    made = plan([row(owner("王丽华", A, PHONE))], known(recorded("王丽华", A, PHONE)))
    assert made == Plan((), (), (), (), Effect(units_unchanged=1))


@pytest.mark.parametrize(
    ("changed", "after"),
    [
        (row(area="120.00"), {"area_m2": Decimal("120.00")}),
        (row(move_in=date(2020, 1, 1)), {"moved_in_on": date(2020, 1, 1)}),
        (row(remark="出租"), {"remark": "出租"}),
    ],
)
def test_another_value_replaces_the_units_and_keeps_the_one_before(changed: RollRow, after: dict[str, object]) -> None:
    made = plan([changed], known())
    [change] = made.changes
    assert change.before == VALUES
    assert change.after == msgspec.structs.replace(VALUES, **after)
    assert made.effect == Effect(units_changed=1)


def test_what_a_roll_leaves_empty_is_kept() -> None:
    made = plan([row(area=None, move_in=None, remark="")], known(recorded("王丽华", A, PHONE)))
    assert made.effect == Effect(units_unchanged=1)


@pytest.mark.parametrize(
    ("said", "before", "effect"),
    [
        ((owner("王丽华", A),), (recorded("王丽华", None),), Effect(units_changed=1, id_numbers_added=1)),
        ((owner("王丽华", None),), (recorded("王丽华", A),), Effect(units_unchanged=1)),
        ((owner("王丽华", B),), (recorded("王丽华", A),), Effect(units_changed=1, parties_new=1)),
        ((owner("王丽"),), (recorded("王丽华"),), Effect(units_changed=1, parties_new=1)),
        ((owner("王丽华", None, PHONE),), (recorded("王丽华"),), Effect(units_changed=1, contacts_new=1)),
        (
            (owner("王丽华", None, OTHER_PHONE),),
            (recorded("王丽华", None, PHONE),),
            Effect(units_changed=1, contacts_new=1),
        ),
        ((owner(), owner()), (recorded(), recorded()), Effect(units_unchanged=1)),
        ((owner(), owner()), (recorded(),), Effect(units_changed=1, parties_new=1)),
        ((), (recorded(),), Effect(units_unchanged=1)),
    ],
    ids=[
        "an ID number is added to the party that had none",
        "a roll without the ID number means the same party",
        "another ID number is another party",
        "another name is another party",
        "a phone is added",
        "a phone the roll does not name is kept beside the new one",
        "two of one name are matched one to one",
        "a second one of the name is new",
        "an owner whom the roll does not name is kept",
    ],
)
def test_owners_are_matched_by_name_and_id_number(
    said: tuple[Owner, ...], before: tuple[KnownOwner, ...], effect: Effect
) -> None:
    assert plan([row(*said)], known(*before)).effect == effect


def test_an_id_number_finds_its_owner_among_those_of_one_name() -> None:
    first, second = recorded("王丽华", None), recorded("王丽华", B)
    made = plan([row(owner("王丽华", None, PHONE), owner("王丽华", B, OTHER_PHONE))], known(first, second))
    assert made.contacts == ((first.party_id, PHONE), (second.party_id, OTHER_PHONE))


def test_owners_belong_to_the_unit_they_are_named_at() -> None:
    elsewhere = {("3", "2", "1801"): KnownUnit(UNIT, VALUES, (recorded(),))}
    made = plan([row(owner())], elsewhere)
    assert made.effect == Effect(units_new=1, parties_new=1)
    assert isinstance(made.owners[0].party_id, UUID)
