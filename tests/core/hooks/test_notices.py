"""A plugin tells colleagues what is about no ticket: at their bell, leading to a page of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.db.ids import new_id
from core.events.delivery import Delivery
from core.hooks.checks import PluginRefused
from core.notify.model import Notice
from core.notify.texts import page_of, text_of
from core.sdk import Event, NoticeSpec
from tests.core.hooks.memory import host_of, manifest_of, plugin_of
from tests.core.hooks.test_manager import answer
from tests.support.lodge import Databases, House, Lodge, SettableClock, lodge_on

LEFT = "parking.car_left.v1"
NOTICE = NoticeSpec(event=LEFT, to="for_id", text="A car has left.", page="cars/{id}", severity="urgent")


@pytest.fixture
async def lodge(
    databases: Databases, clock: SettableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lodge]:
    dsns = await databases.migrated()
    plugin = plugin_of(manifest_of(events=(LEFT,)), register_notices=answer(NOTICE))
    async with lodge_on(dsns, host_of(monkeypatch, plugin), clock, tmp_path) as lodge:
        yield lodge
    await databases.drop(dsns)


async def leave(lodge: Lodge, house: House, *roles: str) -> None:
    async with lodge.work(house, "clerk") as work:
        for_id = ",".join(str(house.staff[role].membership_id) for role in roles)
        work.emit(Event(LEFT, house.sites[0].id, new_id(), {"for_id": for_id}))
    while await Delivery(lodge.platform).run_once():
        pass


async def inbox(lodge: Lodge, house: House, role: str) -> list[Notice]:
    async with lodge.work(house, role, read_only=True) as work:
        found = await lodge.platform.notify.notices.inbox(work)
        assert found.unread == len(found.items) == await lodge.platform.notify.notices.unread(work)
        return found.items


async def test_register_notices_tells_whom_the_event_names_and_leads_to_the_plugins_page(lodge: Lodge) -> None:
    house = await lodge.house()
    await leave(lodge, house, "technician", "guard")

    [notice] = await inbox(lodge, house, "technician")
    said = text_of(notice.kind, notice.params, lambda message, **_: message)
    assert (notice.kind, notice.ticket_id, notice.severity, said) == ("told", None, "urgent", "A car has left.")
    assert page_of("park", notice.ticket_id, notice.params).startswith("/s/park/parking/cars/0")
    assert len(await inbox(lodge, house, "guard")) == 1
    assert await inbox(lodge, house, "clerk") == []


@pytest.mark.parametrize(
    "notice",
    [
        NoticeSpec(event="parking.other.v1", to="for_id", text="A car.", page=""),
        NoticeSpec(event=LEFT, to="for_id", text="A car.", page="", severity="loud"),
    ],
    ids=["an event of another", "a severity there is not"],
)
def test_register_notices_refuses_what_could_not_be_told(monkeypatch: pytest.MonkeyPatch, notice: NoticeSpec) -> None:
    with pytest.raises(PluginRefused):
        host_of(monkeypatch, plugin_of(manifest_of(events=(LEFT,)), register_notices=answer(notice)))
