"""Providers: a fixed list, fields of a fixed form, and what Apprise sends leaves by the guarded door or not at all."""

from __future__ import annotations

import logging
import logging.config
from typing import get_args

import msgspec
import pytest

from core.errors import Invalid
from core.notify.channels import provider
from core.notify.channels.provider import FIELDS, SCHEMES, Chat, Scheme
from core.notify.egress import Answer, Egress
from core.notify.outgoing import Failed, Gone

SETTINGS: dict[Scheme, dict[str, str]] = {
    "wecom": {"key": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"},
    "dingtalk": {"token": "a1b2" * 16, "secret": "SEC" + "0" * 40},
    "feishu": {"token": "b23f4c5d-1a2b-3c4d"},
    "twilio": {"account": "AC" + "0" * 32, "token": "f" * 32, "phone": "+8613800000000"},
}
HOSTS = {
    "wecom": "https://qyapi.weixin.qq.com/",
    "dingtalk": "https://oapi.dingtalk.com/",
    "feishu": "https://open.feishu.cn/",
    "twilio": "https://api.twilio.com/",
}


class Door(Egress):
    """Keeps what would have left, and answers for the provider."""

    def __init__(self, status: int = 200, body: bytes = b"{}") -> None:
        super().__init__()
        self.sent: list[tuple[str, bytes]] = []
        self._answer = Answer(status, body)

    def post(self, url: str, content: bytes, headers: object) -> Answer:
        self.check(url)
        self.sent.append((url, content))
        return self._answer


def chat(scheme: Scheme) -> Chat:
    return Chat(scheme, SETTINGS[scheme], "工单 GD2611-0007 已超时", "+8613800000001")


def test_every_scheme_is_tried_here() -> None:
    assert set(SETTINGS) == set(FIELDS) == set(SCHEMES) == set(get_args(Scheme))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_message_leaves_through_the_door_to_the_providers_own_host(scheme: Scheme) -> None:
    door = Door(201 if scheme == "twilio" else 200)
    provider.send(door, chat(scheme))
    [(url, content)] = door.sent
    assert url.startswith(HOSTS[scheme])
    assert "GD2611-0007" in content.decode()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_ss_1_where_the_name_leads_inside_nothing_is_sent_and_nothing_tried_again(scheme: Scheme) -> None:
    """SS-1"""
    with pytest.raises(Gone):
        provider.send(Egress(resolver=lambda *_: ["169.254.169.254"]), chat(scheme))


@pytest.mark.parametrize(
    ("scheme", "status", "body"),
    [
        ("wecom", 200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'),
        ("dingtalk", 200, b'{"errcode": 310000}'),
        ("feishu", 200, b'{"code": 19001, "msg": "param invalid"}'),
        ("twilio", 401, b'{"code": 20003}'),
        ("wecom", 302, b""),
    ],
)
def test_a_refusal_is_told_also_where_its_status_says_otherwise(scheme: Scheme, status: int, body: bytes) -> None:
    with pytest.raises(Failed) as failed:
        provider.send(Door(status, body), chat(scheme))
    assert not any(value in str(failed.value) for value in SETTINGS[scheme].values())


@pytest.mark.parametrize(
    ("scheme", "settings"),
    [
        ("wecom", {}),
        ("wecom", {"key": "x"}),
        ("wecom", {"key": "abcdefgh/../../evil"}),
        ("wecom", {"key": "abcdefgh@evil.example.com"}),
        ("wecom", {"key": "abcdefgh", "url": "https://evil.example.com"}),
        ("feishu", {"token": "abcdefgh?x=#"}),
        ("dingtalk", {"token": "a" * 32, "secret": "with space and more"}),
        ("twilio", {"account": "AC" + "0" * 32, "token": "f" * 32}),
    ],
)
def test_a_field_that_has_not_its_form_is_refused(scheme: Scheme, settings: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        provider.check(scheme, settings)
    assert all(fault.field.startswith("settings.") for fault in refused.value.fields)


def test_se_1_what_apprise_would_log_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """SE-1: its lines hold addresses with tokens."""
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})  # as a server does that starts later
    caplog.set_level(logging.DEBUG)
    provider.send(Door(), chat("wecom"))
    assert SETTINGS["wecom"]["key"] not in caplog.text
    assert msgspec.json.encode(caplog.messages).find(b"weixin") == -1
