"""The draw: the share is kept, every matter has the same chance, and anybody can draw again (VIS-5)."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from plugins.returnvisits.sampling.draw import commitment, is_drawn, sample

SEEDS = st.binary(min_size=32, max_size=32)
SHARES = st.integers(1, 100)
SUBJECTS = st.lists(st.uuids(), max_size=60, unique=True)


@given(SEEDS, SHARES, SUBJECTS)
def test_the_share_is_kept_within_one_after_every_matter(seed: bytes, percent: int, subjects: list[UUID]) -> None:
    drawn = 0
    for position, answer in enumerate(sample(seed, percent, subjects), 1):
        drawn += answer
        assert abs(drawn * 100 - position * percent) < 100


@given(SEEDS, SHARES, SUBJECTS, st.integers(0, 60))
def test_what_comes_later_changes_nothing_of_what_was_drawn(
    seed: bytes, percent: int, subjects: list[UUID], known: int
) -> None:
    assert sample(seed, percent, subjects)[:known] == sample(seed, percent, subjects[:known])


@given(SEEDS, SUBJECTS)
def test_everything_is_visited_where_the_share_is_everything(seed: bytes, subjects: list[UUID]) -> None:
    assert all(sample(seed, 100, subjects))


def test_every_matter_has_the_same_chance() -> None:
    subjects = [UUID(int=n) for n in range(10)]
    counts = [0] * 10
    for n in range(3000):
        for position, answer in enumerate(sample(sha256(str(n).encode()).digest(), 30, subjects)):
            counts[position] += answer

    assert all(abs(count / 3000 - 0.3) < 0.03 for count in counts), counts


def test_the_seed_is_bound_to_what_was_told_before() -> None:
    assert commitment(bytes(32)) == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
    assert {is_drawn(bytes([n]) * 32, 30, 1, 0, uuid4()) for n in range(64)} == {True, False}
