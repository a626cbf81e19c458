"""What people sign in with: which login names and passwords are taken."""

from __future__ import annotations

import re
from typing import Final

from core.errors import FieldError

# Chinese names are names, so ideographs beside ASCII's letters, digits, dots and dashes. Kept in small letters.
_LOGIN: Final = re.compile(r"[a-z0-9._\-\u3400-\u4dbf\u4e00-\u9fff]{2,40}")
LONGEST: Final = 200  # characters of a password


def login_of(text: str) -> str:
    """The login name that the text means, as sign-in reads it."""
    return text.strip().lower()


def wrong_login(login: str) -> list[FieldError]:
    """What is wrong with a new login name."""
    if _LOGIN.fullmatch(login):
        return []
    said = "Use 2 to 40 Chinese characters, letters, digits, dots and dashes, without spaces."
    return [FieldError("login", said)]


def wrong_password(password: str, least: int, login: str = "") -> list[FieldError]:
    """What is wrong with a new password; `least` characters are asked for."""
    if not least <= len(password) <= LONGEST:
        said = "Use {least} to {most} characters; a sentence is easy to keep in mind."
        return [FieldError("password", said, {"least": least, "most": LONGEST})]
    if len(set(password)) < 4 or (login and login in password.lower()):
        return [FieldError("password", "Too easy to guess: use another that does not hold the login name.")]
    return []
