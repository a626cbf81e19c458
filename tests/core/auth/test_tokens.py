"""AU-2: only a token that we issued, for us, of this kind, within its time, is one; everything else is the same 401."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.auth.tokens import ACCESS_LIFETIME, TokenSigner, make_stored, read_stored
from core.db.ids import new_id
from core.errors import Unauthenticated
from tests.support.lodge import NOW

SECRET = b"s" * 32
COMPANY, MEMBERSHIP, SESSION = new_id(), new_id(), new_id()
KEY: bytes = TokenSigner(SECRET)._key

Claims = dict[str, Any]


def good() -> Claims:
    token = TokenSigner(SECRET).issue(COMPANY, MEMBERSHIP, SESSION, NOW)
    claims: Claims = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: Claims, *, key: bytes = KEY, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"typ": "at+jwt", **headers})


def without(name: str) -> str:
    return signed({claim: value for claim, value in good().items() if claim != name})


def changed(**claims: Any) -> str:
    return signed({**good(), **claims})


def by_hand(header: object, payload: object, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def public_key_as_secret() -> str:
    """RS256 announced, but signed with HMAC and what everybody may know."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = by_hand({"alg": "HS256", "typ": "at+jwt"}, good()).rpartition(".")[0]
    signature = hmac.new(pem, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def rs256() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(good(), private, algorithm="RS256", headers={"typ": "at+jwt"})


def altered() -> str:
    head, payload, signature = signed(good()).split(".")
    other = by_hand({}, {**good(), "cid": str(new_id())}).split(".")[1]
    assert other != payload
    return ".".join((head, other, signature))


SECONDS = int(NOW.timestamp())
CORPUS: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "no token": lambda: "hello",
    "dots": lambda: "..",
    "not base64": lambda: "a.b.c",
    "alg none": lambda: by_hand({"alg": "none", "typ": "at+jwt"}, good()),
    "alg None with a signature": lambda: by_hand({"alg": "None", "typ": "at+jwt"}, good(), b"x"),
    "no alg": lambda: by_hand({"typ": "at+jwt"}, good()),
    "no signature": lambda: signed(good()).rpartition(".")[0] + ".",
    "another key": lambda: signed(good(), key=b"k" * 32),
    "an empty key": lambda: by_hand({"alg": "HS256", "typ": "at+jwt"}, good(), b""),
    "RS256": rs256,
    "a public key as the secret": public_key_as_secret,
    "HS384": lambda: signed(good(), key=KEY + KEY, algorithm="HS384"),
    "HS512 with our key": lambda: jwt.encode(good(), KEY + KEY, algorithm="HS512", headers={"typ": "at+jwt"}),
    "altered": altered,
    "typ JWT": lambda: signed(good(), typ="JWT"),
    "typ missing": lambda: signed(good(), typ=None),
    "a kid": lambda: signed(good(), kid="../../dev/null"),
    "a jku": lambda: signed(good(), jku="https://evil.example/keys"),
    "a crit": lambda: signed(good(), crit=["exp"]),
    "a key of its own": lambda: signed(good(), jwk={"kty": "oct", "k": "AAAA"}),
    "an x5u": lambda: signed(good(), x5u="https://evil.example/chain.pem"),
    "alg in lower case": lambda: by_hand({"alg": "hs256", "typ": "at+jwt"}, good(), b"x"),
    "typ in upper case": lambda: signed(good(), typ="AT+JWT"),
    "a header that is a list": lambda: by_hand([], good(), b"x"),
    **{f"without {name}": lambda name=name: without(name) for name in good()},  # type: ignore[misc]
    "another issuer": lambda: changed(iss="else"),
    "another audience": lambda: changed(aud="else"),
    "several audiences": lambda: changed(aud=["lodge", "else"]),
    "not before": lambda: changed(nbf=SECONDS + 60),
    "exp without end": lambda: changed(exp=10**20),
    "exp below nothing": lambda: changed(exp=-1),
    "an unknown claim": lambda: changed(admin=True),
    "expired": lambda: changed(exp=SECONDS),
    "of the future": lambda: changed(iat=SECONDS + 6, exp=SECONDS + 606),
    "exp as text": lambda: changed(exp=str(SECONDS + 600)),
    "exp not a number": lambda: changed(exp=float("nan")),
    "exp infinite": lambda: changed(exp=float("inf")),
    "iat true": lambda: changed(iat=True),
    "a company that is no id": lambda: changed(cid="demo"),
    "a company that is a number": lambda: changed(cid=7),
    "no company": lambda: changed(cid=None),
    "a list for a session": lambda: changed(sid=[]),
    "claims that are a list": lambda: by_hand({"alg": "HS256", "typ": "at+jwt"}, []),
    "enormous": lambda: signed({**good(), "jti": "x" * 100_000})[:-1],
}


@pytest.mark.parametrize("kind", CORPUS)
def test_au_2_a_token_that_is_not_quite_one_is_none(kind: str) -> None:
    signer = TokenSigner(SECRET)
    for _ in range(2):  # nor is it on the second time, when something may be remembered
        with pytest.raises(Unauthenticated):
            signer.verify(CORPUS[kind](), NOW)


def test_a_good_token_says_who_for_whom_and_until_when() -> None:
    signer = TokenSigner(SECRET)
    token = signer.issue(COMPANY, MEMBERSHIP, SESSION, NOW)

    for now in (NOW, NOW + ACCESS_LIFETIME - timedelta(seconds=1), NOW - timedelta(seconds=5)):
        claims = signer.verify(token, now)
        assert (claims.company_id, claims.membership_id, claims.session_id) == (COMPANY, MEMBERSHIP, SESSION)
    with pytest.raises(Unauthenticated):
        signer.verify(token, NOW + ACCESS_LIFETIME)
    assert signed(good()) and signer.verify(signed(good()), NOW).company_id == COMPANY, (
        "the corpus starts from good ones"
    )


def test_tokens_of_another_instance_are_worthless() -> None:
    token = TokenSigner(b"o" * 32).issue(COMPANY, MEMBERSHIP, SESSION, NOW)

    with pytest.raises(Unauthenticated):
        TokenSigner(SECRET).verify(token, NOW)


def test_a_csrf_token_fits_its_session_and_instance_alone() -> None:
    signer = TokenSigner(SECRET)

    tokens = {signer.csrf(SESSION), signer.csrf(new_id()), TokenSigner(b"o" * 32).csrf(SESSION)}

    assert len(tokens) == 3 and signer.csrf(SESSION) in tokens


def test_a_stored_token_is_read_back_as_it_was_made() -> None:
    text, digest = make_stored("lodge", COMPANY, SESSION)

    stored = read_stored("lodge", text)

    assert (stored.company_id, stored.id, stored.hash) == (COMPANY, SESSION, digest)
    assert digest.hex() not in text


@pytest.mark.parametrize(
    "text",
    ["", "lodge", "lodge_", "lodger_" + "0" * 32 + "_" + "0" * 32 + "_x", "lodge_" + "z" * 32 + "_" + "0" * 32 + "_x",
     "lodge_" + "0" * 31 + "_" + "0" * 32 + "_x", f"lodge_{UUID(int=1)}_{UUID(int=2)}_x", "_" * 200],
)  # fmt: skip
def test_a_text_of_another_form_is_no_stored_token(text: str) -> None:
    with pytest.raises(Unauthenticated):
        read_stored("lodge", text)
