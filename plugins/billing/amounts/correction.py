"""What was billed from wrong facts, computed anew from the right ones (BIL-7)."""

from __future__ import annotations

import msgspec

from plugins.billing.amounts.charge import Charge, charge


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="correction"):
    """Charges from the right facts, and what was billed for each, in fen."""

    charges: tuple[Charge, ...]
    billed_fen: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.charges) != len(self.billed_fen):
            raise ValueError("billed_fen: each of the charges needs one, and no more")


class Corrected(msgspec.Struct, frozen=True):
    """What is still owed for each charge and in all, in fen; below 0 it is a credit."""

    difference_fen: tuple[int, ...]
    total_fen: int


def correct(asked: Correction) -> Corrected:
    """The differences. Raises AmountError as `charge` does, for any of the charges."""
    differences = tuple(
        charge(right).amount_fen - billed for right, billed in zip(asked.charges, asked.billed_fen, strict=True)
    )
    return Corrected(differences, sum(differences))
