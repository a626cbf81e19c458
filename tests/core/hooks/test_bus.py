"""Hooks reach the enabled plugins in order, and one plugin's failure stays its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from core.hooks.bus import HookBus, HookFailed
from core.hooks.manager import PluginHost
from core.sdk import Conflict, Event, Fragment, Invalid, NotFound, Skill, TenantContext
from core.work import Work
from tests.core.hooks.memory import COMPANY, CTX, SITE, host_of, idle_work, manifest_of, plugin_of

EVENT = Event("ticket.created.v1", SITE, UUID(int=9))


def everywhere(ctx: TenantContext, plugin_id: str, site_id: UUID | None) -> bool:
    return True


def fragment(name: str) -> Fragment:
    return Fragment(template=f"{name}/side.html", context={})


def filler(*names: str) -> Callable[[str], object]:
    async def outlet_fill(outlet: str) -> Sequence[Fragment]:
        return [fragment(name) for name in names]

    return outlet_fill


async def failing(outlet: str) -> Sequence[Fragment]:
    raise RuntimeError("broken")


async def hanging(outlet: str) -> Sequence[Fragment]:
    await asyncio.Event().wait()
    return []


async def forbidden(outlet: str) -> Sequence[Fragment]:
    raise NotFound


async def no_list(outlet: str) -> object:
    return fragment("alpha")


async def nothing(outlet: str) -> None:
    return None


def fillers(monkeypatch: pytest.MonkeyPatch, **by_id: Callable[..., object]) -> PluginHost:
    plugins = [plugin_of(manifest_of(plugin_id), outlet_fill=function) for plugin_id, function in by_id.items()]
    return host_of(monkeypatch, *plugins)


async def templates(bus: HookBus, ctx: TenantContext = CTX, site_id: UUID | None = SITE) -> list[str]:
    found = await bus.collect("outlet_fill", ctx, site_id, work=idle_work(), outlet="ticket.side", subject=None)
    return [fragment.template.partition("/")[0] for fragment in found]


def failures(hook: str, plugin_id: str) -> float:
    labels = {"hook": hook, "plugin": plugin_id}
    return REGISTRY.get_sample_value("lodge_hook_failures_total", labels) or 0.0


async def test_outlet_fill_answers_come_by_priority_then_id(monkeypatch: pytest.MonkeyPatch) -> None:
    host = host_of(
        monkeypatch,
        plugin_of(manifest_of("alpha"), outlet_fill=filler("a1", "a2")),
        plugin_of(manifest_of("bravo"), outlet_fill=filler("b")),
        plugin_of(manifest_of("zulu", priority=1), outlet_fill=filler("z")),
        plugin_of(manifest_of("silent")),
    )

    assert await templates(HookBus(host, everywhere)) == ["z", "a1", "a2", "b"]


@pytest.mark.parametrize("broken", [failing, hanging, forbidden, no_list])
async def test_outlet_fill_skips_a_plugin_that_fails_and_counts_it(
    broken: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = fillers(monkeypatch, alpha=filler("a"), bravo=broken, charlie=filler("c"), delta=nothing)
    before = failures("outlet_fill", "bravo")

    assert await templates(HookBus(host, everywhere, time_limit=0.01)) == ["a", "c"]
    assert failures("outlet_fill", "bravo") == before + 1
    assert failures("outlet_fill", "charlie") == 0


async def test_only_plugins_enabled_for_that_company_and_site_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    host = fillers(monkeypatch, alpha=filler("a"), bravo=filler("b"))
    other = UUID(int=3)
    asked: list[tuple[UUID, str, UUID | None]] = []

    def enabled(ctx: TenantContext, plugin_id: str, site_id: UUID | None) -> bool:
        asked.append((ctx.company_id, plugin_id, site_id))
        return (plugin_id, site_id) in {("alpha", SITE), ("bravo", other), ("bravo", None)}

    bus = HookBus(host, enabled)

    assert await templates(bus) == ["a"]
    assert await templates(bus, site_id=other) == ["b"]
    assert await templates(bus, site_id=None) == ["b"]
    assert asked[:2] == [(COMPANY, "alpha", SITE), (COMPANY, "bravo", SITE)]
    assert bus.takers("outlet_fill", CTX, SITE) == ["alpha"]
    assert bus.takers("event_deliver", CTX, SITE) == []


async def test_each_call_is_isolated_and_undone_alone_when_it_fails_or_runs_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome: list[str] = []

    @asynccontextmanager
    async def savepoint(work: Work) -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            outcome.append(type(error).__name__)
            raise
        outcome.append("kept")

    host = fillers(monkeypatch, alpha=filler("a"), bravo=failing, charlie=hanging, delta=filler("d"))

    assert await templates(HookBus(host, everywhere, isolate=savepoint, time_limit=0.01)) == ["a", "d"]
    assert outcome == ["kept", "RuntimeError", "TimeoutError", "kept"]


async def test_a_cancelled_request_ends_the_call_instead_of_skipping_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started = asyncio.Event()

    async def waiting(outlet: str) -> Sequence[Fragment]:
        started.set()
        await asyncio.Event().wait()
        return []

    bus = HookBus(fillers(monkeypatch, alpha=waiting, bravo=filler("b")), everywhere)
    request = asyncio.create_task(templates(bus))
    await started.wait()
    request.cancel()

    with pytest.raises(asyncio.CancelledError):
        await request


async def test_event_deliver_reaches_all_plugins_and_then_asks_for_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[tuple[str, str]] = []

    def handler(name: str, error: Exception | None = None) -> Callable[..., object]:
        async def event_deliver(ctx: TenantContext, event: Event) -> None:
            reached.append((name, event.type))
            if error:
                raise error

        return event_deliver

    broken = RuntimeError("broken")
    bus = HookBus(
        host_of(
            monkeypatch,
            plugin_of(manifest_of("alpha"), event_deliver=handler("alpha", broken)),
            plugin_of(manifest_of("bravo"), event_deliver=handler("bravo")),
            plugin_of(manifest_of("charlie"), event_deliver=handler("charlie", NotFound())),
        ),
        everywhere,
    )

    with pytest.raises(ExceptionGroup) as raised:
        await bus.each("event_deliver", CTX, SITE, work=idle_work(), event=EVENT)

    assert reached == [(name, EVENT.type) for name in ("alpha", "bravo", "charlie")]
    assert [failure.plugin_id for failure in raised.value.exceptions if isinstance(failure, HookFailed)] == [
        "alpha",
        "charlie",
    ]
    assert raised.value.exceptions[0].__cause__ is broken


async def test_event_deliver_can_be_repeated_for_one_plugin_only(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []

    def handler(name: str) -> Callable[..., object]:
        async def event_deliver(event: Event) -> None:
            reached.append(name)

        return event_deliver

    plugins = [plugin_of(manifest_of(name), event_deliver=handler(name)) for name in ("alpha", "bravo")]
    bus = HookBus(host_of(monkeypatch, *plugins), lambda ctx, plugin_id, site_id: plugin_id != "bravo")

    for name in ("alpha", "bravo"):
        await bus.each("event_deliver", CTX, SITE, only=name, work=idle_work(), event=EVENT)

    assert reached == ["alpha"]  # bravo is off


class Draft:
    site_id = SITE
    type = "repair"
    category = "lift"
    severity = "urgent"
    description = ""


@pytest.mark.parametrize(
    ("error", "expected"),
    [(Invalid.field("description", "Say more."), Invalid), (RuntimeError("broken"), HookFailed), (None, HookFailed)],
)
async def test_ticket_validate_aborts_at_the_first_refusal_and_when_a_validator_is_broken(
    error: Exception | None, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[str] = []

    async def refusing(draft: Draft) -> None:
        if error is None:
            await asyncio.Event().wait()
        else:
            raise error

    async def later(draft: Draft) -> None:
        reached.append(draft.category)

    bus = HookBus(
        host_of(
            monkeypatch,
            plugin_of(manifest_of("alpha"), ticket_validate=refusing),
            plugin_of(manifest_of("bravo"), ticket_validate=later),
        ),
        everywhere,
        time_limit=0.01,
    )

    with pytest.raises(expected) as raised:
        await bus.each("ticket_validate", CTX, SITE, work=idle_work(), draft=Draft())
    assert reached == []
    assert raised.value is error or isinstance(raised.value.__cause__, type(error) if error else TimeoutError)


async def test_an_implementation_that_asks_for_the_platform_is_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    async def outlet_fill(platform: object) -> Sequence[Fragment]:
        given.append(platform)
        return []

    host = fillers(monkeypatch, alpha=outlet_fill, bravo=filler("b"))

    assert await templates(HookBus(host, everywhere, platform="the platform")) == ["b"]
    assert given == ["the platform"]


async def test_ticket_act_refuses_with_what_comes_first_and_the_rest_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def refusing(action: str, step: object, answer: object) -> None:
        asked.append(f"{action} {step} {answer}")
        if action == "resolve":
            raise Conflict("The charge is not confirmed yet.")

    async def later(action: str) -> None:
        asked.append(f"{action} again")

    bus = HookBus(
        host_of(
            monkeypatch,
            plugin_of(manifest_of("alpha"), ticket_act=refusing),
            plugin_of(manifest_of("bravo"), ticket_act=later),
        ),
        everywhere,
    )

    await bus.each("ticket_act", CTX, SITE, work=idle_work(), ticket=Draft(), action="accept", step="so", answer=1)
    with pytest.raises(Conflict, match="not confirmed"):
        await bus.each("ticket_act", CTX, SITE, work=idle_work(), ticket=Draft(), action="resolve", step="so", answer=2)

    assert asked == ["accept so 1", "accept again", "resolve so 2"]


async def test_candidate_skills_of_a_broken_module_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    skill = Skill(UUID(int=7), "水工 · 高级", 3)

    async def broken(ticket: Draft) -> Sequence[Skill]:
        raise RuntimeError

    async def skilled(ticket: Draft) -> Sequence[Skill]:
        return [skill]

    host = host_of(
        monkeypatch,
        plugin_of(manifest_of("alpha"), candidate_skills=broken),
        plugin_of(manifest_of("bravo"), candidate_skills=skilled),
    )

    found = await HookBus(host, everywhere).collect("candidate_skills", CTX, SITE, work=idle_work(), ticket=Draft())

    assert found == [skill]
