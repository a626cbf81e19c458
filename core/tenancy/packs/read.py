"""Reads pack files: TOML into structs, and the decoder's complaints into words that name key and mend."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from core.tenancy.packs.model import Mistake, Pack, PackError, PackFile

T = TypeVar("T")
_COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `\$?\.?(?P<key>.*)`)?", re.DOTALL)
# What msgspec says → the key below the place it names, and what to do.
_MENDS: tuple[tuple[str, str], ...] = (
    (r"Object contains unknown field `(?P<name>.*)`", "there is no such key; take it out"),
    (r"Object missing required field `(?P<name>.*)`", "is missing; fill it in"),
    (r"Expected `array` of length (?P<wanted>.*), got (?P<given>.*)", "give {wanted} of them, not {given}"),
    (r"Expected `(?P<wanted>.*)`, got `(?P<given>.*)`", "give {wanted}, not {given}"),
    (r"Invalid enum value '(?P<given>.*)'", "{given!r} is not one of the words for this key"),
    (r"Invalid RFC3339 encoded date", "give a date like 2026-01-31, without quotes"),
)
_TYPES = {"str": "text", "bool": "true or false", "array": "a list", "object": "a table", "int": "a number"}


def read_pack(path: Path) -> PackFile:
    """The pack in that file. Raises PackError."""
    return PackFile(str(path), fitted(str(path), tables_of(path), Pack))


def tables_of(path: Path) -> dict[str, Any]:
    """What that TOML file says, in whatever shape. Raises PackError."""
    name = str(path)
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise PackError(name, [Mistake("", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise PackError(name, [Mistake("", "is not UTF-8 text; save it as such")]) from None
    except tomllib.TOMLDecodeError as error:
        raise PackError(name, [Mistake("", f"is not TOML: {error}")]) from None


def fitted(name: str, said: object, kind: type[T], key: str = "", *, strict: bool = True) -> T:
    """What the file of that name says at `key`, in its shape. Raises PackError. Not `strict`: numbers may be text."""
    try:
        return msgspec.convert(said, kind, strict=strict)
    except msgspec.ValidationError as error:
        mistake = _mistake(str(error))
        below = mistake.key if mistake.key.startswith("[") or not key else f".{mistake.key}" * bool(mistake.key)
        raise PackError(name, [Mistake(f"{key}{below}", mistake.message)]) from None


def _mistake(complaint: str) -> Mistake:
    """What msgspec says in our words. It stops at the first mistake it finds."""
    said = _COMPLAINT.fullmatch(complaint)
    assert said is not None
    what, key = said["what"], said["key"] or ""
    for pattern, mend in _MENDS:
        found = re.fullmatch(pattern, what)
        if found is not None:
            words = found.groupdict()
            told = {word: _in_words(value) if word in ("wanted", "given") else value for word, value in words.items()}
            return Mistake(".".join(filter(None, (key, words.get("name")))), mend.format(**told))
    return Mistake(key, what)


def _in_words(types: str) -> str:
    return " or ".join(_TYPES.get(name, name) for name in types.split(" | "))
