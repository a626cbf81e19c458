"""Chat groups (WeCom, DingTalk, Feishu) and text messages: which providers there are, and what each asks for.

Their senders are a library that reaches two hundred services and takes a tenth of a server's memory: it is loaded by
whoever sends the first message (`core.notify.channels.senders`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from core.errors import FieldError, Invalid
from core.notify.egress import Egress
from core.notify.outgoing import Result

Scheme = Literal["wecom", "dingtalk", "feishu", "twilio"]
SCHEMES: Final[tuple[Scheme, ...]] = ("wecom", "dingtalk", "feishu", "twilio")

# What each scheme asks for: the field's form, and whether it may be left out.
FIELDS: Final[Mapping[Scheme, Mapping[str, tuple[re.Pattern[str], bool]]]] = {
    "wecom": {"key": (re.compile(r"[A-Za-z0-9-]{8,80}"), False)},
    "dingtalk": {
        "token": (re.compile(r"[A-Za-z0-9]{16,128}"), False),
        "secret": (re.compile(r"[A-Za-z0-9_-]{8,128}"), True),
    },
    "feishu": {"token": (re.compile(r"[A-Za-z0-9-]{8,80}"), False)},
    "twilio": {
        "account": (re.compile(r"AC[0-9a-f]{32}"), False),
        "token": (re.compile(r"[0-9a-f]{32}"), False),
        "phone": (re.compile(r"\+?[0-9]{5,15}"), False),
    },
}


class Chat(msgspec.Struct, frozen=True):
    """A message through a provider; `to` is a telephone number for text messages."""

    scheme: Scheme
    settings: dict[str, str]
    text: str
    to: str = ""


def check(scheme: Scheme, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, less what the scheme does not have. Raises Invalid naming each field that has not its form."""
    wrong, kept = [], {}
    for name, (form, optional) in FIELDS[scheme].items():
        value = settings.get(name, "").strip()
        if value and form.fullmatch(value):
            kept[name] = value
        elif value or not optional:
            wrong.append(FieldError(f"settings.{name}", "Copy it from the provider's page: letters and digits only."))
    wrong += [
        FieldError(f"settings.{name}", "This provider has no such field.")
        for name in settings
        if name not in FIELDS[scheme]
    ]
    if wrong:
        raise Invalid(fields=wrong)
    return kept


def send(egress: Egress, chat: Chat) -> Result:
    """Send once; blocks. Raises Failed, or Gone where trying again cannot help."""
    from core.notify.channels import senders

    return senders.send(egress, chat, check(chat.scheme, chat.settings))
