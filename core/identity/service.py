"""Coming in by a company's identity provider: the way there, and what is made of the answer (authorization code, PKCE).

Nobody is signed in yet, so each step opens a unit of work of its own, and none is open while the provider is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import structlog

from core.auth import guesses, places
from core.auth.permissions import PermissionRegistry
from core.auth.sign_in import Membership, SignIn
from core.db.engine import Database
from core.db.ids import company_id_of
from core.db.uow import UnitOfWork
from core.errors import LodgeError, NotFound, TooMany, Unauthenticated
from core.estate.sealing import Sealer
from core.i18n import msgid
from core.identity import attempts
from core.identity.asking import Asking, Failed
from core.identity.attempts import Attempt, Attempts
from core.identity.discovery import Discovery, Metadata
from core.identity.id_token import Expected, Untrue, key_missing, verified
from core.identity.links import UNVERIFIED, Known, Links, verified_address
from core.identity.model import Client, Identity
from core.identity.providers import Providers
from core.notify.egress import Egress
from core.notify.service import Notices
from core.settings import Settings
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.tenancy.directory import Company
from core.work import Work

log = structlog.get_logger(__name__)
WRONG: Final = 30  # answers that proved nothing, from one address within the window
SLUG: Final = 80  # characters
STALE: Final = msgid("This sign-in was begun in another window, or too long ago. Begin again.")
UNREACHABLE: Final = msgid(
    "{provider} cannot be asked at present: {reason}. Try again in a moment, or sign in with your password."
)
DENIED: Final = msgid("{provider} did not let you in. Begin again, or ask whoever runs it.")
ELSEWHERE: Final = msgid("This answer is of another provider than the one that was asked. Begin again here.")
UNTRUE: Final = msgid(
    "What {provider} answered does not hold ({why}), so you are not signed in. Begin again; if it stays so, tell your "
    "administrator."
)
NOT_YOU: Final = msgid("{provider} let in somebody, but not you: it must be your own account that you try it with.")


class Door(msgspec.Struct, frozen=True):
    """What a company's sign-in page offers besides the password, or in its place."""

    slug: str
    title: str
    only_way: bool


class Came(msgspec.Struct, frozen=True):
    """Who has come in by the provider, and the page they wanted; with `trial` nobody is to be signed in."""

    membership: Membership
    goal: str
    trial: bool = False


class _Tokens(msgspec.Struct):
    """The token endpoint's answer."""

    id_token: str
    access_token: str = ""


