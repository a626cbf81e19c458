"""The JSON API's handlers, by the path they are mounted under below /api/v1."""

from core.web.api import account, tickets

SITE = "/sites/{site_id:str}"
HANDLERS = (("/", account.HANDLERS), (SITE, tickets.HANDLERS))
