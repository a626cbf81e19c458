"""One cost over many who share it, by area, equally or by coefficients; the parts are the whole, to the fen."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from plugins.billing.amounts.errors import AmountError


class Weight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who shares, and how much for: m², 1, a coefficient; 0 has no share."""

    id: str
    weight: Fraction

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ValueError("a weight is no less than 0")


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="share"):
    """A cost in fen, or if it is below 0 something given back, over everybody once."""

    total_fen: int
    weights: tuple[Weight, ...]

    def __post_init__(self) -> None:
        if len({weight.id for weight in self.weights}) < len(self.weights):
            raise ValueError("weights: an id is there twice")


class Shared(msgspec.Struct, frozen=True):
    """What everybody owes in fen; it adds up to the total."""

    shares: dict[str, int]


def share(asked: Share) -> Shared:
    """The shares rounded down, and a fen more for the largest remainders. Raises AmountError `no_weights`."""
    total = abs(asked.total_fen)
    sum_of_weights = sum((weight.weight for weight in asked.weights), Fraction(0))
    if not sum_of_weights:
        raise AmountError("no_weights")
    shares: dict[str, int] = {}
    remainders: list[tuple[Fraction, str]] = []
    for weight in asked.weights:
        shares[weight.id], remainder = divmod(total * weight.weight / sum_of_weights, 1)
        remainders.append((-remainder, weight.id))
    # The fen left over are what the remainders add up to: fewer than there are remainders above 0.
    for _, id in sorted(remainders)[: total - sum(shares.values())]:
        shares[id] += 1
    return Shared(shares if asked.total_fen >= 0 else {id: -fen for id, fen in shares.items()})
