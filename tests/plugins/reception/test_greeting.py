"""What is said on the phone: filled in, per site, by the hour (REC-3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from core.errors import Invalid
from core.settings import ROOT
from core.tenancy.packs.checks import check_pack
from core.tenancy.packs.model import Known
from core.tenancy.packs.read import read_pack
from plugins.reception.policies import GREETING
from tests.plugins.reception.conftest import Desk, Ring
from tests.support.lodge import SettableClock

PACKS = sorted((ROOT / "tenants").glob("*.toml"))


async def script(desk: Desk, clerk: httpx.AsyncClient, call_id: str, site: int = 0) -> list[str]:
    path = f"/api/v1/sites/{desk.house.sites[site].slug}/reception/calls/{call_id}/card"
    return [step["text"] for step in (await clerk.get(path)).json()["script"]]


async def revise(desk: Desk, site: int | None, overrides: dict[str, Any]) -> None:
    async with desk.lodge.work(desk.house, "admin") as work:
        site_id = None if site is None else desk.house.sites[site].id
        await desk.lodge.platform.policies.revise(work, GREETING, site_id, overrides, reason="test", expected=0)


async def test_the_script_is_filled_in_with_site_clerk_caller_and_unit(
    desk: Desk, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    said = await script(desk, clerk, (await ring("a"))["id"])

    staff_no = f"{desk.house.slug}-001"
    clerk_name = desk.house.staff["clerk"].name
    assert said[0].startswith(f"上午好，{desk.site.name}物业服务中心，工号{staff_no}，{clerk_name}为您服务")
    assert said[1].startswith("王丽华您好，您反映的情况（3幢1802）我跟您核对一下")
    assert not any("{{" in text for text in said)


async def test_nothing_is_left_where_the_caller_is_not_known(desk: Desk, clerk: httpx.AsyncClient, ring: Ring) -> None:
    said = await script(desk, clerk, (await ring("a", phone=""))["id"])

    assert said[1].startswith("您好，您反映的情况我跟您核对一下")


@pytest.mark.parametrize(
    ("hour", "words"), [(5, "上午好"), (11, "上午好"), (12, "下午好"), (17, "下午好"), (18, "晚上好"), (4, "晚上好")]
)
def test_the_greeting_goes_by_the_hour(hour: int, words: str) -> None:
    assert GREETING.default.time_of_day(hour) == words


async def test_the_hour_is_the_sites(desk: Desk, clerk: httpx.AsyncClient, ring: Ring, clock: SettableClock) -> None:
    call = await ring("a")
    clock.now = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)  # in UTC it is night

    assert (await script(desk, clerk, call["id"]))[0].startswith("上午好")


async def test_each_site_has_its_own_script(
    desk: Desk, clerk: httpx.AsyncClient, exchange: httpx.AsyncClient, ring: Ring
) -> None:
    await revise(desk, None, {"morning": "早上好"})
    await revise(desk, 1, {"steps": [{"title": "问候", "text": "{{time_of_day}}，{{site}}客服台。"}]})
    here = await ring("a")
    there = await exchange.post(
        f"/api/v1/sites/{desk.house.sites[1].slug}/reception/calls", json={"external_id": "a", "event": "ringing"}
    )

    assert len(await script(desk, clerk, here["id"])) == 4
    assert await script(desk, clerk, there.json()["id"], site=1) == [f"早上好，{desk.house.sites[1].name}客服台。"]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"title": "问候", "text": "您好，{{password}}"}, "steps.0.text"),
        ({"title": "问候", "text": "您好，{{site"}, "steps.0.text"),
        ({"title": "问候", "text": ""}, "steps.0.text"),
        ({"title": "", "text": "您好"}, "steps.0.title"),
    ],
    ids=str,
)
async def test_a_script_that_names_what_nobody_fills_in_is_refused(
    desk: Desk, step: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await revise(desk, 0, {"steps": [step]})

    assert [error.field for error in refused.value.fields] == [field]


def test_the_demo_companies_greet_each_in_their_own_way(desk: Desk) -> None:
    platform = desk.lodge.platform
    known = Known(frozenset(plugin.id for plugin in platform.host.plugins), platform.policies.registry)
    scripts = []
    for file in PACKS:
        pack = read_pack(file).pack
        assert check_pack(pack, known) == []
        for site in pack.sites:
            layers = [layer.get("reception", {}).get("greeting", {}) for layer in (pack.policies, site.policies)]
            scripts.append(str(layers))

    assert len(scripts) == len(set(scripts)) > 1
