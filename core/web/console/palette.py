"""The palette: units, tickets and pages by a few letters, without leaving the keyboard."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from core.auth.principals import Principal
from core.errors import NotFound
from core.platform import Platform
from core.tickets import queue
from core.web.view import View
from core.web.views import PaletteHit
from core.work import Work


@get("/palette", signed_in=True)
async def palette(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    site_key: Annotated[str, QueryParameter(name="site")],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Pages first, then units, then tickets; only what the person may open."""
    here = principal.site(site_key)
    if here is None:
        raise NotFound
    text = q.strip()[:100]
    pages = [PaletteHit(i.label, i.icon, i.href, i.hotkey) for i in view.navigation(here)]
    hits = [h for h in pages if text.lower() in f"{h.label} {view.say(h.label)}".lower()]
    held = principal.permissions_at(here)
    if text and "estate.view" in held:
        units = await platform.estate.suggest_units(work, here, text, limit=6)
        hits += [PaletteHit(u.label, "home", f"/s/{here.slug}/estate?q={u.label}", u.name) for u in units]
    if text and "ticket.view" in held:
        found = await queue.search(work, here, text, limit=6)
        hits += [
            PaletteHit(
                t.description[:60], "clipboard-list", f"/s/{here.slug}/tickets/{t.id}", f"{t.number} · {t.place}"
            )
            for t in found.items
        ]
    return await view.html("palette.html", hits=tuple(hits[:14]), q=text)


HANDLERS = [palette]
