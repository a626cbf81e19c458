"""The console's handlers, by the path they are mounted under."""

from core.web.console import door, live, palette, tickets

SITE = "/s/{site_id:str}"
HANDLERS = (("/", [*door.HANDLERS, *live.HANDLERS, *palette.HANDLERS]), (SITE, tickets.HANDLERS))
