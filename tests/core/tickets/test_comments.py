"""Comments are for colleagues alone unless they are written for the reporter too."""

from __future__ import annotations

import pytest

from core.tickets.service import Step
from tests.core.tickets.desk import Desk
from tests.support.web import Web


@pytest.mark.parametrize(("visibility", "shown"), [("internal", False), ("reporter", True)])
async def test_the_timeline_keeps_and_shows_for_whom_a_comment_is(
    visibility: str, shown: bool, web: Web, desk: Desk
) -> None:
    ticket = await desk.create()
    async with desk.work() as work:
        step = Step("the part is ordered", visibility=visibility)  # type: ignore[arg-type]
        await desk.tickets.act(work, desk.site, ticket.id, "comment", step, None)

    detail = await desk.detail(ticket)
    page = await (await web.console(desk.house, "clerk")).get(f"/s/{desk.site.slug}/tickets/{ticket.id}")
    assert detail.timeline[-1].details == {"visibility": visibility}
    assert detail.ticket.answered_at is None, "a comment is no answer (TKT-3)"
    assert ('<li data-tone="care">' in page.text) is shown


async def test_a_comment_is_internal_unless_somebody_says_otherwise(desk: Desk) -> None:
    ticket = await desk.act(await desk.create(), "comment", "careful with the dog")

    assert (await desk.detail(ticket)).timeline[-1].details == {"visibility": "internal"}
