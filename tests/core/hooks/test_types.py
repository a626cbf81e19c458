"""What plugins hand to core cannot be malformed or changed afterwards."""

from __future__ import annotations

import math
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from core.hooks.types import JsonScalar
from core.sdk import Event, JobSpec, TicketFacts

TYPE = "parking.vehicle_admitted.v1"
ID = UUID(int=1)


@pytest.mark.parametrize(
    "name",
    [
        "parking.vehicle_admitted",
        "parking.v1",
        "parking.vehicle_admitted.v0",
        "parking.vehicle_admitted.v01",
        "Parking.vehicle_admitted.v1",
        "parking.vehicle-admitted.v1",
        "parking.gate.vehicle_admitted.v1",
        "parking.vehicle_admitted.v1\n",
        "",
    ],
)
def test_an_event_type_names_module_deed_and_version(name: str) -> None:
    with pytest.raises(ValueError, match="event type"):
        Event(name, None, ID)


@pytest.mark.parametrize("value", [[1], {"a": 1}, ID, math.nan, math.inf, b"x"])
def test_an_event_carries_finite_json_scalars_only(value: Any) -> None:
    with pytest.raises(ValueError, match="payload 'plate'"):
        Event(TYPE, None, ID, {"plate": value})


def test_an_event_takes_every_scalar_and_survives_storage() -> None:
    payload: dict[str, JsonScalar] = {"plate": "沪A12345", "bay": 7, "hours": 1.5, "guest": True, "note": None}
    event = Event(TYPE, ID, ID, payload)

    stored = msgspec.json.decode(msgspec.json.encode(dict(event.payload)))

    assert Event(TYPE, ID, ID, stored) == event


def test_a_handler_cannot_change_an_event_for_the_next_one() -> None:
    payload: dict[str, JsonScalar] = {"plate": "沪A12345"}
    event = Event(TYPE, None, ID, payload)
    payload["plate"] = "other"

    with pytest.raises(TypeError):
        cast(Any, event.payload)["plate"] = "other"
    with pytest.raises(AttributeError):
        event.site_id = ID  # type: ignore[misc]
    assert event.payload == {"plate": "沪A12345"}


def test_ticket_facts_are_recognised_by_their_fields() -> None:
    class Ticket(msgspec.Struct, frozen=True):
        site_id: UUID
        type: str
        category: str
        severity: str
        description: str

    assert isinstance(Ticket(ID, "repair", "lift", "urgent", "stuck"), TicketFacts)
    assert not isinstance(ID, TicketFacts)


async def test_a_job_is_given_the_platform_where_it_names_it() -> None:
    given: list[object] = []

    async def plain(work: object, ctx: object, ids: object) -> None:
        given.append(None)

    async def asking(work: object, ctx: object, ids: object, platform: object) -> None:
        given.append(platform)

    nobody: Any = None
    for handler in (plain, asking):
        await JobSpec("parking.count", handler).run(nobody, nobody, {}, "the platform")

    assert given == [None, "the platform"]