class Identities:
    """One for the process. `providers` is how they are set up, `links` whom they know."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        egress: Egress,
        notices: Notices,
        sealer: Sealer,
        permissions: PermissionRegistry,
        sign_in: SignIn,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._sign_in, self._public_url, self._clock = db, sign_in, settings.public_url, clock
        self._asking = Asking(egress)
        self._discovery = Discovery(self._asking, clock)
        self._attempts = Attempts(settings.secret)
        self.providers, self.links = Providers(sealer, permissions, self._asking), Links(notices)

    def back(self, slug: str) -> str:
        """Where the provider sends people back to: one address a company, so that no other provider's answer fits."""
        return f"{self._public_url}/sign-in/{slug}/callback"

    def page(self, slug: str) -> str:
        """The company's sign-in page."""
        return f"{self._public_url}/sign-in/{slug}"

    async def door(self, slug: str) -> Door | None:
        """What the company of that slug offers; None for none, as for a company that there is none of."""
        client = await self._client(slug)
        return Door(slug, client.title, client.only_way) if client is not None and client.active else None

    def trial(self, work: Work, company: Company) -> str:
        """Where the actor begins a trial of what is saved now; '' where they may not."""
        member_id = work.ctx.actor.member_id
        if member_id is None or not self.providers.may(work, company):
            return ""
        return f"/sign-in/{company.slug}/start?trial={self._attempts.trial(company.id, member_id, work.now)}"

    async def begin(self, slug: str, goal: str, trial: str = "") -> tuple[str, str]:
        """Where the browser goes, and what it is to keep meanwhile. A trial goes to a provider that is not in use, too,
        and asks anew what that says of itself. Raises NotFound, Unauthenticated."""
        client = await self._client(slug)
        trial_by = self._attempts.tries(trial, client.company_id, self._clock()) if client and trial else None
        if client is None or not (client.active or trial_by):
            raise NotFound
        if trial_by:
            self._discovery.forget(client.issuer)
        try:
            metadata = await self._discovery.metadata(client.company_id, client.issuer)
        except Failed as failed:
            raise _unreachable(client, failed) from None
        attempt, kept = self._attempts.make(client, goal, self._clock(), trial_by)
        return attempts.request(metadata, client, attempt, self.back(slug)), kept

    def goal(self, kept: str) -> str:
        """The page that was wanted when that was given to the browser."""
        return self._attempts.goal(kept)

    async def end(self, slug: str, answer: Mapping[str, str], kept: str, address: str) -> Came:
        """Who has come back with that answer, to the browser that kept that. Raises Unauthenticated, saying what to do,
        TooMany for an address that only guesses (AU-5)."""
        company_id, state = company_id_of(slug), answer.get("state", "")
        attempt = self._attempts.read(kept, company_id, state, self._clock())
        place = guesses.key("provider from", places.origin(address))
        async with self._db.begin(None) as uow:
            if await guesses.tries(uow, place, self._clock()) >= WRONG:
                raise TooMany(headers={"Retry-After": str(int(guesses.WINDOW.total_seconds()))})
            again = attempt and await guesses.count(uow, guesses.key("state", state), self._clock()) > 1
        client = await self._client(slug)
        if attempt is None or again or client is None or client.version != attempt.version:
            raise Unauthenticated(STALE)
        if not (client.active or attempt.trial_by):
            raise Unauthenticated(STALE)
        try:
            return await self._came(client, attempt, slug, answer)
        except LodgeError:
            async with self._db.begin(None) as uow:
                await guesses.count(uow, place, self._clock())
            raise

    async def _came(self, client: Client, attempt: Attempt, slug: str, answer: Mapping[str, str]) -> Came:
        try:
            metadata = await self._discovery.metadata(client.company_id, client.issuer)
            _is_of(metadata, answer)
            if "code" not in answer:
                log.info("identity provider let nobody in", issuer=client.issuer, error=answer.get("error", "")[:80])
                raise Unauthenticated(DENIED, params={"provider": client.title})
            tokens = await self._tokens(client, metadata, attempt, slug, answer["code"])
            identity = await self._identity(client, metadata, attempt, tokens)
            member_id = await self._member(client, metadata, attempt, identity, tokens)
        except Failed as failed:
            raise _unreachable(client, failed) from None
        except Untrue as untrue:
            log.warning("identity provider's answer does not hold", issuer=client.issuer, why=untrue.why)
            raise Unauthenticated(UNTRUE, params={"provider": client.title, "why": untrue.why}) from None
        trusted = not identity.means.isdisjoint(client.factors)
        membership = await self._sign_in.vouched(
            client.company_id, member_id, "provider_factor" if trusted else "provider"
        )
        return Came(membership, attempt.goal, attempt.trial_by is not None)

    async def _tokens(self, client: Client, metadata: Metadata, attempt: Attempt, slug: str, code: str) -> _Tokens:
        form, headers = attempts.proof_of_client(metadata, client)
        form |= {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back(slug),
            "code_verifier": attempt.verifier,
        }
        return await self._asking.post(client.company_id, metadata.token_endpoint, form, _Tokens, headers)

    async def _identity(self, client: Client, metadata: Metadata, attempt: Attempt, tokens: _Tokens) -> Identity:
        keys = await self._discovery.keys(client.company_id, metadata)
        if key_missing(tokens.id_token, keys):
            keys = await self._discovery.keys(client.company_id, metadata, anew=True)
        expected = Expected(client.issuer, client.client_id, attempt.nonce, metadata.algorithms, tokens.access_token)
        return verified(tokens.id_token, keys, expected, self._clock())

    async def _member(
        self, client: Client, metadata: Metadata, attempt: Attempt, identity: Identity, tokens: _Tokens
    ) -> UUID:
        """Whom it vouches for; linked with them from then on, unless it is a trial."""
        async with self._db.begin(client.company_id, read_only=True) as uow:
            found = await self.links.member(self._work(uow, client, None), identity)
        address = "" if found else await self._address(client, metadata, identity, tokens)
        async with self._db.begin(client.company_id) as uow:
            if found is None:
                found = await self.links.by_address(self._work(uow, client, None), address, client.title)
                if attempt.trial_by is None:
                    await self.links.link(self._work(uow, client, found), found.id, identity, client.title)
            if attempt.trial_by is not None:
                if found.id != attempt.trial_by:
                    raise Unauthenticated(NOT_YOU, params={"provider": client.title})
                await self.providers.tried(self._work(uow, client, found), client)
        return found.id

    async def _address(self, client: Client, metadata: Metadata, identity: Identity, tokens: _Tokens) -> str:
        """The address that the provider has verified, from the ID token or else from what it says when asked."""
        address = verified_address(identity.claims, client.address_claim)
        if not address and metadata.userinfo_endpoint and tokens.access_token:
            url, token = metadata.userinfo_endpoint, tokens.access_token
            said = await self._asking.get(client.company_id, url, dict[str, Any], token)
            if said.get("sub") != identity.subject:  # OpenID Connect Core 5.3.2
                raise Untrue("sub")
            address = verified_address(said, client.address_claim)
        if not address:
            raise Unauthenticated(UNVERIFIED, params={"provider": client.title})
        return address

    async def farewell(self, slug: str) -> str | None:
        """Where one signs out of the provider too (OpenID Connect RP-Initiated Logout 1.0); None for nowhere."""
        client = await self._client(slug)
        if client is None or not client.active:
            return None
        try:
            metadata = await self._discovery.metadata(client.company_id, client.issuer)
        except Failed:
            return None
        if not metadata.end_session_endpoint:
            return None
        query = {"client_id": client.client_id, "post_logout_redirect_uri": self.page(slug)}
        joint = "&" if "?" in metadata.end_session_endpoint else "?"
        return f"{metadata.end_session_endpoint}{joint}{urlencode(query)}"

    async def _client(self, slug: str) -> Client | None:
        if not slug.isascii() or len(slug) > SLUG:
            return None
        company_id = company_id_of(slug)
        async with self._db.begin(company_id, read_only=True) as uow:
            return await self.providers.client(uow, company_id)

    def _work(self, uow: UnitOfWork, client: Client, member: Known | None) -> Work:
        actor = Actor("person", member.id, member.name) if member else SYSTEM
        return Work(uow, TenantContext(client.company_id, frozenset(), actor), self._clock())


def _is_of(metadata: Metadata, answer: Mapping[str, str]) -> None:
    """Raise Unauthenticated for an answer that another provider sent the browser back with (RFC 9207)."""
    said = answer.get("iss")
    if said is None and not metadata.authorization_response_iss_parameter_supported:
        return
    if said != metadata.issuer:
        raise Unauthenticated(ELSEWHERE)


def _unreachable(client: Client, failed: Failed) -> Unauthenticated:
    log.warning("identity provider fails", issuer=client.issuer, reason=str(failed))
    return Unauthenticated(UNREACHABLE, params={"provider": client.title, "reason": str(failed)})
