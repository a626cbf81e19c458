"""A ticket's page with what modules put on it: their pieces under the page's own styles alone, none of the modules'."""

from __future__ import annotations

from typing import Any

from core.hooks.types import Fragment
from tests.browser.samples_complaints import COMPLAINTS_FRAGMENTS
from tests.browser.samples_core import CORE_PAGES
from tests.browser.samples_returnvisits import RETURNVISITS_FRAGMENTS
from tests.browser.samples_sheets import SHEETS_FRAGMENTS


def _pieces(samples: dict[str, tuple[str, dict[str, Any]]], template: str) -> list[Fragment]:
    """The first sample of that template."""
    return [Fragment(template=name, context=context) for name, context in samples.values() if name == template][:1]


_TEMPLATE, _PATH, _CONTEXT = CORE_PAGES["ticket"]
_OUTLETS = {
    "ticket.main": _pieces(COMPLAINTS_FRAGMENTS, "complaints/ticket_case.html"),
    "ticket.side": [
        *_pieces(SHEETS_FRAGMENTS, "repairs/ticket_sheets.html"),
        *_pieces(RETURNVISITS_FRAGMENTS, "returnvisits/ticket_side.html"),
    ],
}
OUTLET_PAGES = {"ticket-of-modules": (_TEMPLATE, _PATH, {**_CONTEXT, "outlets": _OUTLETS})}
