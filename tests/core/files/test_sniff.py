"""What a file is, is told by what is in it (UP-1)."""

from __future__ import annotations

import pytest

from core.files.sniff import sniff
from tests.core.files.samples import AMR, DOCX, JPEG, M4A, MP3, PDF, PNG, TEXT, XLSX, office, picture


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JPEG, "jpeg"),
        (PNG, "png"),
        (picture("WEBP"), "webp"),
        (picture("HEIF"), "heic"),
        (PDF, "pdf"),
        (XLSX, "xlsx"),
        (DOCX, "docx"),
        (MP3, "mp3"),
        (b"\xff\xfb\x90\x64" + bytes(100), "mp3"),
        (M4A, "m4a"),
        (AMR, "amr"),
        (TEXT, "text"),
        ("厨房漏水".encode("gb18030"), "text"),
        ("厨房漏水".encode("utf-16"), "text"),
        (b"\xef\xbb\xbfplain", "text"),
    ],
)
def test_kinds_that_are_taken(content: bytes, kind: str) -> None:
    found = sniff(content)

    assert found is not None
    assert found.name == kind


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b" \n<!DOCTYPE html><script>alert(1)</script>",
        "<html>".encode("utf-16"),
        b"<?xml version='1.0'?><svg/>",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"GIF89a\x01\x00\x01\x00",
        b"text with a NUL \x00",
        b"\x1b[31mterminal\x1b[0m",
        b"PK\x03\x04broken",
        office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
        office("anything.txt"),
        b"\x00\x00\x00\x20ftypisom" + b"hdlrvide",
        b"\x00\x00\x00\x20ftypqt  ",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\xff\xfe\xff",
    ],
)
def test_up_1_kinds_that_are_not_taken(content: bytes) -> None:
    assert sniff(content) is None


def test_an_archive_of_countless_files_is_not_listed() -> None:
    assert sniff(b"PK\x03\x04" + b"PK\x01\x02" * 5001) is None
