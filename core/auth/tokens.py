"""Tokens: signed access tokens, rotating refresh tokens, API tokens. Only hashes of secrets are stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
import msgspec

from core.errors import Unauthenticated

ACCESS_LIFETIME = timedelta(minutes=10)
_ISSUER, _AUDIENCE, _TYPE = "lodge", "lodge", "at+jwt"
_CLAIMS = {"iss", "aud", "iat", "exp", "jti", "sub", "cid", "sid"}  # all of them and no others
_CACHE_SIZE = 4096
REFRESH = "lodger"  # the prefix of refresh token texts, not a secret
_SKEW = 5  # seconds by which another server's clock may be ahead


class AccessClaims(msgspec.Struct, frozen=True):
    """What an access token says: a membership's session in a company, from `issued` until `expires` (Unix seconds)."""

    company_id: UUID
    membership_id: UUID
    session_id: UUID
    issued: int
    expires: int


class StoredSecret(msgspec.Struct, frozen=True):
    """A token we handed out, taken apart: where to look it up, and the hash that must be there."""

    company_id: UUID
    id: UUID
    hash: bytes


class TokenSigner:
    """Issues and verifies access tokens (RFC 9068 shape, HS256). Verified tokens are remembered until they expire."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, b"access tokens", hashlib.sha256).digest()
        self._csrf_key = hmac.new(secret, b"csrf tokens", hashlib.sha256).digest()
        self._refresh_key = hmac.new(secret, b"refresh tokens", hashlib.sha256).digest()
        self._verified: dict[str, AccessClaims] = {}

    def issue(self, company_id: UUID, membership_id: UUID, session_id: UUID, now: datetime) -> str:
        payload = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + ACCESS_LIFETIME).timestamp()),
            "jti": secrets.token_hex(8),
            "sub": str(membership_id),
            "cid": str(company_id),
            "sid": str(session_id),
        }
        return jwt.encode(payload, self._key, algorithm="HS256", headers={"typ": _TYPE})

    def verify(self, token: str, now: datetime) -> AccessClaims:
        """The claims of a valid token, else Unauthenticated: one answer for every defect."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._decode(token)
            if len(self._verified) >= _CACHE_SIZE:
                self._verified.clear()
            self._verified[token] = claims
        if not claims.issued - _SKEW <= now.timestamp() < claims.expires:
            self._verified.pop(token, None)
            raise Unauthenticated
        return claims

    def _decode(self, token: str) -> AccessClaims:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != _TYPE or set(header) != {"typ", "alg"}:
                raise Unauthenticated
            payload: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                # times are judged by the caller's clock
                options={"verify_exp": False, "verify_iat": False, "strict_aud": True},
            )
            if set(payload) != _CLAIMS or not type(payload["iat"]) is type(payload["exp"]) is int:
                raise Unauthenticated
            if payload["exp"] - payload["iat"] > ACCESS_LIFETIME.total_seconds():
                raise Unauthenticated
            company_id, membership_id, session_id = (UUID(payload[claim]) for claim in ("cid", "sub", "sid"))
            return AccessClaims(company_id, membership_id, session_id, payload["iat"], payload["exp"])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            raise Unauthenticated from None

    def make_refresh(self, company_id: UUID, session_id: UUID) -> tuple[str, bytes]:
        """A new refresh token's text and the hash to store. It is signed, to tell an old one of ours from a guess."""
        text, _ = make_stored(REFRESH, company_id, session_id)
        text = f"{text}.{self._refresh_tag(text)}"
        return text, read_stored(REFRESH, text).hash

    def made_refresh(self, text: str) -> bool:
        """Whether we handed out this refresh token, now or earlier."""
        body, _, tag = text.rpartition(".")
        return hmac.compare_digest(tag.encode(), self._refresh_tag(body).encode())

    def _refresh_tag(self, body: str) -> str:
        return hmac.new(self._refresh_key, body.encode(), hashlib.sha256).hexdigest()

    def csrf(self, session_id: UUID) -> str:
        """The token that unsafe requests of this session must carry; worthless in any other session."""
        return hmac.new(self._csrf_key, session_id.bytes, hashlib.sha256).hexdigest()


def hash_secret(secret: str) -> bytes:
    """Secrets are 256 random bits, so one SHA-256 is enough to store them."""
    return hashlib.sha256(secret.encode()).digest()


def make_stored(prefix: str, company_id: UUID, id: UUID) -> tuple[str, bytes]:
    """A new token text and the hash to store. The text names its company, so that it can be looked up under RLS."""
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    return f"{prefix}_{company_id.hex}_{id.hex}_{secret}", hash_secret(secret)


@lru_cache(_CACHE_SIZE)  # asked with every request of a program
def read_stored(prefix: str, text: str) -> StoredSecret:
    """Take a token text apart; Unauthenticated if it is not of that form."""
    parts = text.split("_", 3)
    if len(parts) != 4 or parts[0] != prefix or not all(len(p) == 32 for p in parts[1:3]):
        raise Unauthenticated
    try:
        return StoredSecret(UUID(parts[1]), UUID(parts[2]), hash_secret(parts[3]))
    except ValueError:
        raise Unauthenticated from None
