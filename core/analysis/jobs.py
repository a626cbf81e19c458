"""Background work of analysis: the agenda fills by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.hooks.types import JobSpec
from core.tenancy.context import TenantContext
from core.work import Work

if TYPE_CHECKING:
    from core.analysis.agenda import Meetings
    from core.tenancy.directory import Directory


def jobs(meetings: Meetings, directory: Directory) -> tuple[JobSpec, ...]:
    """The jobs, bound to the services they need."""

    async def collect_agenda(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Put overdue, important and repeated matters of every site on its agenda (TKT-6, TKT-7)."""
        company = directory.known(ctx.company_id)
        for site in company.sites if company else ():
            await meetings.collect(work, site)

    return (JobSpec("core.collect_agenda", collect_agenda, every=600),)
