"""Everything that comes to an amount, as one union: what a line of a bill keeps, and what it is computed anew from."""

from __future__ import annotations

from plugins.billing.amounts.charge import Charge, Charged, charge
from plugins.billing.amounts.correction import Corrected, Correction, correct
from plugins.billing.amounts.damages import Accrued, Damages, damages
from plugins.billing.amounts.meter import Meter, Metered, meter
from plugins.billing.amounts.number import read
from plugins.billing.amounts.rent import Rent, as_charge
from plugins.billing.amounts.share import Parted, Share, Shared, SharePart, part, share
from plugins.billing.amounts.single import Single, Singled, single
from plugins.billing.formula.tariff import Amount, Monthly, Once, monthly, once
from plugins.billing.granted import Granted, Reduced, grant

Calculation = Charge | Meter | Share | SharePart | Single | Damages | Correction | Once | Monthly | Rent | Granted


Outcome = Charged | Metered | Shared | Parted | Singled | Accrued | Corrected | Amount | Reduced


def read_calculation(data: object) -> Calculation:
    """What JSON holds. Raises ValueError naming the place that is wrong."""
    calculation: Calculation = read(data, Calculation)
    return calculation


def compute(asked: Calculation) -> Outcome:
    """What it comes to. Raises AmountError where it comes to nothing."""
    match asked:
        case Charge():
            return charge(asked)
        case Meter():
            return meter(asked)
        case Share():
            return share(asked)
        case SharePart():
            return part(asked)
        case Single():
            return single(asked)
        case Damages():
            return damages(asked)
        case Correction():
            return correct(asked)
        case Once():
            return once(asked)
        case Monthly():
            return monthly(asked)
        case Rent():
            return charge(as_charge(asked))
        case Granted():
            return grant(asked)
