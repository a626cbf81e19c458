"""Types of tickets (TKT-1): what a plugin may declare, and what of it the platform refuses."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.auth.permissions import PermissionRegistry
from core.hooks.checks import SHARED_ACTIONS, STATUSES, PluginRefused, check_ticket_types
from core.hooks.types import Stage, TicketType, Transition
from core.policies.spec import PolicyRegistry
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tickets import model
from core.tickets.actions import ACTIONS
from core.tickets.kinds import CORE_TYPES
from core.tickets.types import stage_of

STAGES = (Stage("open", "Open", "new"), Stage("busy", "Busy", "accepted"), Stage("over", "Over", "closed"))


def kind(**fields: Any) -> TicketType:
    return TicketType(**{"id": "parking.permit", "title": "Permit", "stages": STAGES, **fields})


def transition(**fields: Any) -> Transition:
    return Transition(**{"name": "begin", "title": "Begin", "sources": ("open",), "to": "busy", **fields})


class _Nested(msgspec.Struct, frozen=True):
    lines: tuple[str, ...] = ()


REFUSED = {
    "id of another": (kind(id="billing.permit"), "must start with"),
    "state unknown": (kind(stages=(Stage("open", "Open", "begun"),)), "no state 'begun'"),
    "no beginning": (kind(stages=STAGES[1:]), "a stage of the state new"),
    "to nowhere": (kind(transitions=(transition(to="gone"),)), "no stage of its own: 'gone'"),
    "from nowhere": (kind(transitions=(transition(sources=("gone",)),)), "no stage of its own: 'gone'"),
    "new again": (kind(transitions=(transition(sources=("busy",), to="open"),)), "nothing becomes new again"),
    "out of closed": (kind(transitions=(transition(sources=("over",)),)), "closed tickets are reopened"),
    "name of core's": (kind(transitions=(transition(name="accept"),)), "something else"),
    "name not plain": (kind(transitions=(transition(name="Begin!"),)), "something else"),
    "permission unknown": (kind(transitions=(transition(permission="parking.fly"),)), "asks for 'parking.fly'"),
    "fields in fields": (kind(fields=_Nested), "single values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_type_that_cannot_work_keeps_its_plugin_out(name: str) -> None:
    wrong, said = REFUSED[name]

    with pytest.raises(PluginRefused, match=said):
        check_ticket_types("parking", [wrong], PermissionRegistry())


def test_a_type_that_fits_is_taken() -> None:
    check_ticket_types("parking", [kind(transitions=(transition(),))], PermissionRegistry())


def test_the_checks_know_the_shared_states_and_actions() -> None:
    assert STATUSES == model.STATUSES
    assert set(ACTIONS) <= SHARED_ACTIONS


def test_the_five_kinds_of_the_rules_are_the_platforms_tkt_1() -> None:
    assert [each.id for each in CORE_TYPES] == ["enquiry", "repair", "complaint", "suggestion", "request"]


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [("new", "", "open"), ("accepted", "open", "busy"), ("accepted", "busy", "busy"), ("paused", "busy", "busy")],
)
def test_the_stage_follows_the_state(status: str, before: str, after: str) -> None:
    assert stage_of(kind(), status, before) == after


def test_the_categories_form_offers_declared_types_and_the_policy_itself_stays_as_it_is() -> None:
    def offered(spec: Any) -> list[str]:
        return list(spec.shape.fields["categories"].item.fields["ticket_type"].about.labels)

    registry = PolicyRegistry({"parking.permit": "Permit"})
    registry.register(TICKET_CATEGORIES)
    assert offered(registry.get(TICKET_CATEGORIES.name)) == [*offered(TICKET_CATEGORIES), "parking.permit"]
