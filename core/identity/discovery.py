"""What providers say of themselves: endpoints and algorithms (OpenID Connect Discovery 1.0), and their keys (RFC 7517).

Remembered for minutes, by issuer; keys are asked for again as soon as a token names one that is not known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from core.i18n import msgid
from core.identity.asking import Asking, Failed

PublicKey = RSAKey | ECKey | OKPKey
METADATA_FOR: Final = timedelta(hours=1)
KEYS_FOR: Final = timedelta(minutes=10)
AGAIN: Final = timedelta(seconds=15)  # between two looks for a key that was not there
ISSUERS, KEYS = 500, 50  # that are remembered, and read of one provider
LEAST_RSA: Final = 2048  # bits
# Signatures alone: `none` is no proof, and with HS* whoever knows our secret could sign.
ALGORITHMS: Final = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
)


class Metadata(msgspec.Struct, frozen=True):
    """A provider's description of itself, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> frozenset[str]:
        """Those that ID tokens may be signed with."""
        return ALGORITHMS.intersection(self.id_token_signing_alg_values_supported)


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


class Discovery:
    """One for the process. What it raises is Failed."""

    def __init__(self, asking: Asking, clock: Callable[[], datetime]) -> None:
        self._asking, self._clock = asking, clock
        self._metadata: OrderedDict[str, tuple[datetime, Metadata]] = OrderedDict()
        self._keys: OrderedDict[str, tuple[datetime, list[PublicKey]]] = OrderedDict()

    async def metadata(self, company_id: UUID, issuer: str) -> Metadata:
        """What the issuer says of itself, if it says that it is this issuer."""
        known = self._metadata.get(issuer)
        if known is not None and self._clock() - known[0] < METADATA_FOR:
            return known[1]
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._asking.get(company_id, url, Metadata)
        if found.issuer != issuer:
            raise Failed(msgid("it calls itself by another issuer"))
        if not found.algorithms:
            raise Failed(msgid("it signs with no algorithm that is accepted here"))
        self._asking.check(found.authorization_endpoint)
        if found.end_session_endpoint:
            self._asking.check(found.end_session_endpoint)
        _remember(self._metadata, issuer, (self._clock(), found))
        return found

    async def keys(self, company_id: UUID, metadata: Metadata, *, anew: bool = False) -> list[PublicKey]:
        """The keys that it signs with. `anew`: one is missing among those that are remembered."""
        known = self._keys.get(metadata.jwks_uri)
        if known is not None and self._clock() - known[0] < (AGAIN if anew else KEYS_FOR):
            return known[1]
        found = await self._asking.get(company_id, metadata.jwks_uri, _KeySet)
        keys = [key for data in found.keys[:KEYS] if (key := _public(data)) is not None]
        _remember(self._keys, metadata.jwks_uri, (self._clock(), keys))
        return keys

    def forget(self, issuer: str) -> None:
        """Ask anew next time: somebody has changed what is set."""
        self._metadata.pop(issuer, None)


def _public(data: dict[str, Any]) -> PublicKey | None:
    """A key for signatures, if it is one and long enough."""
    if data.get("use", "sig") != "sig" or data.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    try:
        key = JWKRegistry.import_key({name: value for name, value in data.items() if name != "key_ops"})
    except (JoseError, ValueError, TypeError, KeyError):
        return None  # one that is not understood is not one that anything is checked with
    if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA:
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _remember(kept: OrderedDict[str, Any], key: str, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > ISSUERS:
        kept.popitem(last=False)
