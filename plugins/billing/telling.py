"""How an amount came about, line by line, from the very steps that it was computed by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from plugins.billing.amounts.charge import Charge, Why, charge, priced
from plugins.billing.amounts.correction import Correction, correct
from plugins.billing.amounts.damages import Damages, accruing, damages
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import Meter, in_tiers, meter, units_used
from plugins.billing.amounts.number import plain
from plugins.billing.amounts.rent import Rent, in_force
from plugins.billing.amounts.rent import as_charge as rent_as_charge
from plugins.billing.amounts.share import Share, SharePart, share
from plugins.billing.amounts.share import part as part_of
from plugins.billing.amounts.single import Single, single
from plugins.billing.amounts.spans import Days, Span, common
from plugins.billing.calculation import Calculation
from plugins.billing.formula.tariff import FormulaVersion, Monthly, Once, as_charge, once
from plugins.billing.granted import Granted, grant


class Step(msgspec.Struct, frozen=True):
    """A line of it: an English text with its values. What pages show of it has a message id in `runs/screens.py`."""

    message: str
    params: dict[str, str]

    def __str__(self) -> str:
        return self.message.format(**self.params)


SPAN = "{first} to {last}: {factors}"
AMOUNT = "amount: {yuan}"
FORMULA = "formula, version {version}: {text}"
USED = "used: {units}"
RENT = "by contract from {day}: {price} a month"
TIER = "{units} × {price}"
PART = "{total} × {weight} of {weights}"
LEFT_OVER = "with a fen that was left over"
OFF = "fixed sum off: {yuan}"
# why a discount counts; those that lines of before say nothing of go by their factor alone
WHY: Final[dict[Why, str]] = {
    "vacancy": "vacant, {first} to {last}: × {factor}",
    "other": "discount, {first} to {last}: × {factor}",
    "prepaid": "free for paying ahead, {first} to {last}: × {factor}",
}


def tell(asked: Calculation) -> Iterator[Step]:
    """The steps, then what they come to; or why they come to nothing."""
    try:
        yield from _steps(asked)
    except AmountError as error:
        yield Step("error {code}: {why}", {"code": error.code, "why": str(error)})


def yuan(fen: int) -> str:
    """An amount for people to read: `-12,345.05`."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def typed(fen: int) -> str:
    """An amount as it stands in a field to be changed: `-12345.05`."""
    return yuan(fen).replace(",", "")


def _steps(asked: Calculation) -> Iterator[Step]:
    match asked:
        case Charge():
            for part in priced(asked):
                factors = [*(plain(number) for number in (part.price, part.quantity, part.factor)), str(part.fraction)]
                yield Step(SPAN, {**_days(part.days), "factors": " × ".join(factors)})
            yield from _why(asked)
            yield _amount(charge(asked).amount_fen)
        case Monthly():
            yield _formula(asked.formula)
            yield from _steps(as_charge(asked))
        case Rent():
            for since in in_force(asked):
                yield Step(RENT, {"day": str(since.first), "price": plain(since.value)})
            yield from _steps(rent_as_charge(asked))
        case Granted():
            yield from _steps(asked.charge)
            reduced = grant(asked)
            yield Step(OFF, {"yuan": yuan(reduced.granted_fen)})
            yield _amount(reduced.amount_fen)
        case Once():
            yield _formula(asked.formula)
            for name, known in asked.inputs.items():
                yield Step("{name}: {value} {unit}", {"name": name, "value": plain(known.value), "unit": known.unit})
            yield _amount(once(asked).amount_fen)
        case Meter():
            used = units_used(asked)
            yield Step(USED, {"units": plain(used)})
            for tier in in_tiers(asked.tiers, used):
                yield Step(TIER, {"units": plain(tier.units), "price": plain(tier.price)})
            yield _amount(meter(asked).amount_fen)
        case Share():
            for id, fen in share(asked).shares.items():
                yield Step("{id}: {yuan}", {"id": id, "yuan": yuan(fen)})
        case SharePart():
            of = {"total": yuan(asked.total_fen), "weight": plain(asked.weight), "weights": plain(asked.weights)}
            yield Step(PART, of)
            if asked.over_fen:
                yield Step(LEFT_OVER, {})
            yield _amount(part_of(asked).amount_fen)
        case Single():
            yield Step(TIER, {"units": plain(asked.times), "price": plain(asked.price)})
            yield _amount(single(asked).amount_fen)
        case Damages():
            for late in accruing(asked):
                factors = [f"{len(late.days)} days", yuan(late.open_fen), plain(asked.daily_rate)]
                yield Step(SPAN, {**_days(late.days), "factors": " × ".join(factors)})
            accrued = damages(asked)
            yield Step("damages: {yuan}", {"yuan": yuan(accrued.damages_fen)})
            yield Step("open: {yuan}", {"yuan": yuan(accrued.open_fen)})
        case Correction():
            corrected = correct(asked)
            for billed, difference in zip(asked.billed_fen, corrected.difference_fen, strict=True):
                each = {"anew": yuan(billed + difference), "billed": yuan(billed), "difference": yuan(difference)}
                yield Step("{anew} - {billed} = {difference}", each)
            yield Step("total: {yuan}", {"yuan": yuan(corrected.total_fen)})


def _why(asked: Charge) -> Iterator[Step]:
    charged = common(asked.period, asked.service)
    for each in asked.discounts:
        days = common(each, Span(charged.first, charged.last)) if charged else None
        if each.why and days is not None:
            yield Step(WHY[each.why], {**_days(days), "factor": plain(each.factor)})


def _days(days: Days) -> dict[str, str]:
    return {"first": str(days.first), "last": str(days.last)}


def _amount(fen: int) -> Step:
    return Step(AMOUNT, {"yuan": yuan(fen)})


def _formula(formula: FormulaVersion) -> Step:
    return Step(FORMULA, {"version": str(formula.version), "text": formula.text})
