"""The JSON API's handlers, by the path they are mounted under below /api/v1."""

from core.web.api import (
    account,
    attachments,
    audit,
    causes,
    estate,
    explanation,
    figures,
    meetings,
    notify,
    notify_endpoints,
    plugins,
    policies,
    repeats,
    simulations,
    teams,
    ticket_content,
    ticket_export,
    ticket_filters,
    ticket_lists,
    tickets,
    tokens,
)

SITE = "/sites/{site_id:str}"
HANDLERS = (
    (
        "/",
        [
            *account.HANDLERS,
            *policies.HANDLERS,
            *simulations.HANDLERS,
            *plugins.HANDLERS,
            *tokens.HANDLERS,
            *audit.HANDLERS,
            *notify.HANDLERS,
            *notify_endpoints.HANDLERS,
        ],
    ),
    (
        SITE,
        [
            *tickets.HANDLERS,
            *ticket_content.HANDLERS,
            *attachments.HANDLERS,
            *explanation.HANDLERS,
            *causes.HANDLERS,
            *teams.HANDLERS,
            *ticket_lists.HANDLERS,
            *ticket_filters.HANDLERS,
            *ticket_export.HANDLERS,
            *meetings.HANDLERS,
            *repeats.HANDLERS,
            *figures.HANDLERS,
            *estate.HANDLERS,
            *policies.HANDLERS,
            *simulations.HANDLERS,
            *plugins.SITE_HANDLERS,
        ],
    ),
)
