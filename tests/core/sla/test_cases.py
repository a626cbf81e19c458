"""The worked examples, and what `explain_case` says of cases that are wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from core.sla import explain_case

TEXT = (Path(__file__).parent / "cases.json").read_bytes()
CASES = json.loads(TEXT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_example_comes_out_as_expected(case) -> None:
    assert explain_case(json.dumps(case).encode()) == [{"name": case["name"], "result": case["expect"]}]


def test_a_list_of_cases_is_explained_in_order_as_text_or_decoded() -> None:
    expected = [{"name": case["name"], "result": case["expect"]} for case in CASES]
    assert explain_case(TEXT) == explain_case(TEXT.decode()) == explain_case(CASES) == expected


def test_a_case_needs_no_expectation() -> None:
    case = {key: value for key, value in CASES[0].items() if key != "expect"}
    assert explain_case(case) == [{"name": case["name"], "result": CASES[0]["expect"]}]


def _set(*path_and_value: object):
    def change(case):
        *path, last, value = path_and_value
        for key in path:
            case = case[key]
        case[last] = value

    return change


MALFORMED = {
    "no goals": (lambda case: case.pop("goals"), "missing required field `goals`"),
    "an unknown field": (_set("goal", []), "unknown field `goal`"),
    "an unknown unit": (_set("goals", 0, "unit", "weeks"), r"`\$\.goals\[0\]\.unit`"),
    "an amount of nought": (_set("goals", 0, "amount", 0), r"amount: 0 is not .* `\$\.goals\[0\]`"),
    "an amount beyond all bounds": (_set("goals", 0, "amount", 2**31), r"amount: .* `\$\.goals\[0\]`"),
    "a goal without a name": (_set("goals", 0, "name", ""), r"name: .* `\$\.goals\[0\]`"),
    "a goal twice": (lambda case: case["goals"].append(case["goals"][0]), "goals: 'arrival' is there twice"),
    "an unknown event": (_set("events", 1, "type", "halt"), r"`\$\.events\[1\]\.type`"),
    "a stop of no goal": (_set("events", 1, {"at": "2026-11-21T18:38:00Z", "type": "stop"}), r"goal: .*events\[1\]"),
    "a pause of a goal": (_set("events", 1, "type", "pause"), r"goal: a pause event does not take it.*events\[1\]"),
    "a stop with a restart": (_set("events", 1, "restart", True), r"restart: a stop .*events\[1\]"),
    "a stop of a goal never had": (_set("events", 1, "goal", "lunch"), r"events\[1\] \(stop\): .*'lunch'"),
    "no start": (lambda case: case["events"].pop(0), r"events\[0\] \(stop\): the first event must be the start"),
    "two starts": (
        _set("events", 1, {"at": "2026-11-21T18:38:00Z", "type": "start"}),
        r"events\[1\] \(start\): .*started already",
    ),
    "events out of order": (_set("events", 1, "at", "2026-11-21T18:09:59Z"), r"events\[1\] \(stop\): earlier"),
    "events out of order later than now": (
        lambda case: case["events"].extend(
            {"at": at, "type": "pause"} for at in ("2026-12-02T00:00:00Z", "2026-12-01T00:00:00Z")
        ),
        r"events\[3\] \(pause\): earlier",
    ),
    "a local instant": (_set("now", "2026-11-22T00:00:00+08:00"), "now: .* is not in UTC"),
    "an instant without a zone": (_set("events", 0, "at", "2026-11-21T18:10:00"), r"at: .* time zone.*events\[0\]"),
    "a fraction of a second": (_set("events", 0, "at", "2026-11-21T18:10:00.5Z"), r"events\[0\]\.at: .*whole seconds"),
    "an instant out of reach": (_set("now", "9999-12-31T23:59:59Z"), "now: .* between the years"),
    "no instant": (_set("now", "tomorrow"), r"`\$\.now`"),
    "an unknown time zone": (_set("calendar", "timezone", "Asia/Lodge"), r"timezone: 'Asia/Lodge' .*`\$\.calendar`"),
}


@pytest.mark.parametrize(("spoil", "message"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_case_is_refused_by_name_and_place(spoil, message) -> None:
    case = copy.deepcopy(CASES[0])
    spoil(case)
    with pytest.raises(ValueError, match=rf"case 2 'urgent repair[^']*': .*{message}"):
        explain_case([CASES[1], case])


@pytest.mark.parametrize("text", [b"{", b"", b"\xff", "[1"])
def test_text_that_is_not_json_is_refused(text) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        explain_case(text)


def test_a_case_that_is_no_object_is_refused_by_its_number() -> None:
    with pytest.raises(ValueError, match="case 2: "):
        explain_case([CASES[0], 7])
