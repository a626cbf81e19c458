"""`core.sign_in`: what a company asks of its people who sign in, and how long they stay so."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from core.policies.spec import PolicySpec

Whom = Literal["nobody", "admins", "everyone"]
_WHOM: Final = {
    "nobody": "Nobody; who wants to may",
    "admins": "Those who may change policies",
    "everyone": "Everyone",
}
MOST_ATTEMPTS: Final = 10  # in SHORTEST_LOCK, whatever a company says (AU-5)
SHORTEST_LOCK: Final = 15  # minutes
LONGEST_SESSION: Final = 30  # days


class SignInRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same at all sites of a company. Where somebody works for several, the strictest counts for the password."""

    second_factor: Annotated[
        Whom,
        msgspec.Meta(
            title="Second factor required",
            description="Who lacks it sets it up at the next sign-in and can do nothing else before. To ask for it "
            "from a day on, save this with that day.",
            extra={"labels": _WHOM},
        ),
    ] = "nobody"
    session_days: Annotated[
        int,
        msgspec.Meta(
            title="Session at most",
            description="After that one signs in again, however busy the session is.",
            ge=1,
            le=LONGEST_SESSION,
            extra={"unit": "days"},
        ),
    ] = 14
    idle_hours: Annotated[
        int,
        msgspec.Meta(
            title="Session ends unused after",
            description="A computer that nobody works at is signed out.",
            ge=1,
            le=LONGEST_SESSION * 24,
            extra={"unit": "hours"},
        ),
    ] = 72
    attempts: Annotated[
        int,
        msgspec.Meta(
            title="Wrong attempts at most",
            description="So many wrong passwords or codes lock an account for a while.",
            ge=3,
            le=MOST_ATTEMPTS,
        ),
    ] = MOST_ATTEMPTS
    lock_minutes: Annotated[
        int,
        msgspec.Meta(
            title="Locked for",
            description="Counted from the first of these attempts. An administrator can lift it.",
            ge=SHORTEST_LOCK,
            le=24 * 60,
            extra={"unit": "minutes"},
        ),
    ] = SHORTEST_LOCK
    password_length: Annotated[
        int,
        msgspec.Meta(
            title="Password at least",
            description="Long ones are safe, strange ones are forgotten. Asked for when a password is set.",
            ge=8,
            le=64,
            extra={"unit": "characters"},
        ),
    ] = 10
    history_days: Annotated[
        int,
        msgspec.Meta(
            title="Sign-ins are kept for",
            description="Half a year is the least that the Cybersecurity Law asks for.",
            ge=184,
            le=1096,
            extra={"unit": "days"},
        ),
    ] = 184


SIGN_IN = PolicySpec(
    name="core.sign_in",
    struct=SignInRules,
    default=SignInRules(),
    title="Signing in",
    help="Second factor, sessions, wrong attempts and passwords, for everybody who works for the company.",
    permission="policy.manage",
    company_only=True,
)
