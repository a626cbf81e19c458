"""How a site's money stands today, on one page that leads to all others."""
