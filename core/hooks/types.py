"""What plugins hand to core: frozen descriptions of a module's parts. `core.sdk` re-exports them."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable
from uuid import UUID

import msgspec

from core.policies.spec import PolicySpec
from core.policies.values import Duration
from core.tenancy.context import TenantContext

if TYPE_CHECKING:
    from core.work import Work  # which needs Event

EVENT_TYPE = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*")

NavGroup = Literal["desk", "matters", "house", "money", "analysis", "settings"]
JsonScalar = str | int | float | bool | None
JobHandler = Callable[..., Awaitable[None]]
"""`handler(work, ctx, ids)`, which may ask for `platform` by name besides."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Who a plugin is. `id` equals its entry-point name and prefixes every name of the plugin.

    `title` is an English message id. `requires_core` is a PEP 440 specifier on lodge-platform. Lower `priority` goes
    first. `package` is the import package whose templates/, static/ and locales/ are the plugin's. `migrations` is
    the folder of its Piccolo migrations, needed with tables. `events` are the event types it emits.
    `record` is what the audit log calls the plugin's actions (`parking.permit.issued`) and, where core has no word for
    one, the fields that they change (`parking.plate`): message ids.
    """

    id: str
    title: str
    version: str
    requires_core: str
    package: str
    priority: int = 100
    migrations: Path | None = None
    events: tuple[str, ...] = ()
    record: Mapping[str, str] = {}


class Permission(msgspec.Struct, frozen=True):
    """A right people can hold: `parking.space.manage`. `roles` and administrators have it by default; `title` is a
    message id. `by_area`: all that it opens is of a ticket or unit, so whoever is confined to some buildings of a site
    has it there too; any other they have not. `implies`: what comes with it, as amounts do with what is charged. `own`:
    a decision that is the company's own, so that whoever enters from the operator's realm never has it."""

    id: str
    title: str
    roles: frozenset[str] = frozenset()
    by_area: bool = False
    implies: frozenset[str] = frozenset()
    own: bool = False


class NavEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the main navigation, shown to holders of `permission`.

    `label` is a message id, `icon` a name of the icon set, `path` relative to the plugin's pages ("" is the first
    page), `hotkey` a key, chord or sequence ("F2", "ctrl+k", "g t"). Entries stand below the heading of their `group`,
    by `order`, then label.
    `count` is the path of a page that answers with the number that stands beside it, asked for when the desk changes.
    """

    label: str
    icon: str
    path: str
    permission: str
    hotkey: str | None = None
    group: NavGroup = "matters"
    order: int = 100
    count: str | None = None


class JobSpec(msgspec.Struct, frozen=True):
    """Background work. `every` is the interval in seconds; None means it runs only when enqueued.

    `handler(work, ctx, ids)` runs in a transaction of its own: scheduled, once a company with `ctx.site_ids` holding
    the sites where the plugin is on and no ids; enqueued, with the ids it was enqueued with. It may run repeatedly, and
    gets the `platform` where it names it.
    `made_up`: where no worker ran at its time, it runs once as soon as one does; otherwise at its next time.
    """

    name: str
    handler: JobHandler
    every: int | None = None
    made_up: bool = False

    async def run(self, work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: object) -> None:
        """Have the handler do its work, given what it asks for."""
        asks = "platform" in inspect.signature(self.handler).parameters
        await self.handler(work, ctx, ids, **({"platform": platform} if asks else {}))


class NoticeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What colleagues are told of an event of the plugin's own: at the bell, and as they want to be told besides.

    `to` names the member's id in the event's payload, or several with commas between. `text` is a message id without
    names to fill in; `page` is relative to the plugin's pages, `{id}` in it what the event is about: there the notice
    leads. `severity` decides whether quiet hours are kept.
    """

    event: str
    to: str
    text: str
    page: str
    severity: str = "routine"


class ApprovalKind(msgspec.Struct, frozen=True, kw_only=True):
    """Something that counts once a second person has agreed to it (ARC-3). Its id is the plugin's with a noun.

    `title` is a message id, `text` one that says what is asked, its `{names}` being fields of `payload`, a frozen
    struct. `page`, relative to the site's pages, is where it can be looked at, its `{names}` filled in the same way.
    `effect(work, site, payload)` is what agreeing does, in the transaction that decides; it gets the `platform` where
    it names it, and what it raises keeps the decision from being made. Raises ValueError for a name that is no field.
    """

    id: str
    title: str
    text: str
    payload: type[msgspec.Struct]
    effect: Callable[..., Awaitable[None]]
    page: str = ""

    def __post_init__(self) -> None:
        names = {name for text in (self.text, self.page) for _, name, _, _ in Formatter().parse(text) if name}
        if unknown := names - set(self.payload.__struct_fields__):
            raise ValueError(f"approval {self.id} names what its payload does not have: {', '.join(sorted(unknown))}")

    async def carry_out(self, work: Work, site: object, payload: object, platform: object) -> None:
        """Have the effect done, given what it asks for."""
        asks = "platform" in inspect.signature(self.effect).parameters
        await self.effect(work, site, payload, **({"platform": platform} if asks else {}))


class KeptFor(msgspec.Struct, frozen=True, kw_only=True):
    """What a module knows of people, and forgets once a site's time for it is over. Its id is the plugin's with a noun.

    `title` is a message id. `policy` says for how long, in its field `field`: days, or months where the name ends in
    `_months`; 0 is for good. `due` is SQL that counts what goes: of the company $1, at `keep.site_id`, older than
    `keep.before`. `forget(work, site_id, before)` takes some of it away and says how much; it is asked again hourly.
    Raises ValueError for a field that the policy does not have.
    """

    id: str
    title: str
    policy: PolicySpec[Any]
    field: str
    due: str
    forget: Callable[[Work, UUID, datetime], Awaitable[int]]

    def __post_init__(self) -> None:
        if self.field not in self.policy.struct.__struct_fields__:
            raise ValueError(f"{self.id}: {self.policy.name} has no {self.field}")


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to an outlet: data for one of the plugin's own templates (`<plugin id>/…`), never HTML.

    Shown to holders of `permission` (None: everybody who sees the page), sorted by `order`.
    """

    template: str
    context: Mapping[str, object]
    order: int = 100
    permission: str | None = None


class GoalSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A goal that tickets of a type owe besides what every category promises.

    It starts when one of the actions `starts` is taken (at creation if there are none), anew if it had been met, and
    ends with those of `stops`. Amounts are by severity, None for none; sites change them in `core.sla_targets`.
    """

    name: str
    title: str
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    routine: Duration | None = None
    urgent: Duration | None = None
    critical: Duration | None = None


class Stage(msgspec.Struct, frozen=True):
    """A step of a type's own within a state of the shared life cycle; `title` is a message id."""

    name: str
    title: str
    status: str


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """An action of a type's own: from one of the stages `sources` to the stage `to`.

    `text` says what has to be written (None: nothing), `title` and `text` are message ids.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    to: str
    permission: str = "ticket.handle"
    text: str | None = None
    icon: str = "arrow-right"


class TicketType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of matter (TKT-1). Its id is the plugin's with a noun: `lostfound.claim`; `title` is a message id.

    Without `stages` it goes the shared way alone. With some, a new ticket begins in the first one of the state `new`,
    and an action of the shared life cycle leads to the first stage of its state; those in `replaces` are not offered.
    `fields` is a frozen struct of single values that are asked for when the matter is taken in.
    `counts_as` names the platform's own type (`complaint`, `repair`) whose figures and thresholds it shares; what
    counts as a complaint may concern a colleague, who then sees nothing of it (CMP-6). Where the module has tickets
    `signed` itself, their page offers no signature besides.
    """

    id: str
    title: str
    stages: tuple[Stage, ...] = ()
    transitions: tuple[Transition, ...] = ()
    goals: tuple[GoalSpec, ...] = ()
    replaces: frozenset[str] = frozenset()
    fields: type[msgspec.Struct] | None = None
    counts_as: str = ""
    signed: bool = False

    @property
    def basic(self) -> str:
        """The platform's type it counts as; its own id for one that counts as none."""
        return self.counts_as or self.id


class Event(msgspec.Struct, frozen=True):
    """Something that happened to one aggregate: `parking.vehicle_admitted.v1`. `site_id` None is company-wide.

    The payload holds JSON scalars only and is read-only, because all handlers share it. Raises ValueError otherwise.
    """

    type: str
    site_id: UUID | None
    aggregate_id: UUID
    payload: Mapping[str, JsonScalar] = {}

    def __post_init__(self) -> None:
        if not EVENT_TYPE.fullmatch(self.type):
            raise ValueError(f"event type {self.type!r} is not of the form parking.vehicle_admitted.v1")
        for key, value in self.payload.items():
            finite = not isinstance(value, float) or math.isfinite(value)
            if not isinstance(key, str) or not isinstance(value, str | int | float | None) or not finite:
                raise ValueError(f"payload {key!r} of {self.type} must be a finite JSON scalar, not {value!r}")
        msgspec.structs.force_setattr(self, "payload", MappingProxyType(dict(self.payload)))


@runtime_checkable
class TicketFacts(Protocol):
    """What a plugin may rely on in a ticket or a draft of one (TKT-1)."""

    @property
    def site_id(self) -> UUID: ...

    @property
    def type(self) -> str: ...

    @property
    def category(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def description(self) -> str: ...
