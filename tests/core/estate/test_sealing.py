"""Sealed data opens for whom it was sealed, with the secret it was sealed with, and unaltered."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.estate.sealing import CannotUnseal, Sealer

OLD, NEW = b"the secret of last year, long enough", b"the secret of this year, long enough"
COMPANY, PARTY = uuid4(), uuid4()
NUMBER = b"310101198001010016"


def test_what_is_sealed_opens_and_does_not_show_through() -> None:
    sealed = Sealer(NEW).seal(COMPANY, PARTY, NUMBER)
    assert NUMBER[:6] not in sealed
    assert Sealer(NEW).unseal(COMPANY, PARTY, sealed) == NUMBER


def test_the_same_number_never_looks_the_same() -> None:
    sealer = Sealer(NEW)
    assert sealer.seal(COMPANY, PARTY, NUMBER) != sealer.seal(COMPANY, PARTY, NUMBER)


@pytest.mark.parametrize(("company", "party"), [(COMPANY, uuid4()), (uuid4(), PARTY), (PARTY, COMPANY)])
def test_a_seal_moved_to_another_row_or_company_does_not_open(company: object, party: object) -> None:
    sealer = Sealer(NEW)
    with pytest.raises(CannotUnseal):
        sealer.unseal(company, party, sealer.seal(COMPANY, PARTY, NUMBER))  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_an_altered_seal_does_not_open(place: int) -> None:
    sealed = bytearray(Sealer(NEW).seal(COMPANY, PARTY, NUMBER))
    sealed[place] ^= 1
    with pytest.raises(CannotUnseal):
        Sealer(NEW).unseal(COMPANY, PARTY, bytes(sealed))


@pytest.mark.parametrize("length", [0, 3, 4, 10, 20])
def test_a_cut_seal_does_not_open(length: int) -> None:
    sealed = Sealer(NEW).seal(COMPANY, PARTY, NUMBER)
    with pytest.raises(CannotUnseal):
        Sealer(NEW).unseal(COMPANY, PARTY, sealed[:length])


def test_after_a_rotation_former_seals_open_and_new_ones_need_the_new_secret() -> None:
    former, rotated = Sealer(OLD), Sealer(NEW, OLD)
    assert rotated.unseal(COMPANY, PARTY, former.seal(COMPANY, PARTY, NUMBER)) == NUMBER
    with pytest.raises(CannotUnseal):
        former.unseal(COMPANY, PARTY, rotated.seal(COMPANY, PARTY, NUMBER))
