"""What a notification says, in the reader's language: numbers and goals, nothing about residents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from core.notify.model import Kind

Say = Callable[..., str]
"""`say(message_id, **params)` in one language."""

TEXTS = {
    "assigned": "Ticket {number} was assigned to you.",
    "offered": "Ticket {number} is offered to you: accept it or say why not.",
    "asked": "Ticket {number}: a question waits for your answer.",
    "breached": "Ticket {number} missed its goal: {goal}.",
    "answer_due": "Ticket {number} is resolved, but its reporter has no answer on record yet.",
    "promised": "Ticket {number}: what was promised to its reporter is overdue.",
    "escalated": "Ticket {number} has come up to you: {goal}, deadline {due_at}.",
    "watched": "Ticket {number}, which you watch, is now: {status}.",
}
_WORDS: Final = {
    "response": "Response",
    "arrival": "Arrival on site",
    "resolution": "Resolution",
    "new": "Waiting for response",
    "accepted": "Accepted",
    "arrived": "On site",
    "paused": "Paused",
    "resolved": "Resolved",
    "closed": "Closed",
}
DIGEST_SUBJECT = "Daily digest of {site} with {n} entries."
SETTINGS_HINT = "You can change what is sent to you under Notifications in Lodge."
CONFIRM_SUBJECT = "Please confirm your e-mail address."
CONFIRM_TEXT = "{company} is to send you news of your work here. Open this link within a day, signed in, and confirm:"
CONFIRM_IGNORE = "If you know nothing of this, ignore the message: nothing else will be sent here."
CONFIRM_SMS = "{company}: your confirmation code is {code}, good for 30 minutes. Tell it to nobody."
TEST = "{company}: this is a test message from Lodge. What you chose to be told arrives here."


def text_of(kind: Kind, params: Mapping[str, str], say: Say) -> str:
    """One line. What a module tells has a text of its own."""
    if kind == "told":
        return say(params["text"])
    filled = {"goal": "", "due_at": "", "status": "", **params}
    for name in ("goal", "status"):
        filled[name] = say(_WORDS[filled[name]]) if filled[name] in _WORDS else filled[name]
    return say(TEXTS[kind], **filled)


def page_of(site: str, ticket_id: UUID | None, params: Mapping[str, str]) -> str:
    """The path where a notification leads: below its site's, unless it is about somebody's own account."""
    page = params["page"] if ticket_id is None else f"tickets/{ticket_id}"
    return page if page.startswith("/") else f"/s/{site}/{page}"
