"""`lodge serve` and `lodge worker`: run until told to stop, then stop in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import click
import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from litestar.types import ASGIApp

from core.cli.boot import running
from core.cli.listing import table
from core.cli.memory import return_large_blocks, settle
from core.cli.operator import demo_operator
from core.cli.run import Refused, progress
from core.cli.tenants import accounts, apply_demo
from core.platform import Platform
from core.settings import Settings
from core.web import limits

log = structlog.get_logger(__name__)
_DRAIN = 8.0  # seconds for requests under way; streams are told to end at once
_WORKER = 2.0  # seconds for the worker to let go
_POLL = 0.02
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
# granian would log to standard output
_HANDLER = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
_LOGGING = {"handlers": {"console": _HANDLER, "access": _HANDLER}}


async def serve(settings: Settings, *, demo: bool, with_past: bool, with_worker: bool) -> None:
    """Serve until a signal, with the background work in the same process. Raises Refused if the port is taken."""
    address = _free_address(settings)
    return_large_blocks()
    async with running(settings, progress) as lodge:
        packs = await apply_demo(lodge, with_past=with_past) if demo else []
        from core.web.app import create_app

        async with listening(lodge.platform, create_app(lodge.platform), settings, with_worker=with_worker) as ended:
            click.echo(f"Lodge serves at http://{settings.host}:{settings.port}/")
            if packs:
                table([("company", "login", "password", "role"), *accounts(packs)])
                click.echo(f"Operator's console: /operator/  {await demo_operator(lodge)}")
            if packs and address not in _LOOPBACK:
                progress("The passwords above are published: let nobody else reach this address.")
            await ended()


async def work(settings: Settings) -> None:
    """The background work alone, until a signal."""
    async with running(settings, progress) as lodge:
        working = asyncio.create_task(lodge.platform.run_worker(), name="worker")
        try:
            click.echo("Lodge works.")
            await _until(_told_to_stop(), [working])
        finally:
            await _cancel(working)


@contextlib.asynccontextmanager
async def listening(
    platform: Platform, app: ASGIApp, settings: Settings, *, with_worker: bool = False
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Serve `app` from the moment the block begins; what it gets returns at the signal to stop.

    At the end streams are told to end, requests under way get some seconds to, the worker is stopped last.
    """
    server = Server(
        app,
        address=_free_address(settings),
        port=settings.port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        websockets=False,
        backlog=1024,
        backpressure=limits.CONNECTIONS,
    )
    told = _told_to_stop()
    serving = asyncio.create_task(server.serve(), name="web server")
    working = asyncio.create_task(platform.run_worker(), name="worker") if with_worker else None
    try:
        await _accepts(server, serving)
        settle()
        yield lambda: _until(told, [task for task in (serving, working) if task is not None])
    finally:
        platform.live.closing.set()
        server.stop()  # type: ignore[no-untyped-call]
        await _drain(serving)
        if working is not None:
            await _cancel(working)


def _told_to_stop() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM; the second ends the process, and an embedded database follows it."""
    told = asyncio.Event()

    def tell() -> None:
        if told.is_set():
            os._exit(130)
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    return told


async def _until(told: asyncio.Event, tasks: Iterable[asyncio.Task[None]]) -> None:
    """Return when told to; raises what ended a task before."""
    telling = asyncio.create_task(told.wait())
    done, _ = await asyncio.wait({telling, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    telling.cancel()
    for task in tasks:
        if task in done:
            task.result()
            raise RuntimeError(f"the {task.get_name()} ended by itself")


async def _drain(serving: asyncio.Task[None]) -> None:
    done, _ = await asyncio.wait({serving}, timeout=_DRAIN)
    if not done:
        log.warning("requests did not end in time", seconds=_DRAIN)
        # granian will still report to the task that the end of the loop cancels
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)


async def _cancel(working: asyncio.Task[None]) -> None:
    """What the worker is at is rolled back, and done again by the next."""
    working.cancel()
    await asyncio.wait({working}, timeout=_WORKER)


async def _accepts(server: Server, serving: asyncio.Task[None]) -> None:
    """Return once connections are accepted; raises what kept the server from it."""
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(server.bind_addr, server.bind_port)
            writer.close()
            return
        await asyncio.sleep(_POLL)
    serving.result()
    raise RuntimeError("the web server ended by itself")


def _free_address(settings: Settings) -> str:
    """The address to listen at. Raises Refused if it is taken: granian would share it with whoever is there."""
    try:
        family, *_, name = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(name)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        place = f"{settings.host}:{settings.port}"
        raise Refused(f"cannot listen at {place} ({reason}); set LODGE_HOST or LODGE_PORT") from None
    return str(name[0])
