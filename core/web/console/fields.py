"""The fields of a ticket's type as pages show them."""

from __future__ import annotations

from core.hooks.types import TicketType
from core.i18n import msgid
from core.policies.schema import to_json
from core.tickets.fields import shape
from core.tickets.model import Ticket

_WORDS = {True: msgid("Yes"), False: msgid("No")}


def fields_of(kind: TicketType | None, ticket: Ticket) -> list[tuple[str, str]]:
    """What was filled in, with the labels of the type; by its bare name what no type describes any more."""
    known = shape(kind)
    labels = {name: node.about.title or name.replace("_", " ").capitalize() for name, node in known.items()}
    choices = {name: node.about.labels for name, node in known.items()}
    return [(labels.get(name, name), _text(choices.get(name, {}), value)) for name, value in ticket.fields.items()]


def _text(labels: dict[str, str], value: object) -> str:
    if isinstance(value, bool):
        return _WORDS[value]
    return "" if value is None else labels.get(str(value), str(to_json(value)))
