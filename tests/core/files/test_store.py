"""Contents lie under their digests, each company's apart."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

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
