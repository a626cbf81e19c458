"""What staff may do with work orders."""

from core.sdk import AMOUNT, Permission

_LEADS = frozenset({"supervisor", "manager", "admin"})
_DESK = _LEADS | {"clerk", "duty_officer"}
_WORKERS = frozenset({"technician", "engineering"})
_CHARGES = frozenset({AMOUNT})  # nobody charges what they do not see

VIEW = Permission(
    "repairs.order.view", "See work orders", _DESK | _WORKERS | {"steward", "quality", "finance"}, by_area=True
)
HANDLE = Permission(
    "repairs.order.handle",
    "Write down materials, labour and photos",
    _DESK | _WORKERS,
    by_area=True,
    implies=_CHARGES,
)
REWORK = Permission(
    "repairs.order.rework", "Have work done again in a new order", _DESK | {"engineering"}, by_area=True
)
WARRANTY = Permission(
    "repairs.warranty.decide", "Decide on the warranty of an order", _DESK | {"engineering"}, by_area=True
)
TERM = Permission("repairs.term.manage", "Keep handover dates and warranty exceptions", _LEADS | {"engineering"})
VISIT = Permission("repairs.visit.book", "Offer and book visits", _DESK | {"engineering"}, by_area=True)
TRADE = Permission("repairs.trade.manage", "Keep the trades of technicians", _LEADS | {"engineering"})
CHARGE = Permission(
    "repairs.charge.confirm",
    "Record that a resident agrees to a charge",
    _DESK | _WORKERS,
    by_area=True,
    implies=_CHARGES,
)
WAIVE = Permission("repairs.charge.waive", "Waive a charge", _LEADS, by_area=True, implies=_CHARGES, own=True)
PRICE = Permission("repairs.price.manage", "Keep the price list of repairs", _LEADS, implies=_CHARGES, own=True)
FIGURES = Permission(
    "repairs.figures.view", "See the figures of repairs", _LEADS | {"engineering", "quality", "finance"}
)
SHEET_VIEW = Permission(
    "repairs.sheet.view", "See contact sheets to builders", _DESK | {"engineering", "steward", "quality"}
)
SHEET = Permission("repairs.sheet.handle", "Issue contact sheets and chase builders", _DESK | {"engineering"})
CONTRACTOR = Permission("repairs.contractor.manage", "Keep the list of builders", _LEADS | {"engineering"})
MANAGE = Permission("repairs.policy.manage", "Change the rules of repairs", frozenset({"manager", "admin"}), own=True)

ALL = (
    VIEW,
    HANDLE,
    REWORK,
    WARRANTY,
    TERM,
    VISIT,
    TRADE,
    CHARGE,
    WAIVE,
    PRICE,
    FIGURES,
    SHEET_VIEW,
    SHEET,
    CONTRACTOR,
    MANAGE,
)
