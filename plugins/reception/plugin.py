"""The manifest of the front desk, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Chapter,
    Fragment,
    JobSpec,
    KeptFor,
    KeyedTable,
    Manifest,
    NavEntry,
    NoticeSpec,
    Permission,
    PolicySpec,
    StoryStep,
    Ticket,
    Work,
    hookimpl,
)
from plugins.reception import (
    call_pages,
    events,
    jobs,
    keeping,
    opinions,
    outlets,
    pages,
    permissions,
    policies,
    routes,
    story,
    tables,
)
from plugins.reception.handover import model as handover_model
from plugins.reception.handover import pages as handover_pages
from plugins.reception.handover import routes as handover_routes
from plugins.reception.identity import policy as identity_policy
from plugins.reception.letters import box_pages as letters_box_pages
from plugins.reception.letters import pages as letters_pages
from plugins.reception.letters import policy as letters_policy
from plugins.reception.letters import routes as letters_routes
from plugins.reception.letters import tables as letters_tables
from plugins.reception.messages import model as messages_model
from plugins.reception.messages import pages as messages_pages
from plugins.reception.messages import routes as messages_routes
from plugins.reception.messages import service as messages
from plugins.reception.record import RECORD
from plugins.reception.scripts import policy as scripts_policy
from plugins.reception.scripts import web as scripts_web
from plugins.reception.summaries import web as summaries_web
from plugins.reception.visitors import keeping as visitors_keeping
from plugins.reception.visitors import pages as visitors_pages
from plugins.reception.visitors import policy as visitors_policy
from plugins.reception.visitors import routes as visitors_routes
from plugins.reception.visitors import tables as visitors_tables
from plugins.reception.waiting import model as waiting_model
from plugins.reception.waiting import pages as waiting_pages
from plugins.reception.waiting import routes as waiting_routes

MANIFEST = Manifest(
    id="reception",
    title="Front desk",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.reception",
    priority=10,
    migrations=Path(__file__).parents[2] / "migrations" / "reception",
    events=events.ALL,
    record=RECORD,
)


class Reception:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [
            *routes.HANDLERS,
            *visitors_routes.HANDLERS,
            *messages_routes.HANDLERS,
            *handover_routes.HANDLERS,
            *summaries_web.API,
            *waiting_routes.HANDLERS,
            *opinions.API,
            *letters_routes.HANDLERS,
            *scripts_web.API,
        ]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [
            *pages.HANDLERS,
            *call_pages.HANDLERS,
            *visitors_pages.HANDLERS,
            *messages_pages.HANDLERS,
            *handover_pages.HANDLERS,
            *summaries_web.PAGES,
            *waiting_pages.HANDLERS,
            *opinions.PAGES,
            *letters_pages.HANDLERS,
            *letters_box_pages.HANDLERS,
            *scripts_web.PAGES,
        ]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return [
            policies.GREETING,
            policies.ANSWERING,
            visitors_policy.VISITORS,
            waiting_model.WAITING,
            letters_policy.LETTERS,
            scripts_policy.SCRIPTS,
            scripts_policy.GUIDANCE,
            identity_policy.IDENTITY,
            keeping.KEEPING,
        ]

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Workbench",
                icon="layout-dashboard",
                path="",
                permission=permissions.TAKE.id,
                hotkey="g w",
                group="desk",
                order=10,
            ),
            NavEntry(
                label="Calls and visits",
                icon="phone-call",
                path="calls",
                permission=permissions.VIEW.id,
                hotkey="g c",
                group="desk",
                order=15,
            ),
            NavEntry(
                label="Visitors",
                icon="id-badge-2",
                path="visitors",
                permission=permissions.VISIT_VIEW.id,
                hotkey="g v",
                group="desk",
                order=16,
            ),
            NavEntry(
                label="Messages",
                icon="message-2",
                path="messages",
                permission=permissions.MESSAGE_VIEW.id,
                hotkey="g l",
                group="desk",
                order=25,
                count="messages/count",
            ),
            NavEntry(
                label="Shift handover",
                icon="exchange",
                path="handover",
                permission=permissions.HANDOVER.id,
                hotkey="g s",
                group="desk",
                order=26,
            ),
            NavEntry(
                label="Waiting line",
                icon="list-numbers",
                path="waiting",
                permission=permissions.QUEUE.id,
                hotkey="g n",
                group="desk",
                order=27,
            ),
            NavEntry(
                label="Letters",
                icon="mail",
                path="letters",
                permission=permissions.LETTER_VIEW.id,
                hotkey="g x",
                group="desk",
                order=17,
            ),
            NavEntry(
                label="Scripts",
                icon="message-chatbot",
                path="scripts",
                permission=permissions.TAKE.id,
                group="desk",
                order=18,
            ),
            NavEntry(
                label="Complaint boxes",
                icon="inbox",
                path="boxes",
                permission=permissions.BOX.id,
                group="desk",
                order=29,
            ),
            NavEntry(
                label="Opinions heard",
                icon="ear",
                path="opinions",
                permission=permissions.OPINION.id,
                group="desk",
                order=28,
            ),
            NavEntry(
                label="Front desk summary",
                icon="report-analytics",
                path="summary",
                permission=permissions.VIEW.id,
                group="analysis",
                order=56,
            ),
        ]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return [
            JobSpec("reception.close_abandoned", jobs.close_abandoned, every=60),
            JobSpec("reception.miss_messages", messages.miss, every=60),
        ]

    @hookimpl
    def register_retention(self) -> Sequence[KeptFor]:
        return [*visitors_keeping.RETENTION, *keeping.RETENTION]

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return [
            tables.ReceptionCall,
            tables.ReceptionIntake,
            *visitors_tables.ALL,
            messages_model.ReceptionMessage,
            handover_model.ReceptionHandover,
            waiting_model.ReceptionTurn,
            *letters_tables.ALL,
        ]

    @hookimpl
    def register_notices(self) -> Sequence[NoticeSpec]:
        return events.NOTICES

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter | StoryStep]:
        return story.CHAPTERS

    @hookimpl
    async def outlet_fill(self, work: Work, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "ticket.side" and isinstance(subject, Ticket):
            return await outlets.call_of(work, subject)
        return []


plugin = Reception()
