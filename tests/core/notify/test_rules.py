"""The events there are: what webhooks can ask for is what is emitted, and the rules name no others."""

from __future__ import annotations

import re
from typing import get_args
from uuid import uuid4

import msgspec
import pytest

from core.notify.events import CORE_EVENTS
from core.notify.model import KINDS, USUAL, Kind
from core.notify.rules import RULES, Facts, told
from core.notify.texts import TEXTS
from core.settings import ROOT

OWNER, ASSIGNEE, WATCHER, OTHER = (uuid4() for _ in range(4))
FACTS = Facts("GD2611-0001", "routine", "new", OWNER, ASSIGNEE, False, OTHER, False, [WATCHER])


def test_every_event_that_core_emits_can_be_asked_for() -> None:
    written = {
        found
        for file in (ROOT / "core").rglob("*.py")
        for found in re.findall(r'(?:tell|Event)\(\s*"(ticket\.\w+\.v\d+)"', file.read_text())
    }
    assert written <= set(CORE_EVENTS)
    assert set(RULES) <= set(CORE_EVENTS)


def test_every_kind_has_its_words_and_its_usual_way() -> None:
    # what a module tells has words of its own
    assert set(get_args(Kind)) == set(KINDS) == set(USUAL) == {*TEXTS, "told"}


@pytest.mark.parametrize(
    ("event", "payload", "facts", "expected"),
    [
        ("ticket.created.v1", {}, {}, {ASSIGNEE: "assigned"}),
        ("ticket.created.v1", {}, {"passed_on": True}, {}),
        ("ticket.created.v1", {}, {"actor_id": ASSIGNEE}, {}),
        ("ticket.assigned.v1", {}, {}, {ASSIGNEE: "assigned", WATCHER: "watched"}),
        ("ticket.assigned.v1", {}, {"watchers": [ASSIGNEE]}, {ASSIGNEE: "assigned"}),
        ("ticket.resolved.v1", {}, {}, {OWNER: "answer_due", WATCHER: "watched"}),
        ("ticket.resolved.v1", {}, {"actor_id": OWNER}, {OWNER: "answer_due", WATCHER: "watched"}),
        ("ticket.resolved.v1", {}, {"answered": True}, {WATCHER: "watched"}),
        ("ticket.goal_breached.v1", {}, {}, {OWNER: "breached", ASSIGNEE: "breached", WATCHER: "breached"}),
        ("ticket.escalated.v1", {"members": f"{OTHER},{OWNER}"}, {}, {OTHER: "escalated", OWNER: "escalated"}),
        ("ticket.escalated.v1", {"members": ""}, {}, {}),
        ("ticket.offer_made.v1", {"to_id": str(OTHER)}, {}, {OTHER: "offered"}),
        ("ticket.callback_missed.v1", {}, {}, {OWNER: "promised"}),
        ("ticket.question_escalated.v1", {"to_id": str(OTHER)}, {}, {OTHER: "asked"}),
        ("reception.call_ended.v1", {}, {}, {}),
    ],
)
def test_whom_an_event_concerns(
    event: str, payload: dict[str, str], facts: dict[str, object], expected: dict[object, str]
) -> None:
    assert told(event, payload, msgspec.structs.replace(FACTS, **facts)) == expected
