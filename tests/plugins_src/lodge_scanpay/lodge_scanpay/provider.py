"""Asks the service for codes, and believes what it tells once the signature holds."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec

from core.sdk import (
    PaymentDoor,
    PaymentFailed,
    PaymentNotice,
    PaymentOrder,
    PaymentProvider,
    PaymentState,
    PaymentUntrue,
    msgid,
)

SIGNATURE = "x-scanpay-signature"
T = TypeVar("T")


class Settings(msgspec.Struct, frozen=True):
    """What the service has given the company."""

    address: Annotated[str, msgspec.Meta(title="Address of the service", max_length=200)]
    merchant: Annotated[str, msgspec.Meta(title="Merchant number", description="As on the contract.", max_length=32)]
    key: Annotated[str, msgspec.Meta(title="Key", min_length=16, extra={"secret": True})]


class _Made(msgspec.Struct):
    code: str


class _Standing(msgspec.Struct):
    status: Literal["waiting", "paid", "closed", "unknown"]
    amount: int = 0
    reference: str = ""


class _Told(msgspec.Struct):
    number: str
    amount: int
    reference: str


class _Nothing(msgspec.Struct):
    pass


class ScanPay(PaymentProvider):
    id = "scanpay.code"
    title = msgid("Scan and pay")
    settings = Settings
    thanks = ("application/json", b'{"taken":true}')

    async def order(self, door: PaymentDoor, settings: Settings, order: PaymentOrder) -> str:
        asked = {
            "number": order.number,
            "amount": order.amount_fen,
            "text": order.description,
            "until": order.expires_at.isoformat(),
            "notify": order.notify_url,
        }
        return (await _ask(door, settings, "orders", asked, _Made)).code

    async def query(self, door: PaymentDoor, settings: Settings, number: str) -> PaymentState:
        found = await _ask(door, settings, "query", {"number": number}, _Standing)
        return PaymentState(found.status, found.amount, found.reference)

    async def close(self, door: PaymentDoor, settings: Settings, number: str) -> None:
        await _ask(door, settings, "close", {"number": number}, _Nothing)

    def read(self, settings: Settings, headers: Mapping[str, str], body: bytes) -> PaymentNotice:
        if not hmac.compare_digest(headers.get(SIGNATURE, "").encode(), signed(settings.key, body).encode()):
            raise PaymentUntrue
        try:
            told = msgspec.json.decode(body, type=_Told)
        except msgspec.DecodeError:
            raise PaymentUntrue from None
        return PaymentNotice(told.number, told.amount, told.reference)


def signed(key: str, body: bytes) -> str:
    """What proves that a body comes from whoever has the key."""
    return hmac.digest(key.encode(), body, "sha256").hex()


async def _ask(door: PaymentDoor, settings: Settings, what: str, asked: Mapping[str, object], shape: type[T]) -> T:
    body = msgspec.json.encode({"merchant": settings.merchant, **asked})
    headers = {"Content-Type": "application/json", SIGNATURE: signed(settings.key, body)}
    answer = await door.post(f"{settings.address}/{what}", body, headers)
    if answer.status != 200:
        raise PaymentFailed(f"HTTP {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except msgspec.DecodeError:
        raise PaymentFailed(msgid("its answer is not what was expected")) from None
