"""One sign-in on its way through the provider: what the browser keeps meanwhile, and the request it takes there."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from core.auth.signed import Signed
from core.identity.discovery import Metadata
from core.identity.model import Client

GOOD_FOR: Final = timedelta(minutes=10)
TRIAL_FOR: Final = timedelta(hours=1)  # that the page of the settings stands open


class Attempt(msgspec.Struct, frozen=True):
    """Kept by the browser that began it, signed, so that no other can end it (RFC 9700 4.7).

    `state` comes back with the answer, `nonce` with the ID token, `verifier` (RFC 7636) goes with the code. `goal` is
    the page that is wanted; a trial names the member who tries. Good for settings of that `version` until `until`
    (Unix seconds).
    """

    company_id: UUID
    state: str
    nonce: str
    verifier: str
    goal: str
    version: int
    until: int
    trial_by: UUID | None = None


class Trial(msgspec.Struct, frozen=True):
    """Who may try the provider of the company before it is in use, until when (Unix seconds)."""

    company_id: UUID
    member_id: UUID
    until: int


class Attempts:
    """Makes and reads them."""

    def __init__(self, secret: bytes) -> None:
        self._signed = Signed(hmac.digest(secret, b"lodge identity attempts 1", "sha256"), Attempt)
        self._trials = Signed(hmac.digest(secret, b"lodge identity trials 1", "sha256"), Trial)

    def trial(self, company_id: UUID, member_id: UUID, now: datetime) -> str:
        """What lets that member begin a trial, as a part of a URL."""
        return self._trials.make(Trial(company_id, member_id, int((now + TRIAL_FOR).timestamp())))

    def tries(self, text: str, company_id: UUID, now: datetime) -> UUID | None:
        """Who may begin a trial with that at the company; None for nobody."""
        trial = self._trials.read(text)
        if trial is None or trial.company_id != company_id or now.timestamp() >= trial.until:
            return None
        return trial.member_id

    def make(self, client: Client, goal: str, now: datetime, trial_by: UUID | None = None) -> tuple[Attempt, str]:
        """A new one, and what the browser is to keep."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        until = int((now + GOOD_FOR).timestamp())
        attempt = Attempt(client.company_id, state, nonce, verifier, goal, client.version, until, trial_by)
        return attempt, self._signed.make(attempt)

    def read(self, kept: str, company_id: UUID, state: str, now: datetime) -> Attempt | None:
        """The attempt that this browser began and this answer belongs to; None for none that is still good."""
        attempt = self._signed.read(kept)
        if attempt is None or attempt.company_id != company_id or now.timestamp() >= attempt.until:
            return None
        return attempt if hmac.compare_digest(attempt.state.encode(), state.encode()) else None

    def goal(self, kept: str) -> str:
        """The page that is wanted, however old the attempt is."""
        attempt = self._signed.read(kept)
        return attempt.goal if attempt else "/"


def request(metadata: Metadata, client: Client, attempt: Attempt, back: str) -> str:
    """The authorization request (OpenID Connect Core 3.1.2.1), by which the browser goes there."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": back,
        "scope": " ".join(client.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": create_s256_code_challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"


def proof_of_client(metadata: Metadata, client: Client) -> tuple[dict[str, str], dict[str, str]]:
    """What shows the token endpoint who asks (RFC 6749 2.3.1): form fields and headers."""
    if not client.secret:
        return {"client_id": client.client_id}, {}
    ways = metadata.token_endpoint_auth_methods_supported
    if "client_secret_post" in ways and "client_secret_basic" not in ways:
        return {"client_id": client.client_id, "client_secret": client.secret}, {}
    pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
    return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
