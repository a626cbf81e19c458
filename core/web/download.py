"""Files sent out: to be saved, never to be run or shown as pages of ours, whoever made them (UP-1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from litestar import Response

from core.exchange.report import Table, write
from core.exchange.sheet import MEDIA_TYPE
from core.files.model import Content

# Even opened by itself, such an answer runs no script, loads nothing and is of no origin.
_SANDBOX: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


def report(name: str, tables: Sequence[Table], now: datetime) -> Response[bytes]:
    """Tables as a workbook to be saved, called `name` without its extension."""
    return saved(Content(f"{name}.xlsx", MEDIA_TYPE, write(tables, now)))


def saved(content: Content) -> Response[bytes]:
    """To be saved under its name (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", content.name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(content.name, safe='')}"
    return _answer(content, disposition)


def inline(content: Content) -> Response[bytes]:
    """Part of a page: only for pictures that we have made ourselves."""
    return _answer(content, "inline")


def _answer(content: Content, disposition: str) -> Response[bytes]:
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": _SANDBOX}
    return Response(content.data, media_type=content.media_type, headers=headers)
