from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from core.errors import Invalid
from core.policies.builtin import register_builtin
from core.policies.calendar import CALENDAR, OFFICE_HOURS, to_calendar
from core.policies.forms import form_fields
from core.policies.layers import Overrides, resolve, validate
from core.policies.schema import to_json
from core.policies.sla_targets import SLA_TARGETS, Severity, goals_for
from core.policies.spec import PolicyRegistry
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.sla import Calendar, Goal
from tests.core.policies.samples import layer


def test_the_platform_registers_its_policies() -> None:
    registry = PolicyRegistry()
    register_builtin(registry)
    names = {"core.calendar", "core.sla_targets", "core.ticket_categories", "core.ownership"}
    assert names <= {spec.name for spec in registry.all()}


def test_every_field_of_the_platforms_policies_says_what_it_is_for() -> None:
    registry = PolicyRegistry()
    register_builtin(registry)
    fields = [(spec.name, field) for spec in registry.all() for field in form_fields(spec, resolve(spec, []))]
    silent = [f"{name} {field.path}" for name, field in fields if not (field.help or field.group_help)]
    cells = [(name, cell) for name, field in fields if field.kind == "rows" for cell in field.rows[-1]]
    assert silent + [f"{name} {cell.path}" for name, cell in cells if not cell.help] == []


def test_a_site_works_office_hours_on_weekdays_unless_it_says_otherwise() -> None:
    site: Overrides = {"week": {"sat": [["09:00", "24:00"]]}, "exceptions": {"2026-10-01": []}}
    calendar = to_calendar(resolve(CALENDAR, [layer("site", site)]).value)
    weekdays = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE_HOURS)
    week = {**weekdays, "sat": (("09:00", "24:00"),), "sun": ()}
    assert calendar == Calendar("Asia/Shanghai", week, {"2026-10-01": ()})


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"timezone": "Asia/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"week": {"mon": [["08:30", "08:30"]]}}, "week.mon"),
        ({"week": {"mon": [["24:00", "24:00"]]}}, "week.mon"),
        ({"week": {"mon": [["08:00", "12:00"], ["11:00", "13:00"]]}}, "week.mon"),
        ({"week": {"mon": [["08:00", "25:00"]]}}, "week.mon"),
        ({"week": {"someday": []}}, "week.someday"),
        ({"exceptions": {"2026-10-10": [["12:00", "11:00"]]}}, "exceptions.2026-10-10"),
        ({"exceptions": {"2026-02-30": []}}, "exceptions.2026-02-30"),
    ],
)
def test_impossible_working_time_is_refused_where_it_stands(overrides: Overrides, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        validate(CALENDAR, overrides)
    assert [error.field for error in caught.value.fields] == [field]


def test_every_time_zone_a_site_may_choose_can_be_computed_with() -> None:
    for zone in available_timezones():
        to_calendar(validate(CALENDAR, {"timezone": zone}))


def test_shifts_need_no_order() -> None:
    changed = validate(CALENDAR, {"week": {"sun": [["13:00", "17:00"], ["08:00", "12:00"]]}})
    assert to_calendar(changed).week["sun"] == (("13:00", "17:00"), ("08:00", "12:00"))


@pytest.mark.parametrize("category", ["plumbing_electric", "lift", "access", "cleaning", "other", "unheard_of"])
def test_urgent_repairs_have_someone_on_site_within_30_minutes_day_and_night(category: str) -> None:  # REP-2
    severities: tuple[Severity, ...] = ("urgent", "critical")
    for severity in severities:
        arrival = next(goal for goal in goals_for(SLA_TARGETS.default, category, severity) if goal.name == "arrival")
        assert (arrival.unit, arrival.clock) == ("minutes", "elapsed")
        assert arrival.amount <= 30


@pytest.mark.parametrize("severity", ["routine", "urgent", "critical"])
def test_complaints_are_answered_within_24_hours_and_major_ones_settled_in_3_days(severity: Severity) -> None:  # CMP-3
    goals = {goal.name: goal for goal in goals_for(SLA_TARGETS.default, "noise", severity)}
    assert goals["response"] == Goal("response", 24, "hours", "elapsed")
    assert (goals["resolution"].amount, goals["resolution"].unit) == (3, "days")


def test_the_workbench_promise_for_urgent_plumbing() -> None:
    assert goals_for(SLA_TARGETS.default, "plumbing_electric", "urgent") == (
        Goal("response", 10, "minutes", "elapsed"),
        Goal("arrival", 15, "minutes", "elapsed"),
        Goal("resolution", 2, "hours", "elapsed"),
    )


def test_a_category_overrides_goal_by_goal_and_may_owe_less() -> None:
    site: Overrides = {
        "urgent": {"response": {"amount": 7, "unit": "minutes"}},
        "categories": {"pool": {"urgent": {"arrival": None}}, "lift": None},
    }
    targets = resolve(SLA_TARGETS, [layer("site", site)]).value
    assert [(goal.name, goal.amount) for goal in goals_for(targets, "pool", "urgent")] == [
        ("response", 7),
        ("resolution", 4),
    ]
    assert goals_for(targets, "lift", "urgent") == goals_for(targets, "unheard_of", "urgent")


def test_the_seven_categories_of_the_workbench_come_in_the_order_of_their_number_keys() -> None:
    shown = [(category.key, category.title_zh) for category in TICKET_CATEGORIES.default.categories]
    assert shown == [
        ("plumbing_electric", "水电维修"),
        ("lift", "电梯"),
        ("access", "门禁车道"),
        ("cleaning", "保洁绿化"),
        ("noise", "噪音投诉"),
        ("fees", "费用咨询"),
        ("other", "其他"),
    ]
    assert {key for key, _ in shown} >= set(SLA_TARGETS.default.categories)


def test_a_category_key_is_used_once() -> None:
    lift = to_json(TICKET_CATEGORIES.default.categories[1])
    assert isinstance(lift, dict)
    with pytest.raises(Invalid) as caught:
        validate(TICKET_CATEGORIES, {"categories": [lift, {**lift, "icon": "dots"}, lift]})
    assert [error.field for error in caught.value.fields] == ["categories.1.key", "categories.2.key"]
