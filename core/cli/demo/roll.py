"""The household roll of a demo site, told by the pattern of its buildings and taken in as a workbook; all made up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.estate.households import MOST
from core.estate.lookup import read_query
from core.estate.model import Role
from core.estate.service import Estate
from core.exchange.report import Table, write
from core.tenancy.directory import Site
from core.work import Work

if TYPE_CHECKING:
    from core.cli.demo.teller import Teller

UnitName = tuple[str, ...]
"""A unit as `unit_name` reads it, however it was written."""

HEADINGS = ("楼栋", "单元", "房号", "建筑面积", "业主姓名", "联系电话", "入住日期")
_UNITS = re.compile(
    r"(?:(?P<entrances>\d+(?:-\d+)?)单元 )?(?:(?P<floors>\d+(?:-\d+)?)层 )?(?P<prefix>[A-Z]-)?(?P<rooms>\d+(?:-\d+)?)室"
)
# Names in pairs of characters; their numbers have no divisor in common, so that most people are called differently.
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕田"
_GIVEN = "秀兰建国丽华志强静怡国平晓燕文涛桂英明远雪梅俊杰玉珍海峰婷婷立新春华思远美玲永康佳宁德明慧敏少华淑贞浩然雅琴"
_FIRMS = "鼎盛恒信启明瑞丰天成博远华安金石同舟百川云岭汇智凯达正和新程嘉木海纳卓越远景盛唐明德中原长青"
_TRADES = "科技贸易咨询广告传媒物流设计软件"
_SPREAD = 400  # days in which the units of a building were moved into
# A roll says who owns a unit; who else lives there or acts for the owner is written down as it stands.
_LIVING = """
WITH person AS (
    INSERT INTO party (company_id, site_id, id, kind, name) VALUES ($1, $2, $3, 'person', $4) RETURNING id
), phone AS (
    INSERT INTO contact (company_id, site_id, id, party_id, phone) SELECT $1, $2, $5, id, $6 FROM person
)
INSERT INTO occupancy (company_id, site_id, id, unit_id, party_id, role, starts_on)
SELECT $1, $2, $7, $8, id, $9, $10 FROM person
"""
_ROLES: Mapping[str, Role] = {"租户": "tenant", "代办人": "agent"}


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A building. `units` are patterns: `1-2单元 1-18层 01-02室`; floors are written as the first one is, `01` with two
    digits; without entrances or floors there are none. `areas` in m² go round the units, handed over from that day."""

    name: str
    units: tuple[str, ...]
    areas: tuple[float, ...]
    handed_over: date


