"""Sessions and sign-ins as the pages of an account show them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.web.views.parts import Word


class SessionRow(msgspec.Struct, frozen=True):
    """Where somebody is signed in; `own`: it is the reader's present session."""

    id: str
    device: str
    network: str
    created_at: datetime
    used_at: datetime
    own: bool


class SignInRow(msgspec.Struct, frozen=True):
    """A sign-in or an attempt at one; `factor` is a message id, '' for the password alone."""

    at: datetime
    outcome: Word
    factor: str
    device: str
    network: str
