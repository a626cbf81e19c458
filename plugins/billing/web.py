"""Every handler of billing: the JSON API and the console's pages."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from plugins.billing.arrears import household as arrears_household
from plugins.billing.arrears import pages as arrears_pages
from plugins.billing.arrears import routes as arrears_routes
from plugins.billing.arrears.damages import pages as damages_pages
from plugins.billing.arrears.damages import routes as damages_routes
from plugins.billing.arrears.dunning import pages as dunning_pages
from plugins.billing.arrears.dunning import routes as dunning_routes
from plugins.billing.arrears.proofs import pages as proofs_pages
from plugins.billing.arrears.proofs import routes as proofs_routes
from plugins.billing.closing import pages as closing_pages
from plugins.billing.closing import routes as closing_routes
from plugins.billing.closing.bank import pages as bank_pages
from plugins.billing.closing.bank import routes as bank_routes
from plugins.billing.closing.days import pages as days_pages
from plugins.billing.closing.days import routes as days_routes
from plugins.billing.collection import book_pages as collection_book_pages
from plugins.billing.collection import entry_pages as collection_entry_pages
from plugins.billing.collection import pages as collection_pages
from plugins.billing.collection import routes as collection_routes
from plugins.billing.corrections import line_pages as correction_lines
from plugins.billing.corrections import pages as corrections_pages
from plugins.billing.corrections import routes as corrections_routes
from plugins.billing.corrections import similar_pages
from plugins.billing.counter import pages as counter_pages
from plugins.billing.counter import prepaid_pages, receipt_pages, refund_pages, register
from plugins.billing.counter import routes as counter_routes
from plugins.billing.dashboard import pages as dashboard_pages
from plugins.billing.dashboard import routes as dashboard_routes
from plugins.billing.disclosure import expense_pages, public
from plugins.billing.disclosure import importing as expenses_importing
from plugins.billing.disclosure import pages as disclosure_pages
from plugins.billing.disclosure import routes as disclosure_routes
from plugins.billing.discounts import pages as discounts_pages
from plugins.billing.discounts import routes as discounts_routes
from plugins.billing.ledger import pages as ledger_pages
from plugins.billing.ledger import routes as ledger_routes
from plugins.billing.meters import importing as meters_importing
from plugins.billing.meters import pages as meters_pages
from plugins.billing.meters import routes as meters_routes
from plugins.billing.offers import counter_pages as offers_counter_pages
from plugins.billing.offers import pages as offers_pages
from plugins.billing.offers import routes as offers_routes
from plugins.billing.payments import notices as payment_notices
from plugins.billing.payments import pages as payment_pages
from plugins.billing.payments import provider_pages
from plugins.billing.payments import routes as payment_routes
from plugins.billing.rents import pages as rents_pages
from plugins.billing.rents import routes as rents_routes
from plugins.billing.reports import pages as reports_pages
from plugins.billing.reports import routes as reports_routes
from plugins.billing.runs import pages as runs_pages
from plugins.billing.runs import routes as runs_routes
from plugins.billing.sharing import pages as sharing_pages
from plugins.billing.sharing import routes as sharing_routes
from plugins.billing.singles import pages as singles_pages
from plugins.billing.singles import routes as singles_routes
from plugins.billing.statements import pages as statements_pages
from plugins.billing.statements import routes as statements_routes
from plugins.billing.tariffs import pages as tariffs_pages
from plugins.billing.tariffs import price_list
from plugins.billing.tariffs import routes as tariffs_routes
from plugins.billing.tariffs.quantities import pages as quantities_pages
from plugins.billing.tariffs.quantities import routes as quantities_routes

API: list[HTTPRouteHandler] = [
    *tariffs_routes.HANDLERS,
    *quantities_routes.HANDLERS,
    *price_list.API,
    *runs_routes.HANDLERS,
    *ledger_routes.HANDLERS,
    *reports_routes.HANDLERS,
    *closing_routes.HANDLERS,
    *days_routes.HANDLERS,
    *bank_routes.HANDLERS,
    *corrections_routes.HANDLERS,
    *statements_routes.HANDLERS,
    *meters_routes.HANDLERS,
    *sharing_routes.HANDLERS,
    *singles_routes.HANDLERS,
    *discounts_routes.HANDLERS,
    *offers_routes.HANDLERS,
    *counter_routes.HANDLERS,
    *prepaid_pages.API,
    *payment_routes.HANDLERS,
    *arrears_routes.HANDLERS,
    *dunning_routes.HANDLERS,
    *proofs_routes.HANDLERS,
    *damages_routes.HANDLERS,
    *rents_routes.HANDLERS,
    *disclosure_routes.HANDLERS,
    *dashboard_routes.HANDLERS,
    *collection_routes.HANDLERS,
]
PAGES: list[HTTPRouteHandler] = [
    *tariffs_pages.HANDLERS,
    *quantities_pages.HANDLERS,
    *price_list.PAGES,
    *runs_pages.HANDLERS,
    *ledger_pages.HANDLERS,
    *reports_pages.HANDLERS,
    *closing_pages.HANDLERS,
    *days_pages.HANDLERS,
    *bank_pages.HANDLERS,
    *corrections_pages.HANDLERS,
    *correction_lines.HANDLERS,
    *similar_pages.HANDLERS,
    *statements_pages.HANDLERS,
    *meters_pages.HANDLERS,
    *meters_importing.HANDLERS,
    *sharing_pages.HANDLERS,
    *singles_pages.HANDLERS,
    *discounts_pages.HANDLERS,
    *offers_pages.HANDLERS,
    *offers_counter_pages.HANDLERS,
    *counter_pages.HANDLERS,
    *register.HANDLERS,
    *receipt_pages.HANDLERS,
    *refund_pages.HANDLERS,
    *prepaid_pages.PAGES,
    *payment_pages.HANDLERS,
    *provider_pages.HANDLERS,
    *payment_notices.HANDLERS,
    *arrears_pages.HANDLERS,
    *arrears_household.HANDLERS,
    *dunning_pages.HANDLERS,
    *proofs_pages.HANDLERS,
    *damages_pages.HANDLERS,
    *rents_pages.HANDLERS,
    *disclosure_pages.HANDLERS,
    *expense_pages.HANDLERS,
    *expenses_importing.HANDLERS,
    *public.HANDLERS,
    *dashboard_pages.HANDLERS,
    *collection_pages.HANDLERS,
    *collection_entry_pages.HANDLERS,
    *collection_book_pages.HANDLERS,
]
