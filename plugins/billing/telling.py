"""How an amount came about, line by line, from the very steps that it was computed by."""

from __future__ import annotations

from collections.abc import Iterator

from plugins.billing.amounts.charge import Charge, charge, priced
from plugins.billing.amounts.correction import Correction, correct
from plugins.billing.amounts.damages import Damages, accruing, damages
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import Meter, in_tiers, meter, units_used
from plugins.billing.amounts.number import plain
from plugins.billing.amounts.share import Share, share
from plugins.billing.calculation import Calculation
from plugins.billing.formula.tariff import Monthly, Once, as_charge, once


def tell(asked: Calculation) -> Iterator[str]:
    """The steps, then what they come to; or why they come to nothing."""
    try:
        yield from _steps(asked)
    except AmountError as error:
        yield f"error {error.code}: {error}"


def yuan(fen: int) -> str:
    """An amount for people: `-12.05`."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


def _steps(asked: Calculation) -> Iterator[str]:
    match asked:
        case Charge():
            for part in priced(asked):
                factors = (plain(number) for number in (part.price, part.quantity, part.factor))
                yield f"{part.days.first} to {part.days.last}: {' × '.join(factors)} × {part.fraction}"
            yield f"amount: {yuan(charge(asked).amount_fen)}"
        case Monthly():
            yield f"formula, version {asked.formula.version}: {asked.formula.text}"
            yield from _steps(as_charge(asked))
        case Once():
            yield f"formula, version {asked.formula.version}: {asked.formula.text}"
            yield from (f"{name}: {plain(known.value)} {known.unit}" for name, known in asked.inputs.items())
            yield f"amount: {yuan(once(asked).amount_fen)}"
        case Meter():
            used = units_used(asked)
            yield f"used: {plain(used)}"
            yield from (f"{plain(part.units)} × {plain(part.price)}" for part in in_tiers(asked.tiers, used))
            yield f"amount: {yuan(meter(asked).amount_fen)}"
        case Share():
            yield from (f"{id}: {yuan(fen)}" for id, fen in share(asked).shares.items())
        case Damages():
            for late in accruing(asked):
                days = f"{late.days.first} to {late.days.last}: {len(late.days)} days"
                yield f"{days} × {yuan(late.open_fen)} × {plain(asked.daily_rate)}"
            accrued = damages(asked)
            yield f"damages: {yuan(accrued.damages_fen)}"
            yield f"open: {yuan(accrued.open_fen)}"
        case Correction():
            corrected = correct(asked)
            for billed, difference in zip(asked.billed_fen, corrected.difference_fen, strict=True):
                yield f"{yuan(billed + difference)} - {yuan(billed)} = {yuan(difference)}"
            yield f"total: {yuan(corrected.total_fen)}"
