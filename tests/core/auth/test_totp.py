"""One-time passwords against the vectors of RFC 6238 and RFC 4226."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from core.auth import totp

SECRET = b"12345678901234567890"  # of both appendices


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp.code_of(SECRET, seconds // totp.STEP, digits=8) == code


def test_codes_are_those_of_rfc_4226() -> None:
    expected = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
    assert " ".join(totp.code_of(SECRET, step) for step in range(10)) == expected


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(off: int, fits: bool) -> None:
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    step = int(now.timestamp()) // totp.STEP + off

    assert totp.step_of(SECRET, totp.code_of(SECRET, step), now) == (step if fits else None)


@pytest.mark.parametrize("given", ["123456", " 123 456 ", "１２３４５６", "123-456"])
def test_a_code_is_read_as_it_was_meant(given: str) -> None:
    assert totp.cleaned(given) == "123456"


def test_the_qr_code_says_what_apps_expect() -> None:
    parts = urlsplit(totp.uri(SECRET, "邻里物业", "chenxiao"))

    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/邻里物业:chenxiao")
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["邻里物业"], "digits": ["6"], "period": ["30"],
    }  # fmt: skip


def test_recovery_codes_are_many_different_and_read_back_however_they_are_typed() -> None:
    codes = totp.new_recovery_codes()

    assert len(set(codes)) == totp.RECOVERY_CODES
    assert all(totp.cleaned(code.lower().replace("-", " ")) == totp.cleaned(code) for code in codes)
    assert all(len(totp.cleaned(code)) == 10 for code in codes)
