"""What passes between the server and the process that opens one picture."""

from __future__ import annotations

import msgspec

MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True):
    """How much a picture may be and cost.

    `pixels` is what a picture must have fewer of, told by its header before anything is decoded (UP-1). `edge` and
    `thumbnail` bound the longer side of what is kept. `memory_bytes` is what the process may grow by.
    """

    pixels: int = 50_000_000
    edge: int = 4096
    thumbnail: int = 320
    memory_bytes: int = 640 * MIB
    cpu_seconds: int = 10
    seconds: float = 20.0


class Reply(msgspec.Struct, frozen=True):
    """The picture made anew, and a small one; or why there is none: `too_large` or `damaged`."""

    kind: str = ""
    content: bytes = b""
    thumbnail: bytes = b""
    refusal: str = ""
