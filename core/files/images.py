"""Uploaded pictures made anew from their pixels, in a process of its own under limits: they are hostile until then."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec
import structlog

from core.errors import Invalid
from core.files._protocol import Limits, Reply

__all__ = ["DEFAULT", "Limits", "Picture", "make_anew"]

DEFAULT = Limits()
_ROOT = Path(__file__).resolve().parents[2]
_AT_ONCE = asyncio.Semaphore(2)  # each may take hundreds of megabytes
log = structlog.get_logger(__name__)


class Picture(msgspec.Struct, frozen=True):
    """A picture that holds nothing but pixels, as a file of `kind`, and a small JPEG of it."""

    kind: str
    content: bytes
    thumbnail: bytes


async def make_anew(content: bytes, kind: str, limits: Limits = DEFAULT) -> Picture:
    """The picture without EXIF and whatever else came with it. Raises Invalid if it is too large or not readable."""
    async with _AT_ONCE:
        reply = await asyncio.to_thread(_ask, content, kind, limits)
    if reply.refusal:
        raise _refused(reply.refusal, limits)
    return Picture(reply.kind, reply.content, reply.thumbnail)


def _ask(content: bytes, kind: str, limits: Limits) -> Reply:
    command = (sys.executable, "-P", "-s", "-m", "core.files._imaging", kind, msgspec.json.encode(limits).decode())
    try:
        # A bare environment: what opens uploads has no use for the server's secrets.
        done = subprocess.run(  # noqa: S603 - our own module, no shell, no word of the command from outside
            command,
            input=content,
            capture_output=True,
            timeout=limits.seconds,
            env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Reply(refusal="too_large")
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning("a picture could not be opened within its limits", status=done.returncode, reason=reason)
        return Reply(refusal="too_large" if done.returncode < 0 or "MemoryError" in reason else "damaged")
    return msgspec.msgpack.decode(done.stdout, type=Reply)


def _refused(refusal: str, limits: Limits) -> Invalid:
    if refusal == "too_large":
        return Invalid.field(
            "file",
            "The picture is too large: it may have up to {megapixels} megapixels. Make it smaller.",
            megapixels=limits.pixels // 1_000_000,
        )
    return Invalid.field("file", "The picture cannot be opened: the file is damaged.")
