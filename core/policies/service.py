"""Policies at run time: what is in force for a site, changing it by a new revision, and its history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5
from weakref import WeakSet

import msgspec

from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import FieldError, Invalid, NotFound, PreconditionFailed
from core.policies.calendar import CALENDAR, to_calendar
from core.policies.layers import Layer, Overrides, Resolved, diff, resolve, validate
from core.policies.spec import PolicyRegistry, PolicySpec
from core.sla import Calendar
from core.tenancy.directory import KEEP
from core.work import Work

T = TypeVar("T", bound=msgspec.Struct)
REASON = 200  # characters that say why a policy was changed


class Revision(msgspec.Struct, frozen=True):
    """One state of a layer, complete: `overrides` replaces the one before. `site_id` None is the company's layer."""

    id: UUID
    policy: str
    site_id: UUID | None
    number: int
    overrides: Overrides
    author_name: str
    reason: str
    effective_at: datetime
    created_at: datetime


class Origin(msgspec.Struct, frozen=True):
    """A revision as those are told of it whose goals it made; `site_id` None is the company's layer."""

    id: UUID
    policy: str
    site_id: UUID | None
    number: int
    author_name: str
    reason: str
    effective_at: datetime


Listener = Callable[[Work, Revision, bool], Awaitable[None]]
"""Told of a revision in its transaction, and whether open tickets shall be held to it as well."""


class _InForce(msgspec.Struct):
    """A company's revisions that are in force until `until`, and what they resolved to."""

    until: datetime
    revisions: dict[tuple[str, UUID | None], Revision]
    resolved: dict[tuple[str, UUID | None], Resolved[Any]] = {}


_COLUMNS = "id, policy, site_id, number, overrides, author_name, reason, effective_at, created_at"
# The newest effective revision of each layer, and the instant at which the next one takes its place.
_IN_FORCE = f"""
SELECT DISTINCT ON (policy, site_id) {_COLUMNS} FROM policy_revision
WHERE company_id = $1 AND effective_at <= $2 ORDER BY policy, site_id, effective_at DESC, number DESC
"""  # noqa: S608
_NEXT = "SELECT min(effective_at) FROM policy_revision WHERE company_id = $1 AND effective_at > $2"
_HISTORY = f"""
SELECT {_COLUMNS} FROM policy_revision
WHERE company_id = $1 AND policy = $2 AND site_id IS NOT DISTINCT FROM $3 ORDER BY number DESC LIMIT 100
"""  # noqa: S608
_ORIGINS = """
SELECT id, policy, site_id, number, author_name, reason, effective_at FROM policy_revision
WHERE company_id = $1 AND id = ANY ($2::uuid[])
"""
_INSERT = """
INSERT INTO policy_revision (company_id, id, policy, site_id, number, overrides, author_id, author_name, reason,
                             effective_at, created_at)
SELECT $1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11
WHERE $5 = 1 + coalesce((SELECT max(number) FROM policy_revision
                         WHERE company_id = $1 AND policy = $3 AND site_id IS NOT DISTINCT FROM $4), 0)
ON CONFLICT DO NOTHING
"""


