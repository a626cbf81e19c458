"""Webhooks after Standard Webhooks: an id that stays, a timestamp, an HMAC over both and the body."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

import msgspec

from core.notify.egress import Egress, Refused, Unreachable
from core.notify.outgoing import Failed, Gone, Result

PREFIX = "whsec_"
_BYTES = 32


class Post(msgspec.Struct, frozen=True):
    """A delivery to a webhook; `secrets` are the bytes behind `whsec_`, of the present and perhaps the former one."""

    id: str
    url: str
    body: bytes
    secrets: tuple[bytes, ...]
    at: datetime


def new_secret() -> tuple[str, bytes]:
    """A secret as its receiver is shown it, and its bytes."""
    raw = secrets.token_bytes(_BYTES)
    return PREFIX + base64.b64encode(raw).decode(), raw


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def send(egress: Egress, post: Post) -> Result:
    """Post once; blocks. Any 2xx is a success. Raises Failed, or Gone for 410 and for addresses that are refused."""
    timestamp = int(post.at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": post.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(each, post.id, timestamp, post.body) for each in post.secrets),
    }
    try:
        answer = egress.post(post.url, post.body, headers)
    except Refused as refused:
        raise Gone(str(refused)) from None
    except Unreachable as unreachable:
        raise Failed(str(unreachable)) from None
    if 200 <= answer.status < 300:
        return Result(answer.status)
    kind = Gone if answer.status == 410 else Failed
    raise kind("the receiver answered with an error", answer.status)
