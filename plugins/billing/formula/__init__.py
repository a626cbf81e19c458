"""A small language for tariffs: exact, with units, bounded, and with errors that name the place."""

from plugins.billing.formula.compile import Formula, compile_formula
from plugins.billing.formula.errors import FormulaError, Place
from plugins.billing.formula.units import PLAIN, YUAN, Unit, unit_of

__all__ = ["PLAIN", "YUAN", "Formula", "FormulaError", "Place", "Unit", "compile_formula", "unit_of"]