class Policies:
    """What is in force, cached per company; `forget` is called when a change is announced."""

    def __init__(self, registry: PolicyRegistry) -> None:
        self.registry = registry
        self._listeners: list[Listener] = []
        self._known: dict[UUID, _InForce] = {}
        self._revising: WeakSet[UnitOfWork] = WeakSet()
        self._calendars: dict[tuple[UUID, UUID], Calendar] = {}

    def on_revision(self, listener: Listener) -> None:
        """Have `listener` called in the transaction of every revision."""
        self._listeners.append(listener)

    async def value(self, work: Work, spec: PolicySpec[T], site_id: UUID | None) -> T:
        """The policy's value for the site (None: the company as a whole) at the work's instant."""
        return (await self.resolved(work, spec, site_id)).value

    async def resolved(self, work: Work, spec: PolicySpec[T], site_id: UUID | None) -> Resolved[T]:
        """Value and provenance."""
        in_force = await self._in_force(work)
        key = (spec.name, site_id)
        if key not in in_force.resolved:
            in_force.resolved[key] = resolve(spec, self._layers(in_force, *key))
        return in_force.resolved[key]

    async def inherited(self, work: Work, spec: PolicySpec[T], site_id: UUID | None) -> T:
        """What the layer of `site_id` builds on: the company's value for a site, the default for the company."""
        return spec.default if site_id is None else await self.value(work, spec, None)

    async def current(self, work: Work, name: str, site_id: UUID | None) -> Revision | None:
        """The revision in force of that layer alone."""
        return (await self._in_force(work)).revisions.get((name, site_id))

    async def in_force(self, work: Work, site_id: UUID | None, *specs: PolicySpec[Any]) -> list[Revision]:
        """The revisions that make these policies what they are at the site, the company's layer before the site's."""
        known = (await self._in_force(work)).revisions
        keys = ((spec.name, layer) for spec in specs for layer in dict.fromkeys((None, site_id)))
        return [known[key] for key in keys if key in known]

    async def origins(self, work: Work, ids: Collection[UUID]) -> list[Origin]:
        """What is told of these revisions; they stay for good, so all that were ever in force are found."""
        return await work.uow.fetch(Origin, _ORIGINS, work.ctx.company_id, list(ids)) if ids else []

    async def history(self, work: Work, name: str, site_id: UUID | None) -> list[Revision]:
        """Revisions of a layer, the newest first."""
        return await work.uow.fetch(_revision, _HISTORY, work.ctx.company_id, name, site_id)

    async def revise(
        self,
        work: Work,
        spec: PolicySpec[Any],
        site_id: UUID | None,
        overrides: Overrides,
        *,
        reason: str,
        expected: int,
        effective_at: datetime | None = None,
        open_tickets: bool = False,
    ) -> int:
        """Append a revision, in force from `effective_at` (default: now); its number. `open_tickets`: they shall be
        held to it as well.

        Raises Invalid naming every wrong leaf, PreconditionFailed unless `expected` is the latest revision's number.
        """
        if site_id is not None and site_id not in work.ctx.site_ids:
            raise NotFound
        reason, effective_at = reason.strip(), effective_at or work.now
        faults = list(_faults(work, reason, effective_at))
        try:
            validate(spec, overrides, await self.inherited(work, spec, site_id))
        except Invalid as invalid:
            faults += invalid.fields
        if faults:
            raise Invalid(fields=faults)
        history = await self.history(work, spec.name, site_id)
        before = history[0].overrides if history else {}
        revision = Revision(
            new_id(),
            spec.name,
            site_id,
            expected + 1,
            overrides,
            work.ctx.actor.name,
            reason,
            effective_at,
            work.now,
        )
        inserted = await work.uow.execute(
            _INSERT,
            work.ctx.company_id,
            revision.id,
            spec.name,
            site_id,
            revision.number,
            msgspec.json.encode(overrides).decode(),
            work.ctx.actor.id,
            revision.author_name,
            reason,
            effective_at,
            work.now,
        )
        if not inserted:
            raise PreconditionFailed
        changes = {c.path: [_shown(c.before), _shown(c.after)] for c in diff(spec, before, overrides)}
        work.audit("policy.revised", "policy", spec.name, {"number": revision.number, **changes}, site_id=site_id)
        for listener in self._listeners:
            await listener(work, revision, open_tickets)
        work.announce("policy", site_id)
        self._revising.add(work.uow)
        work.uow.after_commit(lambda: self.forget(work.ctx.company_id))
        return revision.number

    async def calendar(self, work: Work, site_id: UUID) -> tuple[UUID, Calendar]:
        """The site's calendar in force, and the id under which its value is kept for good."""
        calendar = to_calendar(await self.value(work, CALENDAR, site_id))
        encoded = msgspec.json.encode(calendar, order="sorted")
        calendar_id = uuid5(work.ctx.company_id, encoded.hex())
        key = (work.ctx.company_id, calendar_id)
        if key not in self._calendars and not work.uow.read_only:  # what only reads leaves nothing that refers to it
            sql = "INSERT INTO calendar_value (company_id, id, value) VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING"
            await work.uow.execute(sql, *key, encoded.decode())
            # only a committed row may be relied on by later transactions
            work.uow.after_commit(lambda: self._calendars.update({key: calendar}))
        return calendar_id, calendar

    async def calendar_by_id(self, work: Work, calendar_id: UUID) -> Calendar:
        """The calendar that a ticket's clocks run on."""
        key = (work.ctx.company_id, calendar_id)
        known = self._calendars.get(key)
        if known is None:
            value = await work.uow.value("SELECT value FROM calendar_value WHERE company_id = $1 AND id = $2", *key)
            calendar = known = msgspec.json.decode(value, type=Calendar)
            # not at once: this very transaction may have written the row, and may yet undo it
            work.uow.after_commit(lambda: self._calendars.update({key: calendar}))
        return known

    def forget(self, company_id: UUID | None) -> None:
        """None forgets all companies: announcements may have been missed."""
        if company_id is None:
            self._known.clear()
        else:
            self._known.pop(company_id, None)

    async def _in_force(self, work: Work) -> _InForce:
        known = self._known.get(work.ctx.company_id)
        if known is None or known.until <= work.now:
            revisions = await work.uow.fetch(_revision, _IN_FORCE, work.ctx.company_id, work.now)
            following = await work.uow.value(_NEXT, work.ctx.company_id, work.now)
            until = min(work.now + KEEP, following or work.now + KEEP)
            known = _InForce(until, {(r.policy, r.site_id): r for r in revisions})
            if work.uow not in self._revising:  # what it has written may yet be undone
                self._known[work.ctx.company_id] = known
        return known

    @staticmethod
    def _layers(in_force: _InForce, name: str, site_id: UUID | None) -> list[Layer]:
        layers = []
        company = in_force.revisions.get((name, None))
        if company is not None:
            layers.append(Layer("company", company.id, company.overrides))
        site = in_force.revisions.get((name, site_id)) if site_id is not None else None
        if site is not None:
            layers.append(Layer("site", site.id, site.overrides))
        return layers


def _revision(*columns: Any) -> Revision:
    fields = dict(zip(Revision.__struct_fields__, columns, strict=True))
    return Revision(**{**fields, "overrides": msgspec.json.decode(fields["overrides"])})


def _faults(work: Work, reason: str, effective_at: datetime) -> Iterator[FieldError]:
    if not 1 <= len(reason) <= REASON:
        yield FieldError("reason", "Say why in 1 to {maximum} characters.", {"maximum": REASON})
    if effective_at < work.now:
        yield FieldError("effective_at", "A change cannot take effect in the past.")


def _shown(value: Any) -> Any:
    return None if value is msgspec.UNSET else value
