"""Contents of files by their digest, each company's apart. The folder below LODGE_HOME is one way to keep them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID, uuid4

from core.errors import Unavailable
from core.i18n import msgid

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ROOM = msgid("There is no room left to keep files. Nothing was saved; tell whoever runs the server.")


class Missing(RuntimeError):
    """A content that a row names is not there: the store was not restored, or somebody removed the file."""


class FileStore(Protocol):
    """Keeps contents for good. What it is given by one process, every other one finds.

    Nothing is ever altered; whoever puts holds the company's shared lock (core.files.repository) until the row that
    names the content is committed, and whoever removes holds it alone.
    """

    async def put(self, company_id: UUID, content: bytes) -> str:
        """Keep the content durably; its digest, under which it is found. Putting it again changes nothing.

        Raises Unavailable where there is no room for it.
        """

    async def read(self, company_id: UUID, digest: str) -> bytes:
        """Raises Missing."""

    async def digests(self, company_id: UUID) -> list[str]:
        """Every content of the company."""

    async def remove(self, company_id: UUID, digests: Iterable[str]) -> None:
        """Remove these contents, and whatever puts that broke off have left."""


def digest_of(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Folder:
    """`<root>/<company>/<first two digits>/<digest>`; what is being written is below `<company>/new`.

    A content appears under its name complete or not at all, and survives a crash once `put` has returned.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, company_id: UUID, content: bytes) -> str:
        try:
            return await asyncio.to_thread(self._put, company_id, content)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise Unavailable(_NO_ROOM) from error

    async def read(self, company_id: UUID, digest: str) -> bytes:
        try:
            return await asyncio.to_thread(self._place(company_id, digest).read_bytes)
        except FileNotFoundError:
            raise Missing(f"{company_id} has no content {digest}") from None

    async def digests(self, company_id: UUID) -> list[str]:
        return await asyncio.to_thread(self._digests, company_id)

    async def remove(self, company_id: UUID, digests: Iterable[str]) -> None:
        await asyncio.to_thread(self._remove, company_id, list(digests))

    def _put(self, company_id: UUID, content: bytes) -> str:
        digest = digest_of(content)
        place = self._place(company_id, digest)
        if not place.exists():
            written = self._new(company_id) / uuid4().hex
            for folder in (written.parent, place.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with written.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                written.replace(place)
            except BaseException:
                written.unlink(missing_ok=True)  # what is left of it would keep the disk full
                raise
        for folder in (place.parent, self._company(company_id), self._root, self._root.parent):
            _sync(folder)
        return digest

    def _digests(self, company_id: UUID) -> list[str]:
        return [file.name for file in self._company(company_id).glob("[0-9a-f][0-9a-f]/*")]

    def _remove(self, company_id: UUID, digests: list[str]) -> None:
        for digest in digests:
            with contextlib.suppress(FileNotFoundError):
                self._place(company_id, digest).unlink()
        shutil.rmtree(self._new(company_id), ignore_errors=True)

    def _company(self, company_id: UUID) -> Path:
        return self._root / str(company_id)

    def _new(self, company_id: UUID) -> Path:
        return self._company(company_id) / "new"

    def _place(self, company_id: UUID, digest: str) -> Path:
        if not (len(digest) == 64 and digest.isalnum() and digest.isascii()):
            raise Missing(f"{digest!r} is no digest")
        return self._company(company_id) / digest[:2] / digest


def _sync(folder: Path) -> None:
    """Make the folder's entries durable: a renamed file survives a crash only together with its name."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
