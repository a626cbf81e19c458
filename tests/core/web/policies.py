"""Reading and changing policies over HTTP, for tests."""

from __future__ import annotations

import re
from html import unescape

import httpx

from tests.support.lodge import House

SLA = "core.sla_targets"
EIGHT_MINUTES = {"amount": 8, "unit": "minutes", "clock": "elapsed"}
QUICKER = {"urgent": {"response": EIGHT_MINUTES}}


def at(house: House, n: int = 0) -> str:
    return f"/api/v1/sites/{house.sites[n].slug}"


async def put(
    client: httpx.AsyncClient,
    path: str,
    overrides: object,
    *,
    seen: int | None = 0,
    reason: str = "summer",
    **more: object,
) -> httpx.Response:
    headers = {} if seen is None else {"if-match": f'"{seen}"'}
    return await client.put(path, json={"overrides": overrides, "reason": reason, **more}, headers=headers)


def form_of(html: str) -> dict[str, str | list[str]]:
    """What a browser would post of the page's form, were nothing changed."""
    form = html[html.index('<form class="split"') :]
    posted: dict[str, list[str]] = {}
    pattern = r"<input[^>]*?>|<select[^>]*?>.*?</select>|<textarea[^>]*?>.*?</textarea>|<template>.*?</template>"
    for tag in re.findall(pattern, form, re.S):
        name = re.search(r'name="([^"]*)"', tag)
        if name is None or tag.startswith("<template>") or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        if tag.startswith("<select"):
            value = re.search(r'value="([^"]*)" selected', tag) or re.search(r'value="([^"]*)"', tag)
        else:
            value = re.search(r">(.*)</textarea>" if tag.startswith("<textarea") else r'value="([^"]*)"', tag, re.S)
        posted.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return {**posted}
