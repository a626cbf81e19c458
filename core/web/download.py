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
_READER: Final = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"


def report(name: str, tables: Sequence[Table], now: datetime) -> Response[bytes]:
    """Tables as a workbook to be saved, called `name` without its extension."""
    return saved(Content(f"{name}.xlsx", MEDIA_TYPE, write(tables, now)))


def saved(content: Content) -> Response[bytes]:
    """To be saved under its name (RFC 6266)."""
    return Response(content.data, media_type=content.media_type, headers=saving(content.name))


def inline(content: Content) -> Response[bytes]:
    """Part of a page: only for pictures that we have made ourselves."""
    return Response(content.data, media_type=content.media_type, headers=_headers("inline"))


def shown(content: Content) -> Response[bytes]:
    """A PDF that we have made ourselves, to be read and printed in the browser, whose reader the sandbox would stop."""
    headers = {"Content-Disposition": _named("inline", content.name), "Content-Security-Policy": _READER}
    return Response(content.data, media_type=content.media_type, headers=headers)


def saving(name: str) -> dict[str, str]:
    """The headers of what is to be saved under that name."""
    return _headers(_named("attachment", name))


def _named(disposition: str, name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _headers(disposition: str) -> dict[str, str]:
    return {"Content-Disposition": disposition, "Content-Security-Policy": _SANDBOX}
