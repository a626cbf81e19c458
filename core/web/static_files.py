"""The built browser files, from memory, compressed when they were built. Their names hold a hash: they never change."""

from __future__ import annotations

import gzip
import mimetypes
import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.errors import NotFound
from core.web import compression
from core.web.rendering import HERE, STATIC_URL

_HASHED = re.compile(r"[\w-]+\.[0-9a-f]{12}\.\w+")


class _File(msgspec.Struct, frozen=True):
    content: bytes
    compressed: bool
    media_type: str


def static_files(dist: Path = HERE / "static" / "dist") -> HTTPRouteHandler:
    """The handler for everything that was built. Raises RuntimeError if nothing was."""
    files = {file.name: _read(file) for file in dist.iterdir() if _HASHED.fullmatch(file.name)}

    @get(f"{STATIC_URL}{{name:str}}", public=True, uncounted=True, include_in_schema=False)
    async def static_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        file = files.get(name)
        if file is None:
            raise NotFound
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        content = file.content
        if file.compressed:
            if compression.accepts(request.headers.get("accept-encoding", "")):
                headers["content-encoding"] = "gzip"
            else:  # no browser's case, so it is not kept twice
                content = gzip.decompress(content)
        return Response(content, media_type=file.media_type, headers=headers)

    return static_file


def _read(file: Path) -> _File:
    compressed = file.with_name(f"{file.name}.gz")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    there = compressed.exists()
    return _File((compressed if there else file).read_bytes(), there, kind)
