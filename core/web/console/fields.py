"""The fields of a ticket's type as pages show them: what was filled in, the form that asks for it, what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from core.errors import FieldError
from core.hooks.types import TicketType
from core.i18n import msgid
from core.policies import inputs
from core.policies.schema import Scalar, to_json
from core.tickets.fields import AMEND, defaults, shape
from core.tickets.model import FieldValue, Ticket, TimelineEntry
from core.web.views import Choice, Field
from core.web.views.parts import FieldKind

_YES_NO = {"true": msgid("Yes"), "false": msgid("No")}
_KINDS: dict[inputs.Kind, FieldKind] = {
    "boolean": "select",
    "date": "date",
    "number": "number",
    "select": "select",
    "textarea": "textarea",
}
_changes = msgspec.json.Decoder(dict[str, tuple[FieldValue, FieldValue]]).decode


def fields_of(kind: TicketType | None, ticket: Ticket) -> list[tuple[str, str]]:
    """What was filled in, with the labels of the type; by its bare name what no type describes any more."""
    known = shape(kind)
    return [(_label(known, name), _text(known, name, value)) for name, value in ticket.fields.items()]


def changed(kind: TicketType | None, entry: TimelineEntry, say: Callable[[str], str]) -> dict[str, str]:
    """What an entry of the timeline keeps of changed fields, in words; nothing for an entry that keeps none."""
    if entry.kind != AMEND:
        return {}
    known = shape(kind)

    def word(name: str, value: FieldValue) -> str:
        text = _text(known, name, value)
        return say(text) if text else "—"

    lines = (
        f"{say(_label(known, name))} {word(name, before)} → {word(name, after)}"
        for name, (before, after) in _changes(entry.details["fields"]).items()
    )
    return {"fields": "；".join(lines)}


def asked(
    kind: TicketType | None, values: Mapping[str, str] = {}, errors: Iterable[FieldError] = ()
) -> tuple[Field, ...]:
    """The form's fields for a type, named by it; `values` are what was posted or is kept, by the fields' names."""
    if kind is None:
        return ()
    wrong = {error.field.removeprefix("fields."): error for error in errors if error.field.startswith("fields.")}
    known = shape(kind)
    return tuple(_field(kind, known, name, values, wrong.get(name)) for name in known)


def filled(kind: TicketType | None, ticket: Ticket) -> dict[str, str]:
    """What the ticket has, as its form shows it."""
    known = shape(kind)
    return {
        named(kind, name): inputs.render(node, name, to_json(ticket.fields[name]))[name][0]
        for name, node in known.items()
        if kind is not None and name in ticket.fields
    }


def posted(kind: TicketType | None, form: Mapping[str, str]) -> dict[str, FieldValue]:
    """What a posted form says of a type's fields; what cannot be read stays text, for the service to name the mend."""
    found: dict[str, FieldValue] = {}
    for name, node in shape(kind).items():
        text = form.get(named(kind, name)) if kind else None
        if text is not None:
            value = inputs.parse(node, name, {name: [text]})
            assert isinstance(value, FieldValue)
            found[name] = value
    return found


def type_in(form: Mapping[str, str]) -> str:
    """The type whose fields were posted; "" for none."""
    return next((key.removeprefix("fields.").rpartition(".")[0] for key in form if key.startswith("fields.")), "")


def named(kind: TicketType, name: str) -> str:
    """What a form calls a field; the fields of several types stand in one form."""
    return f"fields.{kind.id}.{name}"


def bare(key: str) -> str:
    """What the service calls a field of a form: `fields.<name>`; "" for other names."""
    return f"fields.{key.rpartition('.')[2]}" if key.startswith("fields.") else ""


def _field(
    kind: TicketType, known: Mapping[str, Scalar], name: str, values: Mapping[str, str], error: FieldError | None
) -> Field:
    node, key = known[name], named(kind, name)
    about, control, known_defaults = node.about, inputs.kind_of(node), defaults(kind)
    required = name not in known_defaults
    maximum = about.max_length if control in ("text", "textarea") else about.maximum
    options = ("true", "false") if control == "boolean" else inputs.choices(node)
    labels = _YES_NO if control == "boolean" else about.labels
    first = ("",) if required and options and "" not in options else ()  # nothing is chosen unasked
    return Field(
        key,
        _label(known, name),
        _KINDS.get(control, "text"),
        values.get(key, inputs.render(node, name, known_defaults.get(name))[name][0]),
        help=about.help,
        required=required,
        choices=tuple(Choice(option, labels.get(option, option) or "—") for option in (*first, *options)),
        minimum=None if about.minimum is None else int(about.minimum),
        maximum=None if maximum is None else int(maximum),
        unit=about.unit,
        error=error.message if error else "",
        params=error.params if error else {},
    )


def _label(known: Mapping[str, Scalar], name: str) -> str:
    node = known.get(name)
    return name if node is None else node.about.title or name.replace("_", " ").capitalize()


def _text(known: Mapping[str, Scalar], name: str, value: FieldValue) -> str:
    if isinstance(value, bool):
        return _YES_NO["true" if value else "false"]
    labels = known[name].about.labels if name in known else {}
    return "" if value is None else labels.get(str(value), str(to_json(value)))
