"""Contents lie under their digests, each company's apart."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from uuid import uuid4

import pytest

from core.errors import Unavailable
from core.files.store import Folder, Missing, digest_of

ONE, OTHER = uuid4(), uuid4()


async def test_what_is_put_is_found_by_its_digest_by_that_company_alone(tmp_path: Path) -> None:
    store = Folder(tmp_path / "files")
    digest = await store.put(ONE, b"content")

    assert digest == digest_of(b"content") == await store.put(ONE, b"content")
    assert await store.read(ONE, digest) == b"content"
    assert (await store.digests(ONE), await store.digests(OTHER)) == ([digest], [])
    with pytest.raises(Missing):
        await store.read(OTHER, digest)


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "", "a" * 63, "/" * 64, "a" * 64])
async def test_nothing_else_is_ever_opened(tmp_path: Path, digest: str) -> None:
    with pytest.raises(Missing):
        await Folder(tmp_path).read(ONE, digest)


async def test_removing_takes_these_and_what_was_broken_off(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    kept, gone = await store.put(ONE, b"kept"), await store.put(ONE, b"gone")
    (tmp_path / str(ONE) / "new" / "half").write_bytes(b"ha")

    await store.remove(ONE, [gone, digest_of(b"never there")])

    assert await store.digests(ONE) == [kept]
    assert not (tmp_path / str(ONE) / "new").exists()


async def test_fa_5_without_room_it_says_so_and_keeps_no_half_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(Unavailable):
        patch.setattr(os, "fsync", full)
        await Folder(tmp_path).put(ONE, b"content")

    assert [name for _, _, names in os.walk(tmp_path) for name in names] == []
