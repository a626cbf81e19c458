"""The console's handlers, by the path they are mounted under."""

from core.web.console import (
    agenda,
    attachments,
    audit,
    deliveries,
    door,
    estate,
    explanation,
    figures,
    live,
    meetings,
    notifications,
    palette,
    plugins,
    policies,
    providers,
    repeats,
    rolls,
    rosters,
    teams,
    tickets,
    tokens,
    waiting,
    wall,
    webhooks,
)

SITE = "/s/{site_id:str}"
HANDLERS = (
    ("/", [*door.HANDLERS, *live.HANDLERS, *palette.HANDLERS, *notifications.HANDLERS]),
    (
        "/admin",
        [
            *policies.HANDLERS,
            *plugins.HANDLERS,
            *tokens.HANDLERS,
            *webhooks.HANDLERS,
            *providers.HANDLERS,
            *deliveries.HANDLERS,
            *audit.HANDLERS,
        ],
    ),
    (
        SITE,
        [
            *tickets.HANDLERS,
            *waiting.HANDLERS,
            *attachments.HANDLERS,
            *explanation.HANDLERS,
            *teams.HANDLERS,
            *rosters.HANDLERS,
            *agenda.HANDLERS,
            *repeats.HANDLERS,
            *figures.HANDLERS,
            *wall.HANDLERS,
            *meetings.HANDLERS,
            *estate.HANDLERS,
            *rolls.HANDLERS,
            *policies.HANDLERS,
        ],
    ),
)
