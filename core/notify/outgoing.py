"""What a channel answers: sent, failed for now, or hopeless."""

from __future__ import annotations

import msgspec


class Result(msgspec.Struct, frozen=True):
    """Sent. `status` is what the other side answered."""

    status: int | None = None


class Failed(Exception):
    """Not sent; trying again may help. The text is shown in the delivery log and holds neither secret nor address."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(reason)


class Gone(Failed):
    """Not sent, and never will be: the delivery is parked at once."""
