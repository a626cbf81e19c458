"""What a provider has to say and sign before anybody is let in (AU-2, SS-1)."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.core.identity.conftest import Company, refused
from tests.support.lodge import SettableClock
from tests.support.provider import CLIENT, KEYS


def coded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forged(company: Company, asked: dict[str, str], how: str) -> str:
    """An ID token that says what is right, and is signed by nobody who may."""
    claims = {**jwt.decode(company.forger.id_token(asked), KEYS[0]).claims}
    public = KEYS[0].as_pem(private=False)
    head, body, mark = company.forger.id_token(asked).split(".")
    match how:
        case "none":
            return ".".join((coded(b'{"alg":"none"}'), body, ""))
        case "hs":
            signed = coded(b'{"alg":"HS256","kid":"key-0"}') + "." + body
            return f"{signed}.{coded(hmac.digest(public, signed.encode(), 'sha256'))}"
        case "hs-secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"x" * 32), algorithms=["HS256"])
        case "other key":
            return jwt.encode({"alg": "RS256", "kid": "key-0"}, claims, KEYS[1])
        case "unannounced":
            return jwt.encode({"alg": "PS256", "kid": "key-0"}, claims, KEYS[0], algorithms=["PS256"])
        case "own key":
            header = {"alg": "RS256", "jwk": KEYS[1].as_dict(private=False)}
            return jwt.encode(header, claims, KEYS[1])
    return f"{head}.{body}.{mark[:-8]}AAAAAAAA" if how == "altered" else "nonsense"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("none", "algorithm"),
        ("hs", "algorithm"),
        ("hs-secret", "algorithm"),
        ("unannounced", "algorithm"),
        ("other key", "signature"),
        ("own key", "signature"),
        ("altered", "signature"),
        ("nonsense", "shape"),
    ],
)
async def test_au_2_a_token_that_the_provider_did_not_sign_lets_nobody_in(company: Company, how: str, why: str) -> None:
    browser = await company.browser()
    back = company.forger.authorize(await browser.away())
    company.forger.token = forged(company, company.forger.last, how)

    told = await browser.back(back)

    assert told.status_code == 401 and f"does not hold ({why})" in told.text and "tell your administrator" in told.text
    assert await browser.name() is None


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://other.example.com"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another client"}, "aud"),
        ({"aud": [CLIENT, "another client"]}, "azp"),
        ({"azp": "another client"}, "azp"),
        ({"exp": 1}, "exp"),
        ({"exp": None}, "exp"),
        ({"iat": 1}, "iat"),
        ({"iat": 4_000_000_000}, "iat"),
        ({"nbf": 4_000_000_000}, "nbf"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "s" * 256}, "sub"),
        ({"at_hash": "of another access token"}, "at_hash"),
    ],
)
async def test_au_2_a_token_that_is_not_for_this_very_sign_in_lets_nobody_in(
    company: Company, claims: dict[str, Any], why: str
) -> None:
    company.forger.claims |= claims

    await refused(await company.browser(), f"does not hold ({why})")


async def test_keys_change_from_one_sign_in_to_the_next(company: Company, clock: SettableClock) -> None:
    assert (await (await company.browser()).through()).status_code == 303
    company.forger.key, company.forger.published = KEYS[1], [KEYS[1]]
    clock.advance(seconds=20)

    assert (await (await company.browser()).through()).status_code == 303, "asked for the keys again"

    company.forger.key = KEYS[0]
    await refused(await company.browser(), "does not hold (key)")
    assert company.forger.asked.count("/jwks") == 2, "not asked for at each token that names another"


@pytest.mark.parametrize(
    ("said", "told"),
    [({"id_token": None}, "not what was expected"), ({"id_token": 7}, "not what was expected")],
)
async def test_an_answer_of_another_shape_lets_nobody_in(company: Company, said: dict[str, Any], told: str) -> None:
    company.forger.said = said

    await refused(await company.browser(), told)


async def test_a_provider_of_other_description_is_asked_nothing(company: Company, clock: SettableClock) -> None:
    for metadata in (
        {"issuer": "https://other.example.com"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ):
        company.forger.metadata = metadata
        answer = await (await company.browser()).client.get(f"{company.path}/start")
        assert answer.status_code == 401 and "cannot be asked at present" in answer.text, metadata


async def test_ss_1_what_a_provider_names_inside_the_operators_network_is_not_asked(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company.platform.notify.egress, "_allowed", ())

    answer = await (await company.browser()).client.get(f"{company.path}/start")

    assert answer.status_code == 401 and company.forger.asked == []


# -- whose browser, once ----------------------------------------------------------------------------------------------
