"""Links for people without an account: signed, of one kind each, and not to be guessed at or followed for ever."""

from __future__ import annotations

import pytest

from core.auth.links import USES, WRONG
from core.db.ids import new_id
from core.errors import NotFound, TooMany
from tests.support.lodge import Lodge

HERE = "192.0.2.7"


async def test_a_link_leads_to_what_it_was_made_for(lodge: Lodge) -> None:
    links, company_id, id = lodge.platform.links, new_id(), new_id()

    assert await links.read("visit", links.make("visit", company_id, id), HERE) == (company_id, id)


@pytest.mark.parametrize("change", ["other kind", "altered", "cut", "longer", "no base64", "not ascii", "empty"])
async def test_whatever_else_is_followed_is_not_found(lodge: Lodge, change: str) -> None:
    links = lodge.platform.links
    good = links.make("visit", new_id(), new_id())
    texts = {
        "other kind": links.make("survey", new_id(), new_id()),
        "altered": ("B" if good[0] != "B" else "C") + good[1:],
        "cut": good[:-4],
        "longer": good + "AAAA",
        "no base64": "!" + good[1:],
        "not ascii": "访" + good[1:],
        "empty": "",
    }

    with pytest.raises(NotFound):
        await links.read("visit", texts[change], HERE)


async def test_whoever_tries_many_links_is_held_off_and_others_are_not(lodge: Lodge) -> None:
    links, busy = lodge.platform.links, "192.0.2.9"
    for _ in range(WRONG):
        with pytest.raises(NotFound):
            await links.read("visit", "guess", busy)

    with pytest.raises(TooMany):
        await links.read("visit", "guess", busy)
    with pytest.raises(NotFound):
        await links.read("visit", "guess", "192.0.2.8")


async def test_one_link_is_followed_so_often_and_no_more_for_a_while(lodge: Lodge) -> None:
    links = lodge.platform.links
    good = links.make("visit", new_id(), new_id())
    for _ in range(USES):
        await links.read("visit", good, HERE)

    with pytest.raises(TooMany):
        await links.read("visit", good, HERE)