class Roll(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The roll that `by` took in under that name when the company was set up.

    `residents` are those whom the story names: `3幢1单元302 张丽华 13800010001`. The other units get made-up `owners`,
    with phones from `phone` on. `others` live there besides the owner, or act for them:
    `3幢1单元302 租户 周磊 13800010201`, or `代办人`.
    """

    site: str
    by: str
    file: str
    blocks: tuple[Block, ...]
    residents: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    owners: Literal["people", "firms"] = "people"
    phone: int


class Household(msgspec.Struct, frozen=True):
    """A row of the roll; `entrance` '' for none."""

    building: str
    entrance: str
    room: str
    area: float
    owner: str
    phone: str
    moved_in: date

    @property
    def label(self) -> str:
        """The unit as people write it."""
        return f"{self.building}{f'{self.entrance}单元' if self.entrance else ''}{self.room}"


class Other(msgspec.Struct, frozen=True):
    """Somebody of a unit who is not its owner."""

    unit: str
    role: Role
    name: str
    phone: str


def expanded(roll: Roll) -> list[Household]:
    """Every unit of the roll, the same ones each time. Raises ValueError for a pattern that is none, or for residents
    of units that are not there."""
    residents = {unit: (name, phone) for unit, name, phone in map(_resident, roll.residents)}
    households: list[Household] = []
    for block in roll.blocks:
        for entrance, room in (unit for pattern in block.units for unit in _units(pattern)):
            turn = len(households)
            household = Household(
                building=block.name,
                entrance=entrance,
                room=room,
                area=block.areas[turn % len(block.areas)],
                owner=_owner(roll, turn),
                phone=str(roll.phone + turn),
                moved_in=block.handed_over + timedelta(days=turn * 37 % _SPREAD),
            )
            if known := residents.pop(household.label, None):
                household = msgspec.structs.replace(household, owner=known[0], phone=known[1])
            households.append(household)
    if residents:
        raise ValueError(f"there are no such units: {', '.join(residents)}")
    return households


async def take_in(teller: Teller, roll: Roll) -> None:
    """Preview and apply it, as that person would. Raises ValueError for a roll that has a flaw."""
    rows = [msgspec.structs.astuple(household) for household in expanded(roll)]
    work, site, estate = teller.work_as(roll.by), teller.site(roll.site), teller.platform.estate
    content = write([Table("业主名册", HEADINGS, rows)], work.now)
    preview = await estate.preview_roll(work, site, roll.file, content)
    for issue in (*preview.errors, *preview.warnings):
        raise ValueError(f"row {issue.row}: {issue.column}: {issue.value}")
    await estate.apply_roll(work, site, preview.id)
    for other in others(roll):
        unit_id = await teller.unit(site, other.unit)
        assert unit_id is not None
        ids = work.ctx.company_id, site.id
        person = new_id(), other.name, new_id(), other.phone
        await work.uow.execute(_LIVING, *ids, *person, new_id(), unit_id, other.role, site.today(work.now))


def others(roll: Roll) -> list[Other]:
    """Who lives in units besides their owners. Raises ValueError for a line that says something else."""
    known = {unit_name(household.label) for household in expanded(roll)}
    found = []
    for line in roll.others:
        unit, role, name, phone = line.split(" ")
        if role not in _ROLES or unit_name(unit) not in known:
            raise ValueError(line)
        found.append(Other(unit, _ROLES[role], name, phone))
    return found


def unit_name(place: str) -> UnitName:
    """What the place in words may be called in a roll: `2栋0903` and `2幢0903室` alike."""
    query = read_query(place)
    if query is None:
        return ()
    if query.building and query.room:
        return query.building, query.entrance or "", query.room
    return (query.label or place,)


async def units_by_name(estate: Estate, work: Work, site: Site) -> dict[UnitName, UUID]:
    """All units of the site."""
    units: dict[UnitName, UUID] = {}
    cursor: str | None = None
    while True:
        page = await estate.units(work, site, "", cursor, MOST)
        units.update((unit_name(unit.label), unit.id) for unit in page.items)
        if (cursor := page.cursor) is None:
            return units


def _resident(line: str) -> tuple[str, str, str]:
    unit, name, phone = line.split(" ")
    return unit, name, phone


def _units(pattern: str) -> Iterator[tuple[str, str]]:
    found = _UNITS.fullmatch(pattern)
    if found is None:
        raise ValueError(pattern)
    for entrance in _numbers(found["entrances"]):
        for floor in _numbers(found["floors"]):
            for room in _numbers(found["rooms"]):
                yield entrance, f"{found['prefix'] or ''}{floor}{room}"


def _numbers(said: str | None) -> list[str]:
    """`01-03` as 01, 02, 03; one that is not said is ''."""
    if said is None:
        return [""]
    first, _, last = said.partition("-")
    return [f"{number:0{len(first)}}" for number in range(int(first), int(last or first) + 1)]


def _owner(roll: Roll, turn: int) -> str:
    if roll.owners == "firms":
        return f"{_pair(_FIRMS, turn)}{_pair(_TRADES, turn * 3)}有限公司"
    return _SURNAMES[turn * 7 % len(_SURNAMES)] + _pair(_GIVEN, turn * 11)


def _pair(names: str, turn: int) -> str:
    at = turn * 2 % len(names)
    return names[at : at + 2]
