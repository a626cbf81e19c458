"""Serves, as `lodge serve` does, an application with one page and two endless streams; run as a program."""

from __future__ import annotations

import asyncio

from litestar.types import ASGIApp, Receive, Scope, Send

from core.cli.boot import running
from core.cli.run import run
from core.cli.serve import listening
from core.platform import Platform
from core.settings import Settings


def app_of(platform: Platform) -> ASGIApp:
    """`/live` ends when the platform closes, `/stuck` never, everything else at once."""

    async def lifespan(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        path = scope["path"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": path.encode(), "more_body": True})
        if path == "/live":
            await platform.live.closing.wait()
        if path == "/stuck":
            await asyncio.Event().wait()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def serve(settings: Settings) -> None:
    async with (
        running(settings) as lodge,
        listening(lodge.platform, app_of(lodge.platform), settings, with_worker=True) as ended,
    ):
        print("ready", flush=True)
        await ended()
    print("stopped", flush=True)


if __name__ == "__main__":
    run(serve)
