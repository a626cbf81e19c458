"""SE-1, in every test: what the server logs holds no telephone or ID number of anybody, and no secret."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from tests.support.lodge import PASSWORD, SECRET

# Digits of a uuid or a hash are none: a number stands by itself.
_PERSONAL = re.compile(r"(?<![\w-])(?:1[3-9]\d{9}|\d{17}[\dXx])(?![\w-])")
_SECRETS = (PASSWORD, SECRET.decode(), "BEGIN PRIVATE KEY")
_heard: list[list[str]] = []  # the innermost watch hears


class Leaked(AssertionError):
    """Logs tell what they must not: the test, and the line."""


def told(line: str) -> bool:
    """Whether a line holds a number of somebody's, or a secret."""
    return bool(_PERSONAL.search(line)) or any(secret in line for secret in _SECRETS)


class _Ear(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _note(self.format(record))


@contextmanager
def watched_logs() -> Iterator[None]:
    """While it lasts, whatever structlog prints and the standard library logs is read; ends in Leaked."""
    _heard.append([])
    ear = _Ear()
    plain = structlog.PrintLogger.msg

    def printed(self: structlog.PrintLogger, message: str) -> None:
        _note(message)
        plain(self, message)

    with pytest.MonkeyPatch.context() as patch:
        for name, method in list(vars(structlog.PrintLogger).items()):
            if method is plain:  # each level is another name of it
                patch.setattr(structlog.PrintLogger, name, printed)
        logging.getLogger().addHandler(ear)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(ear)
            leaked = _heard.pop()
    if leaked:
        raise Leaked("\n".join(leaked))


def _note(line: Any) -> None:
    if told(str(line)):
        _heard[-1].append(f"{os.environ.get('PYTEST_CURRENT_TEST', '')}: {line}")
