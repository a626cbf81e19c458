"""The console's handlers, by the path they are mounted under."""

from core.web.console import (
    agenda,
    attachments,
    audit,
    door,
    estate,
    explanation,
    live,
    palette,
    plugins,
    policies,
    repeats,
    rolls,
    rosters,
    teams,
    tickets,
    tokens,
)

SITE = "/s/{site_id:str}"
HANDLERS = (
    ("/", [*door.HANDLERS, *live.HANDLERS, *palette.HANDLERS]),
    ("/admin", [*policies.HANDLERS, *plugins.HANDLERS, *tokens.HANDLERS, *audit.HANDLERS]),
    (
        SITE,
        [
            *tickets.HANDLERS,
            *attachments.HANDLERS,
            *explanation.HANDLERS,
            *teams.HANDLERS,
            *rosters.HANDLERS,
            *agenda.HANDLERS,
            *repeats.HANDLERS,
            *estate.HANDLERS,
            *rolls.HANDLERS,
            *policies.HANDLERS,
        ],
    ),
)
