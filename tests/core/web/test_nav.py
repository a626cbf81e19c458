"""The console's navigation: where people start, and keys that lead to one place each."""

from __future__ import annotations

from collections import Counter

from core.hooks.manager import PluginHost
from core.web import nav
from tests.support.lodge import House
from tests.support.web import Web


def test_a_key_leads_to_one_page(host: PluginHost) -> None:
    entries = (*nav._SITE, *nav._COMPANY, *(entry for plugin in host.plugins for entry in plugin.nav))
    keys = Counter(entry.hotkey for entry in entries if entry.hotkey)
    assert [key for key, times in keys.items() if times > 1] == []


async def test_people_start_with_what_they_do_most(web: Web, desk_house: House) -> None:
    slug = desk_house.sites[0].slug
    starts = {}
    for who in ("clerk", "technician", "admin"):
        console = await web.console(desk_house, who)
        starts[who] = (await console.get(f"/s/{slug}/")).headers["location"]
    assert starts == {
        "clerk": f"/s/{slug}/reception",
        "technician": f"/s/{slug}/tickets",
        "admin": f"/s/{slug}/reception",
    }
