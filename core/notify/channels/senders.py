"""Messages through Apprise, fenced in.

Apprise takes URLs of some two hundred schemes, files and this machine among them. None reaches it: a fixed list of
schemes, each with fields of a fixed form, goes to the sender's own class, and whatever that posts leaves through the
guarded egress. What Apprise logs would hold tokens, so it logs nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import apprise
import msgspec
import requests
from apprise.plugins import dingtalk, feishu, twilio, wecombot
from apprise.plugins.base import NotifyBase

from core.notify.channels.provider import Chat
from core.notify.egress import Egress, Refused, Unreachable
from core.notify.outgoing import Failed, Gone, Result

_MODULES = (dingtalk, feishu, twilio, wecombot)
_Sender = Callable[..., NotifyBase]  # their constructors are not typed
_WECOM: _Sender = wecombot.NotifyWeComBot
_DINGTALK: _Sender = dingtalk.NotifyDingTalk
_FEISHU: _Sender = feishu.NotifyFeishu
_TWILIO: _Sender = twilio.NotifyTwilio


def send(egress: Egress, chat: Chat, settings: Mapping[str, str]) -> Result:
    """Send once, with checked settings; blocks. Raises Failed, or Gone where trying again cannot help."""
    _door.open(egress)
    try:
        if not _sender(chat, settings).send(body=chat.text, title=""):
            raise _door.reason()
        return Result(_door.confirm())
    except Refused as refused:
        raise Gone(str(refused)) from None
    except Unreachable as unreachable:
        raise Failed(str(unreachable)) from None
    finally:
        _door.close()


def _sender(chat: Chat, given: Mapping[str, str]) -> NotifyBase:
    asset = apprise.AppriseAsset(secure_logging=True, storage_mode=apprise.PersistentStoreMode.MEMORY)
    match chat.scheme:
        case "wecom":
            return _WECOM(key=given["key"], asset=asset)
        case "dingtalk":
            return _DINGTALK(token=given["token"], secret=given.get("secret"), asset=asset)
        case "feishu":
            return _FEISHU(token=given["token"], asset=asset)
        case "twilio":
            return _TWILIO(
                account_sid=given["account"],
                auth_token=given["token"],
                source=given["phone"],
                targets=[chat.to],
                asset=asset,
            )


class _Answered(msgspec.Struct, frozen=True):
    """What the chat services say inside an answer of status 200; 0 is success."""

    errcode: int = 0
    code: int = 0


class _Door(threading.local):
    """Stands where Apprise's senders have `requests`: their posts leave through the egress of the thread's message."""

    codes = requests.codes
    RequestException = requests.RequestException

    def __init__(self) -> None:
        self._egress: Egress | None = None
        self._status: int | None = None
        self._body = b""

    def open(self, egress: Egress) -> None:
        self._egress, self._status, self._body = egress, None, b""

    def close(self) -> None:
        self._egress = None

    def post(
        self,
        url: str,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> requests.Response:
        """As `requests.post`; redirects, proxies and other addresses are the egress's matter, not the caller's."""
        if self._egress is None:
            raise Refused("nothing is being sent")
        made = requests.Request("POST", url, headers=headers, data=data, params=params, auth=auth).prepare()
        content = made.body.encode() if isinstance(made.body, str) else made.body or b""
        assert isinstance(content, bytes)
        sent = {str(k): str(v) for k, v in made.headers.items() if k.lower() not in ("content-length", "host")}
        answer = self._egress.post(str(made.url), content, sent)
        self._status, self._body = answer.status, answer.body
        response = requests.Response()
        response.status_code, response._content = answer.status, answer.body
        return response

    def reason(self) -> Failed:
        """Why the sender said it had not sent."""
        if self._status is None:
            return Gone("the provider's sender refused the message")
        return Failed("the provider answered with an error", self._status)

    def confirm(self) -> int | None:
        """The status of a success. Raises Failed where the answer's text says otherwise."""
        try:
            answered = msgspec.json.decode(self._body, type=_Answered)
        except msgspec.DecodeError:
            return self._status
        if code := answered.errcode or answered.code:
            raise Failed("the provider refused the message", code)
        return self._status


_door = _Door()
for _module in _MODULES:
    _module.requests = _door  # type: ignore[attr-defined]
# a filter, for a server that configures logging later enables what was disabled
logging.getLogger("apprise").addFilter(lambda record: False)
