"""One cost over many who share it, by area, equally or by coefficients; the parts are the whole, to the fen."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

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


class SharePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="share_part"):
    """What one of those who share owes: of a cost in fen, by a weight of all weights; `over_fen` is 1 where a fen that
    was left over went there."""

    total_fen: int
    weight: Fraction
    weights: Fraction
    over_fen: Annotated[int, msgspec.Meta(ge=0, le=1)]

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= self.weights:
            raise ValueError("a weight is no less than 0, and no more than all of them")


class Parted(msgspec.Struct, frozen=True):
    """What one owes in fen."""

    amount_fen: int


def part(asked: SharePart) -> Parted:
    """One of the shares that `share` gives. Raises AmountError `no_weights`."""
    if not asked.weights:
        raise AmountError("no_weights")
    owed = abs(asked.total_fen) * asked.weight // asked.weights + asked.over_fen
    return Parted(owed if asked.total_fen >= 0 else -owed)


def parts(asked: Share) -> dict[str, SharePart]:
    """What each of the shares of a cost is computed from by itself. Raises as `share`."""
    found, weights = share(asked).shares, sum((each.weight for each in asked.weights), Fraction(0))

    def of(each: Weight) -> SharePart:
        bare = SharePart(asked.total_fen, each.weight, weights, 0)
        return msgspec.structs.replace(bare, over_fen=abs(found[each.id]) - abs(part(bare).amount_fen))

    return {each.id: of(each) for each in asked.weights}


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
