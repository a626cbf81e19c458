"""Who may be where."""

from core.sdk import NotFound, Site, Work


def enter(work: Work, site: Site) -> None:
    """Raises NotFound for a site that is not whoever asks's."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
