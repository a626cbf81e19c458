"""The running platform: every service of the process, wired once. Web, worker, command line and tests start here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import structlog

from core.analysis.agenda import Meetings
from core.analysis.figures import Dashboard
from core.analysis.jobs import jobs as analysis_jobs
from core.analysis.repeats import Repeats
from core.approvals.service import Approvals
from core.audit.anchors import Anchors
from core.audit.chain import PACE, Chain
from core.audit.jobs import TAMPERED, Upkeep
from core.auth.account import Accounts
from core.auth.halfway import Passes
from core.auth.links import Links
from core.auth.permissions import PermissionRegistry
from core.auth.principals import Principals
from core.auth.rates import Rates
from core.auth.roles import Roles
from core.auth.second_factor import SecondFactors
from core.auth.second_step import SecondStep
from core.auth.sign_in import NEW_DEVICE, SignIn
from core.auth.token_use import TokenUse
from core.auth.tokens import TokenSigner
from core.db.connect import RoleDsns
from core.db.engine import Database
from core.db.pulse import Pulse
from core.db.roles import refuse_stronger
from core.estate.sealing import Sealer
from core.estate.second_look import SecondLook
from core.estate.service import Estate
from core.events.delivery import Delivery
from core.events.live import LiveBus
from core.files.service import Files
from core.files.store import Folder
from core.hooks.bus import HookBus
from core.hooks.manager import PluginHost
from core.hooks.payments import PaymentProviders
from core.hooks.services import Services
from core.i18n import CORE, Catalogs
from core.identity.service import Identities
from core.jobs.queue import Worker
from core.jobs.timers import Timers
from core.jobs.upkeep import CORE_JOBS
from core.notify.egress import Egress
from core.notify.house import Notify
from core.operator.access import NOTICES as OPERATOR_NOTICES
from core.operator.house import OperatorRealm
from core.operator.upkeep import PACE as REALM_PACE
from core.operator.upkeep import RealmUpkeep
from core.people.companies import Companies
from core.people.invitations import Invitations
from core.people.joining import Joining
from core.people.letters import Letters
from core.people.passwords import Passwords
from core.people.service import People
from core.policies.builtin import register_builtin
from core.policies.service import Policies
from core.policies.spec import PolicyRegistry
from core.privacy.retention import Retention
from core.privacy.service import DataRequests
from core.settings import ROOT, Settings
from core.tables import CORE_TABLES
from core.teams.service import Teams
from core.tenancy.context import SYSTEM, TenantContext
from core.tenancy.directory import Directory
from core.tenancy.switches import Switches
from core.tickets.escalation import Escalations
from core.tickets.merging import Merging
from core.tickets.orphans import Orphans
from core.tickets.renewal import Renewal
from core.tickets.service import Tickets
from core.tickets.simulations import Simulations
from core.tickets.types import Types
from core.work import Clock, LiveMessage, Work, system_clock

log = structlog.get_logger(__name__)
_IDLE = 0.5  # seconds between looks at timers and outbox when nothing wakes them


class Platform:
    """Everything that serves, apart from the web. `start` connects; `run_worker` does the background work."""

    def __init__(self, settings: Settings, dsns: RoleDsns, host: PluginHost, clock: Clock = system_clock) -> None:
        self.settings = settings
        self.clock = clock
        self.host = host
        self.db = Database(dsns.app, max_size=settings.pool_size)
        self.dispatch = Database(dsns.dispatch, max_size=2)
        tables = (*CORE_TABLES, *(table for plugin in host.plugins for table in plugin.tables))
        for table in tables:
            table._meta.db = self.db
        self.permissions = PermissionRegistry()
        kinds = [(plugin.id, kind) for plugin in host.plugins for kind in plugin.ticket_types]
        registry = PolicyRegistry({kind.id: kind.title for _, kind in kinds})
        register_builtin(registry)
        for plugin in host.plugins:
            for permission in plugin.permissions:
                self.permissions.register(permission)
            for spec in plugin.policies:
                registry.register(spec)
        self.directory = Directory(self.db, clock)
        self.signer = TokenSigner(settings.secret)
        self.principals = Principals(self.db, self.directory, self.permissions, self.signer, clock)
        self.rates = Rates(self.db, clock, client=settings.rate_client, address=settings.rate_address)
        self.links = Links(self.db, settings.secret, clock)
        self.switches = Switches(host)
        self.policies = Policies(registry)
        self.sign_in = SignIn(self.db, self.signer, Passes(settings.secret), self.policies, clock)
        self.second_factors = SecondFactors(settings.secret, *settings.former)
        self.second_step = SecondStep(
            self.db, self.sign_in, self.second_factors, self.permissions, self.directory, clock
        )
        self.accounts = Accounts(self.policies, self.second_factors)
        self.hooks = HookBus(host, self._is_on, isolate=Work.savepoint, platform=self)
        offered = [(plugin.id, service) for plugin in host.plugins for service in plugin.services]
        self.services = Services(offered, self._is_on)
        self.roles = Roles(self.permissions)
        self.token_use = TokenUse(self.db, clock)
        self.teams = Teams(self.policies, self.permissions, self.directory.roles)
        self.tickets = Tickets(self.policies, self.hooks, self.teams, Types(self.policies, kinds, self._is_on))
        self.renewal = Renewal(self.policies, self.tickets.changes, self.tickets.types)
        self.simulations = Simulations(self.policies, self.tickets.types)
        self.escalations = Escalations(self.policies, self.tickets.changes)
        self.estate = Estate(settings.secret, *settings.former)
        self.second_look = SecondLook(self.estate, self.policies)
        counted = [(plugin.id, kind) for plugin in host.plugins for kind in plugin.approvals]
        self.approvals = Approvals(
            self.policies, self.permissions, self.directory.roles, [("", self.second_look.kind), *counted], self._is_on
        )
        self.merging = Merging(self.tickets)
        self.files = Files(Folder(settings.home / "files"), self.policies, tables)
        events = [event for plugin in host.plugins for event in plugin.manifest.events]
        spoken = {plugin.id: plugin.locales for plugin in host.plugins if plugin.locales is not None}
        translate = Catalogs({CORE: ROOT / "core/web/locales", **spoken}).translate
        notices = [
            ("", NEW_DEVICE),
            *(("", notice) for notice in OPERATOR_NOTICES),
            ("", TAMPERED),
            *self.approvals.notices,
            *((plugin.id, notice) for plugin in host.plugins for notice in plugin.notices),
        ]
        self.sealer = sealer = Sealer(settings.secret, *settings.former)
        mail = settings.smtp is not None
        letters = Letters(self.links, sealer, translate, settings.public_url)
        self.notify = Notify(
            settings, self.policies, self.directory.known, translate, events, notices=notices, letters=letters.kinds
        )
        providers = [(plugin.id, provider) for plugin in host.plugins for provider in plugin.payment_providers]
        self.payments = PaymentProviders(providers, self._is_on, self.notify.egress)
        self.identities = Identities(
            settings, self.db, self.notify.egress, self.notify.notices, sealer, self.permissions, self.sign_in, clock
        )
        self.data_requests = DataRequests(
            tables, sealer, self.policies, self.directory, self.files, self.notify.residents
        )
        kept = [self.files.kept_for(self.data_requests.register), *(k for p in host.plugins for k in p.retention)]
        self.retention = Retention(self.policies, self.directory, kept)
        self.people = People(self.permissions, self.notify.notices)
        self.invitations = Invitations(self.people, self.policies, sealer, letters, mail=mail)
        self.companies = Companies(settings.secret)
        self.passwords = Passwords(
            self.db, self.links, self.directory, self.policies, self.people, self.notify.notices, letters, clock
        )
        self.joining = Joining(self.db, self.links, self.directory, self.policies, self.notify.notices, sealer, clock)
        self.operator = OperatorRealm(
            settings, dsns, self.db, self.second_factors, self.policies, self.permissions, self.directory, clock
        )
        self.hearers = {"core.notify": self.notify.hear}
        self.anchors = Anchors(settings.home / "audit")
        self._audit_upkeep = Upkeep(settings, self.anchors, Egress(settings.egress))
        self.repeats = Repeats(self.policies, self.directory, self.tickets.types)
        self.dashboard = Dashboard(self.policies, self.repeats, self.tickets.types)
        self.meetings = Meetings(self.policies, self.directory, self.repeats)
        self.jobs = (
            *CORE_JOBS,
            *self.accounts.jobs,
            *self.approvals.jobs,
            *self._audit_upkeep.jobs,
            *self.files.jobs,
            *self.renewal.jobs,
            *Orphans(self.tickets.changes).jobs,
            *self.simulations.jobs,
            *self.data_requests.jobs,
            *self.retention.jobs,
            *analysis_jobs(self.meetings, self.directory),
        )
        self.pulse = Pulse(dsns.app, (self.db, self.dispatch))
        self.live = LiveBus(dsns.app)
        self.live.listen(self._hear)
        self.db.hearers.append(self._hear)  # its own changes a process knows the moment they are durable
        self._outbox = asyncio.Event()

    async def start(self) -> None:
        """Connect as `lodge_app` and `lodge_dispatch`. Raises TooStrong where row level security would not bind us."""
        await self.db.connect()
        async with self.db.begin(None) as uow:
            await refuse_stronger(await uow.open())
        await self.operator.start()
        await self.dispatch.connect()
        self.pulse.start()
        await self.live.start()
        await self.rates.start()

    async def stop(self) -> None:
        await self.rates.stop()
        await self.live.stop()
        await self.pulse.stop()
        await self.dispatch.close()
        await self.operator.stop()
        await self.db.close()

    async def database_answers(self) -> bool:
        """Whether a statement gets through now."""
        try:
            async with self.db.begin(None, read_only=True) as uow:
                await uow.value("SELECT 1")
        except Exception as error:
            log.warning("database does not answer", error=repr(error))
            return False
        return True

    # -- work -------------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def work(self, ctx: TenantContext, *, read_only: bool = False) -> AsyncIterator[Work]:
        """A unit of work of its own; commits at the end, forgets everything on an error."""
        reader = ctx.actor.member_id
        async with self.db.begin(ctx.company_id, read_only=read_only, reader=reader, areas=ctx.areas) as uow:
            yield Work(uow, ctx, self.clock())

    async def system_context(
        self, company_id: UUID, site_id: UUID | None, *, plugin: str | None = None
    ) -> TenantContext | None:
        """The system acting for a company: on one site, or on all (where `plugin` is on). None: no such company."""
        company = await self.directory.company(company_id)
        if company is None:
            return None
        sites = (
            site.id
            for site in company.sites
            if site_id in (None, site.id) and (plugin is None or company.is_on(plugin, site, self.clock()))
        )
        return TenantContext(company_id, frozenset(sites), SYSTEM)

    def _is_on(self, ctx: TenantContext, plugin: str, site_id: UUID | None) -> bool:
        company = self.directory.known(ctx.company_id)
        if company is None:
            return False
        return any(company.is_on(plugin, site, self.clock()) for site in company.sites if site_id in (None, site.id))

    # -- background -------------------------------------------------------------------------------------------------

    async def run_worker(self) -> None:
        """Timers, event delivery, messages and jobs, until cancelled."""
        delivery, timers = Delivery(self), Timers(self)
        async with asyncio.TaskGroup() as tasks:
            sender = self.notify.sender(self, tasks.create_task)
            tasks.create_task(self._repeat("timers", timers.run_once), name="timers")
            tasks.create_task(self._repeat("delivery", delivery.run_once, self._outbox), name="delivery")
            tasks.create_task(self._repeat("sender", sender.run_once), name="sender")
            chain = Chain(self.db, self.dispatch, self.anchors, self.clock)
            tasks.create_task(self._repeat("audit chain", chain.run_once, pace=PACE), name="audit chain")
            realm = RealmUpkeep(self, self._audit_upkeep)
            tasks.create_task(self._repeat("operator", realm.run_once, pace=REALM_PACE), name="operator")
            tasks.create_task(Worker(self, self.jobs).run(), name="jobs")

    async def _repeat(
        self, name: str, step: Callable[[], object], wake: asyncio.Event | None = None, *, pace: float = _IDLE
    ) -> None:
        """Call `step` until there is nothing to do, then wait for news or a moment. Survives the database's absence."""
        while True:
            try:
                if await step():  # type: ignore[misc]
                    continue
            except Exception as error:
                log.warning("background work interrupted", work=name, error=repr(error))
            if wake is None:
                await asyncio.sleep(pace)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), _IDLE)
                wake.clear()

    def _hear(self, message: LiveMessage | None) -> None:
        company_id = None if message is None else message.company_id
        topic = None if message is None else message.topic
        if topic in (None, "access"):
            self.directory.forget(company_id)
            self.principals.forget(company_id)
            self.operator.inside.forget(company_id)
        if topic in (None, "policy"):
            self.policies.forget(company_id)
        if topic in (None, "ticket"):
            self.tickets.forget_counts(company_id)
        if topic in (None, "team"):
            self.teams.forget(company_id)
        if topic in (None, "outbox"):
            self._outbox.set()
