"""What watches the logs of all tests hears what it is there for (SE-1)."""

from __future__ import annotations

import logging

import pytest
import structlog

from tests.support.leaks import Leaked, told, watched_logs
from tests.support.lodge import PASSWORD


@pytest.mark.parametrize(
    ("line", "leaks"),
    [
        ("call from 13911110001", True),
        ("phone=13911110001,", True),
        ("11010519491231002X", True),
        (f"password={PASSWORD}", True),
        ("company=5dd59f84-3738-5efc-b34c-139111100011", False),
        ("took 13911110001234 ns", False),
        ("sha256 a13911110001b", False),
    ],
)
def test_se_1_a_line_with_a_number_or_a_secret_leaks(line: str, leaks: bool) -> None:
    assert told(line) == leaks


@pytest.mark.parametrize("by", ["structlog", "logging"])
def test_se_1_whoever_logs_a_number_is_heard(by: str) -> None:
    with pytest.raises(Leaked, match="13911110001"), watched_logs():
        if by == "structlog":
            structlog.get_logger("trial").warning("called", phone="13911110001")
        else:
            logging.getLogger("trial").warning("called %s", "13911110001")
