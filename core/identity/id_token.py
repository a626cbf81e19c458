"""Whether an ID token is what the provider said, to us, just now, of whoever came back (OpenID Connect Core 3.1.3.7).

Pure: what it takes is handed in. The signature is checked by joserfc, the claims by Authlib's and, where those leave
something to the caller, here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jws import JWSRegistry

from core.identity.discovery import PublicKey
from core.identity.model import Identity

LONGEST: Final = 32_768  # characters
SKEW: Final = 60  # seconds by which clocks may differ
FRESH: Final = timedelta(minutes=10)  # it was issued for this very sign-in
SUBJECT: Final = 255  # characters, as the standard has it


class Untrue(Exception):
    """The token proves nothing; `why` names the claim that is wrong, or `shape`, `algorithm`, `key`, `signature`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Expected(msgspec.Struct, frozen=True):
    """What a token has to say to be ours. `access_token` came along with it."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: frozenset[str]
    access_token: str = ""


class _Header(msgspec.Struct):
    alg: str
    kid: str | None = None


def key_missing(token: str, keys: Iterable[PublicKey]) -> bool:
    """Whether it names a key that is not among these: the provider may have a new one. Raises Untrue."""
    header = _header(token)
    return not any(header.kid in (None, key.kid) for key in keys)


def verified(token: str, keys: Iterable[PublicKey], expected: Expected, now: datetime) -> Identity:
    """Who it is about. Raises Untrue."""
    header = _header(token)
    if header.alg not in expected.algorithms:
        raise Untrue("algorithm")
    fitting = [key for key in keys if header.kid in (None, key.kid)]
    if not fitting:
        raise Untrue("key")
    from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # few companies sign in this way

    claims = _signed(token, header, fitting)
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": expected.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": expected.nonce},
    }
    params = {"client_id": expected.client_id, "nonce": expected.nonce, "access_token": expected.access_token}
    seconds = int(now.timestamp())
    try:
        CodeIDToken(claims, {"alg": header.alg}, options, params).validate(now=seconds, leeway=SKEW)
    except ClaimError as error:
        raise Untrue(error.claim) from None
    except (TypeError, ValueError, AttributeError):
        raise Untrue("shape") from None
    if claims["iat"] < seconds - FRESH.total_seconds() - SKEW:
        raise Untrue("iat")
    if len(claims["sub"]) > SUBJECT:
        raise Untrue("sub")
    return Identity(claims["iss"], claims["sub"], frozenset(_means(claims)), claims)


def _signed(token: str, header: _Header, keys: Iterable[PublicKey]) -> dict[str, Any]:
    """The claims, if one of the keys signed them."""
    registry = JWSRegistry(algorithms=[header.alg], strict_check_header=False)
    for key in keys:
        try:
            return jwt.decode(token, key, registry=registry).claims
        except (JoseError, ValueError, TypeError, AttributeError):  # also a key of another kind than the algorithm's
            continue
    raise Untrue("signature")


def _header(token: str) -> _Header:
    if len(token) > LONGEST or token.count(".") != 2:
        raise Untrue("shape")
    part = token.partition(".")[0]
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=_Header)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise Untrue("shape") from None


def _means(claims: dict[str, Any]) -> list[str]:
    """How they came in, as the provider says."""
    said = [*(claims.get("amr") or []), claims.get("acr")]
    return [each for each in said if isinstance(each, str)]
