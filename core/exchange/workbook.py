"""Reads uploaded Excel workbooks into plain sheets, in a separate process under limits: uploads are hostile until read
(IN-5)."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec

from core.errors import Invalid, TooLarge
from core.exchange._protocol import Limits, Reply, WireCell

__all__ = ["DEFAULT", "Cell", "Limits", "Merge", "Sheet", "read_workbook", "read_workbook_async"]

Cell = str | float | bool | date | None
"""A cell's value: text as written, numbers as float, dates without time of day; empty and error cells are None."""

DEFAULT = Limits()

TOO_HEAVY = "The workbook takes too much time or memory to read. Copy the cells into a new workbook, or split it."

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


class Merge(msgspec.Struct, frozen=True):
    """A merged range; rows and columns count from 0, bounds included. Only its top left cell holds the value."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(msgspec.Struct, frozen=True):
    """A worksheet. `rows` start at A1, all of the same length; formulas appear as the values Excel last computed."""

    name: str
    visible: bool
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[Merge, ...] = ()


def read_workbook(data: bytes, limits: Limits = DEFAULT) -> tuple[Sheet, ...]:
    """The worksheets of the .xlsx `data`, hidden ones too, in workbook order. Blocks for up to `limits.seconds`.

    Raises `Invalid` when it is not a readable .xlsx, `TooLarge` when it exceeds `limits` (IN-5).
    """
    command = (sys.executable, "-P", "-s", "-m", "core.exchange._reader", msgspec.json.encode(limits).decode())
    try:
        # A bare environment: what parses uploads has no use for the server's secrets.
        done = subprocess.run(  # noqa: S603 - our own module, no shell, no word of the command from outside
            command,
            input=data,
            capture_output=True,
            timeout=limits.seconds,
            env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooLarge(TOO_HEAVY) from None
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        _log.warning("workbook reader ended with %s: %s", done.returncode, reason)
        raise TooLarge(TOO_HEAVY)
    return sheets_of(msgspec.msgpack.decode(done.stdout, type=Reply))


async def read_workbook_async(data: bytes, limits: Limits = DEFAULT) -> tuple[Sheet, ...]:
    """`read_workbook` off the event loop. A cancelled caller leaves it running until its own time limit at most."""
    return await asyncio.to_thread(read_workbook, data, limits)


def sheets_of(reply: Reply) -> tuple[Sheet, ...]:
    """The sheets of the reader's answer, or its refusal as the error to raise."""
    if reply.refusal is not None:
        error = TooLarge if reply.refusal.too_large else Invalid
        raise error(reply.refusal.message, params=reply.refusal.params)
    return tuple(
        Sheet(
            name=sheet.name,
            visible=sheet.visible,
            rows=tuple(tuple(map(_cell, row)) for row in sheet.rows),
            merged=tuple(Merge(*corners) for corners in sheet.merged),
        )
        for sheet in reply.sheets
    )


def _cell(value: WireCell) -> Cell:
    return date.fromordinal(value) if type(value) is int else value
