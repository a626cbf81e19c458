"""A policy with every kind of field, and Hypothesis strategies for overrides that fit it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from msgspec import Meta

from core.policies.layers import Layer, Overrides, Scope
from core.policies.schema import Json
from core.policies.spec import PolicySpec
from core.policies.values import Duration, Key, Shifts, Unfit

COMPANY, SITE = UUID(int=1), UUID(int=2)


class Rings(msgspec.Struct, frozen=True):
    few: Annotated[int, Meta(ge=1, le=20, title="Few", extra={"unit": "rings"})] = 3
    many: Annotated[int, Meta(ge=1, le=20)] = 6

    def __post_init__(self) -> None:
        if self.few > self.many:
            raise Unfit.field("many", "Give at least {few}.", few=self.few)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    text: Annotated[str, Meta(max_length=200, extra={"placeholders": ("site", "clerk")})] = ""
    tone: Literal["warm", "plain"] = "plain"
    aloud: bool = True
    tags: tuple[Annotated[str, Meta(min_length=1)], ...] = ()
    within: Duration | None = None


class Extra(msgspec.Struct, frozen=True):
    limit: Annotated[int, Meta(ge=0)] = 0
    goal: Duration | Literal["general"] | None = "general"


class Desk(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(title="Desk name", description="As callers hear it.", min_length=1, max_length=20)] = (
        "Desk"
    )
    nickname: Annotated[str, Meta(max_length=20)] | None = None
    note: Annotated[str, Meta(extra={"kind": "textarea"})] = " line one\nline two "
    greeting: Annotated[str, Meta(extra={"placeholders": ("site", "clerk")})] = "{{site}}, {{clerk}}"
    ratio: Annotated[float, Meta(ge=0, le=1)] = 0.95
    night: bool = False
    strict: bool | None = None
    tone: Annotated[Literal["warm", "plain"], Meta(extra={"labels": {"warm": "Warmly"}})] = "warm"
    opened: date = date(2026, 1, 1)
    answer: Duration = Duration(15, "minutes")
    visit: Annotated[Duration | None, Meta(title="Visit")] = None
    saturday: Shifts = (("08:30", "12:00"),)
    codes: tuple[Annotated[int, Meta(ge=0)], ...] = (1, 2)
    moods: tuple[Annotated[Literal["warm", "plain"], Meta(extra={"labels": {"warm": "Warmly"}})], ...] = ("warm",)
    steps: Annotated[tuple[Step, ...], Meta(max_length=6)] = (Step("Hello", "{{site}}"),)
    special: dict[date, Shifts] = msgspec.field(
        default_factory=lambda: {date(2026, 10, 1): (), date(2026, 10, 10): (("08:30", "12:00"),)}
    )
    rings: Annotated[Rings, Meta(title="Rings")] = Rings()
    extras: dict[Key, Extra] = msgspec.field(default_factory=lambda: {"lift": Extra(2)})


DESK = PolicySpec("core.desk", Desk, Desk(), "Desk", "How the desk works.", "policy.manage")


def layer(scope: Scope, overrides: Overrides) -> Layer:
    return Layer(scope, COMPANY if scope == "company" else SITE, overrides)


word = st.text("abc水电，", min_size=1, max_size=8)
duration: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "amount": st.integers(1, 90),
        "unit": st.sampled_from(["minutes", "hours", "working_days", "days"]),
        "clock": st.sampled_from(["working", "elapsed"]),
    }
)
shifts: st.SearchStrategy[Json] = st.sampled_from([[], [["08:30", "12:00"]], [["00:00", "08:00"], ["13:30", "24:00"]]])
days = st.sampled_from(["2026-10-01", "2026-10-02", "2026-10-10"])
step: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "title": word,
        "text": st.sampled_from(["", "{{site}}", "a {{ clerk }}\nb"]),
        "tone": st.sampled_from(["warm", "plain"]),
        "aloud": st.booleans(),
        "tags": st.lists(word, max_size=2),
        "within": st.none() | duration,
    }
)
LEAVES: dict[str, st.SearchStrategy[Json]] = {
    "name": word,
    "nickname": st.none() | word,
    "note": st.text("ab \n", max_size=6),
    "greeting": st.sampled_from(["", "{{clerk}}", " plain\n{{ site }}"]),
    "ratio": st.floats(0, 1),
    "night": st.booleans(),
    "strict": st.none() | st.booleans(),
    "tone": st.sampled_from(["warm", "plain"]),
    "opened": st.dates().map(date.isoformat),
    "answer": duration,
    "visit": st.none() | duration,
    "saturday": shifts,
    "codes": st.lists(st.integers(0, 99), max_size=3),
    "steps": st.lists(step, max_size=3),
}


def _some(leaves: dict[str, st.SearchStrategy[Json]]) -> st.SearchStrategy[Overrides]:
    return st.fixed_dictionaries({}, optional=leaves)


extra = _some({"limit": st.integers(0, 9), "goal": st.none() | st.just("general") | duration}).filter(bool)
overrides: st.SearchStrategy[Overrides] = _some(
    {
        **LEAVES,
        "special": st.dictionaries(days, st.none() | shifts, min_size=1),
        "rings": _some({"few": st.integers(1, 6), "many": st.integers(6, 20)}).filter(bool),
        "extras": st.dictionaries(st.sampled_from(["lift", "gate", "pool"]), extra, min_size=1),
    }
)
