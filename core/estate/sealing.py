"""Seals personal data at rest: AES-256-GCM under keys derived from the instance's secret, bound to whom it is about."""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ID, _NONCE, _KEY = 4, 12, 32  # bytes


class CannotUnseal(RuntimeError):
    """Sealed with a secret that is not known here, moved to another row, or altered."""


class Sealer:
    """Seals with the key of `secret`; opens what that or one of the `former` secrets sealed.

    What is sealed is key id ‖ nonce ‖ ciphertext ‖ tag (NIST SP 800-38D), with the ids of the company and of the row
    as associated data: copied to another row or company it does not open. Keys come from HKDF-SHA-256 (RFC 5869).
    """

    def __init__(self, secret: bytes, *former: bytes) -> None:
        keys = [_derive(s) for s in (secret, *former)]
        self._current = keys[0][0]
        self._keys = dict(reversed(keys))

    @property
    def current(self) -> bytes:
        """What everything that is sealed now begins with."""
        return self._current

    def seal(self, company_id: UUID, row_id: UUID, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self._current].encrypt(nonce, plain, company_id.bytes + row_id.bytes)
        return self._current + nonce + sealed

    def unseal(self, company_id: UUID, row_id: UUID, sealed: bytes) -> bytes:
        """Raises CannotUnseal."""
        key = self._keys.get(sealed[:_ID])
        if key is None:
            raise CannotUnseal("sealed with a secret that this instance does not have")
        nonce, rest = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            return key.decrypt(nonce, rest, company_id.bytes + row_id.bytes)
        except (InvalidTag, ValueError):
            raise CannotUnseal("altered, or sealed for another row") from None


def _derive(secret: bytes) -> tuple[bytes, AESGCM]:
    """A key and the id that names it, neither of which gives away the secret."""
    derived = HKDF(SHA256(), _ID + _KEY, salt=None, info=b"lodge estate sealing 1").derive(secret)
    return derived[:_ID], AESGCM(derived[_ID:])
