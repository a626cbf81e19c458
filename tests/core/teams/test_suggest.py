"""The order of candidates, as a table of what outweighs what."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest

from core.policies.assignment import Assignment
from core.teams.suggest import Facts, Load, Skill, at_once, rank

POLICY = Assignment()
EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)


def person(staff_no: str = "1", **facts: object) -> Facts:
    known: dict[str, object] = {"fit": "category", "duty": "on", **facts}
    return Facts(UUID(int=int(staff_no)), f"person {staff_no}", staff_no, **known)  # type: ignore[arg-type]


# the better one first, and why
BETTER = [
    (person("2", duty="off"), person("1", fit="none"), "whose team takes such matters, even off duty"),
    (person("2", fit="general"), person("1", duty="unknown"), "who is on duty before who may be"),
    (person("2", duty="unknown"), person("1", duty="off"), "who may be on duty before who is not"),
    (person("2"), person("1", fit="general"), "the specialist before the all-rounder"),
    (person("2", load=Load(routine=1)), person("1", load=Load(routine=2)), "who has less in hand"),
    (person("2", load=Load(routine=1)), person("1", load=Load(urgent=1)), "a routine ticket less than an urgent one"),
    (person("2", load=Load(urgent=1)), person("1", load=Load(critical=1)), "an urgent one less than a critical one"),
    (person("2", load=Load(paused=3)), person("1", load=Load(routine=2)), "what waits counts less"),
    (person("2", given_at=EARLY), person("1", given_at=LATE), "whose last turn is longer ago"),
    (person("2", given_at=None), person("1", given_at=EARLY), "who never had a turn"),
    (person("1"), person("2"), "by staff number at last"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "why"), BETTER, ids=[why for *_, why in BETTER])
def test_the_better_candidate_comes_first(first: Facts, second: Facts, why: str) -> None:
    for order in ([first, second], [second, first]):
        assert [c.membership_id for c in rank(order, POLICY)] == [first.membership_id, second.membership_id], why


def test_who_is_skilled_goes_before_who_has_less_in_hand_but_not_before_who_is_on_duty() -> None:
    """REP-2."""
    people = [person("1"), person("2", load=Load(routine=5)), person("3", duty="off")]
    skills = [Skill(UUID(int=2), "水工", 2), Skill(UUID(int=2), "电工", 1), Skill(UUID(int=3), "水工", 3)]

    ranked = rank(people, POLICY, skills)

    assert [(c.name, c.skill) for c in ranked] == [("person 2", "水工"), ("person 1", ""), ("person 3", "水工")]


def test_the_same_facts_give_the_same_order() -> None:
    people = [person(str(n), load=Load(routine=n % 2), given_at=EARLY if n % 3 else None) for n in range(1, 6)]
    orders = {tuple(c.name for c in rank(order, POLICY)) for order in permutations(people)}
    assert len(orders) == 1


def test_a_candidate_carries_the_reasons_for_the_place() -> None:
    [found] = rank([person(load=Load(routine=2, paused=1), given_at=EARLY)], POLICY)
    assert (found.fit, found.duty, found.tickets, found.paused, found.points) == ("category", "on", 3, 1, 5)


def test_a_site_says_what_counts_as_how_much_work() -> None:
    light = Assignment(critical_points=0)
    people = [person("1", load=Load(routine=1)), person("2", load=Load(critical=3))]
    assert [c.name for c in rank(people, light)] == ["person 2", "person 1"]


@pytest.mark.parametrize(
    ("policy", "facts", "given"),
    [
        (Assignment("round_robin"), person(), True),
        (Assignment("round_robin"), person(duty="unknown"), True),
        (Assignment("round_robin"), person(duty="off"), False),
        (Assignment("round_robin", only_on_duty=False), person(duty="off"), True),
        (Assignment("round_robin", only_on_duty=False), person(fit="none"), False),
        (Assignment("suggest"), person(), False),
        (Assignment("claim"), person(), False),
    ],
)
def test_who_gets_a_ticket_without_anybody_deciding(policy: Assignment, facts: Facts, given: bool) -> None:
    assert (at_once(rank([facts], policy), policy) is not None) == given
