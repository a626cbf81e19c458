"""`python -m tests.bench`: fills a database, serves Lodge and the yardstick, measures one against the other in turns.

The figures are ratios of requests a second, the median of rounds that follow each other; exits 1 if one is too low.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pickle
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import uvloop

from tests.bench.bare import ALONE, IN_A_TRANSACTION, Script
from tests.bench.desk import DeskFigure, bare_inserts, first_paint, intake
from tests.bench.load import Measured, Order
from tests.bench.run import MOST_MEMORY as MOST_RUN_MEMORY
from tests.bench.run import MOST_TIMES, UNITS, RunFigure
from tests.bench.stage import Stage, pool_size, stage
from tests.core.cli.lodge import COMMAND, free_port
from tests.support.lodge import SECRET

FLOORS = {"list": 0.60, "detail": 0.50, "counts": 0.50, "card": 0.50, "create": 0.50}
STATUS = {"create": 201}
MOST_ROUND_TRIPS = 6
MOST_MEMORY = 180  # MiB
_PATIENCE = 30.0  # seconds for a process to start, to answer what it was asked, to stop


class Figure(msgspec.Struct, frozen=True):
    """A route: requests a second of Lodge and of the yardstick, how they compare, and milliseconds until an answer.

    `ratio` compares with the same statements, transaction included; `alone` with the reads alone, so that the price of
    isolation counts too. The floors are for `alone`; what makes a ticket is a transaction in any case.
    """

    route: str
    lodge: float
    bare: float
    ratio: float
    alone: float | None
    floor: float
    p50: float
    p95: float
    round_trips: int
    read_whole: list[str]

    @property
    def gated(self) -> float:
        return self.ratio if self.alone is None else self.alone


class Report(msgspec.Struct, frozen=True):
    """`generator` is the rate at which the load generator gets answers to nothing: it must not be what is measured."""

    tickets: int
    seconds_to_fill: float
    figures: list[Figure]
    desk: DeskFigure
    run: RunFigure
    memory_mib: float
    generator: float

    def misses(self) -> list[str]:
        """What is not as it has to be, a line each."""
        found = [*self.desk.misses(), *self.run.misses()]
        for figure in self.figures:
            if figure.gated < figure.floor:
                found.append(f"{figure.route}: {figure.gated:.2f} of bare, at least {figure.floor:.2f} is wanted")
            if figure.round_trips > MOST_ROUND_TRIPS:
                found.append(
                    f"{figure.route}: {figure.round_trips} round trips, at most {MOST_ROUND_TRIPS} are allowed"
                )
            if figure.read_whole:
                found.append(f"{figure.route}: reads {', '.join(figure.read_whole)} from end to end")
        if self.memory_mib > MOST_MEMORY:
            found.append(f"memory: {self.memory_mib:.0f} MiB, at most {MOST_MEMORY} are allowed")
        return found


async def main(*, quick: bool) -> Report:
    companies, copies, rounds, seconds = (10, 5, 5, 1.0) if quick else (50, 20, 11, 1.0)
    with tempfile.TemporaryDirectory(prefix="lodge-bench-") as folder:
        home = Path(folder)
        _say(f"filling {companies} companies with tickets ...")
        async with stage(home, companies, copies) as ready:
            _say(f"{ready.tickets:,} tickets in {ready.seconds_to_fill:.0f} s")
            async with _lodge(home, ready) as (port, process), _bare(home, ready) as bare_port:
                figures = [await _compare(ready, route, port, bare_port, rounds, seconds) for route in FLOORS]
                nothing = [ready.requests["list"][0].text("/nothing/0")]
                generator = await _load(Order(bare_port, nothing, 200, seconds))
                desk, memory = await _desk(ready, port, rounds, seconds), _memory(process)
        run = await _run(UNITS // 10 if quick else UNITS)
        return Report(ready.tickets, ready.seconds_to_fill, figures, desk, run, memory, generator.rate)


async def _compare(ready: Stage, route: str, port: int, bare_port: int, rounds: int, seconds: float) -> Figure:
    """The servers take turns, and turns at being first: whatever else the machine does hits both alike."""
    requests, status = ready.requests[route], STATUS.get(route, 200)
    lodge = Order(port, [request.text() for request in requests], status, seconds)
    orders = [lodge]
    for way in (IN_A_TRANSACTION,) if route == "create" else (IN_A_TRANSACTION, ALONE):
        sent = [request.text(f"/{way}/{route}/{n}") for n, request in enumerate(requests)]
        orders.append(msgspec.structs.replace(lodge, port=bare_port, requests=sent))
    for order in orders:
        await _load(msgspec.structs.replace(order, seconds=1.0))  # fills every connection's plans and every cache
    turns = []
    for number in range(rounds):
        first = number % len(orders)
        measured = {n % len(orders): await _load(orders[n % len(orders)]) for n in range(first, first + len(orders))}
        turns.append([measured[n] for n in range(len(orders))])
    ours, bare = ([turn[n] for turn in turns] for n in (0, 1))
    figure = Figure(
        route,
        lodge=statistics.median(turn.rate for turn in ours),
        bare=statistics.median(turn.rate for turn in bare),
        ratio=statistics.median(turn[0].rate / turn[1].rate for turn in turns),
        alone=statistics.median(turn[0].rate / turn[2].rate for turn in turns) if len(orders) > 2 else None,
        floor=FLOORS[route],
        p50=statistics.median(turn.p50 for turn in ours),
        p95=statistics.median(turn.p95 for turn in ours),
        round_trips=ready.round_trips[route],
        read_whole=ready.read_whole[route],
    )
    _say(f"{route}: {figure.gated:.2f}")
    return figure


async def _desk(ready: Stage, port: int, rounds: int, seconds: float) -> DeskFigure:
    """The front desk's own paths; what the machine itself can write is measured in between."""
    order = await intake(port, ready.desks, seconds)
    await _load(order)
    turns = [(await _load(order), await bare_inserts(ready.admin_dsn, seconds)) for _ in range(rounds)]
    paint, kilobytes, pop = await first_paint(port, ready.desks)
    rate, p95, inserts = (
        statistics.median(each) for each in zip(*((ours.rate, ours.p95, bare) for ours, bare in turns), strict=True)
    )
    _say(f"intake: {rate:,.0f}/s")
    return DeskFigure(rate, p95, inserts, paint, kilobytes, pop)


async def _run(units: int) -> RunFigure:
    """A billing run in a process of its own, whose memory is its alone. Raises RuntimeError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.run", str(units), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the billing run ended with {process.returncode}")
    figure = msgspec.json.decode(output, type=RunFigure)
    _say(f"billing run: {figure.ratio:.2f}")
    return figure


async def _load(order: Order) -> Measured:
    """A round of load from a process of its own. Raises RuntimeError for the first answer that is wrong."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(order.seconds + _PATIENCE):
            output, _ = await process.communicate(msgspec.json.encode(order))
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise RuntimeError(f"the load generator ended with {process.returncode}")
    measured = msgspec.json.decode(output, type=Measured)
    if measured.wrong is not None:
        raise RuntimeError(f"not what was expected: {measured.wrong}")
    return measured


@contextlib.asynccontextmanager
async def _lodge(home: Path, ready: Stage) -> AsyncIterator[tuple[int, int]]:
    """`lodge serve` without the worker; its port and its process."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LODGE_")}
    own = {
        "LODGE_HOME": str(home),
        "LODGE_PORT": str(port),
        "LODGE_SECRET": SECRET.decode(),
        "LODGE_DATABASE_URL": ready.admin_dsn,
        "LODGE_RATE_CLIENT": "0",  # here one client asks for a whole house
    }
    async with _running([*COMMAND, "serve", "--no-worker"], port, kept | own) as process:
        yield port, process


@contextlib.asynccontextmanager
async def _bare(home: Path, ready: Stage) -> AsyncIterator[int]:
    port, script = free_port(), home / "script"
    script.write_bytes(pickle.dumps(Script(ready.admin_dsn, port, pool_size(home), ready.seen)))
    async with _running([sys.executable, "-m", "tests.bench.bare", str(script)], port, dict(os.environ)):
        yield port


@contextlib.asynccontextmanager
async def _running(command: list[str], port: int, environment: dict[str, str]) -> AsyncIterator[int]:
    """A server in a process of its own, from when it accepts connections; stopped at the end."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                if process.returncode is not None:
                    raise RuntimeError(f"{command[-1]} ended with {process.returncode}")
                await asyncio.sleep(0.02)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _PATIENCE)
            except TimeoutError:
                process.kill()


def _memory(process: int) -> float:
    """What the process holds in memory, in MiB, as Linux tells it."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} is gone")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _table(report: Report) -> str:
    lines = ["route     lodge/s   bare/s  ratio  floor  alone  p50 ms  p95 ms  round trips"]
    for f in report.figures:
        alone = "-" if f.alone is None else f"{f.alone:.2f}"
        rates = f"{f.route:8} {f.lodge:8,.0f} {f.bare:8,.0f} {f.ratio:6.2f} {f.floor:6.2f} {alone:>6}"
        lines.append(f"{rates} {f.p50:7.1f} {f.p95:7.1f}  {f.round_trips}")
    desk = report.desk
    lines += [
        f"intake   {desk.rate:8,.0f}/s, p95 {desk.p95:.0f} ms; the machine commits {desk.inserts:,.0f} rows a second",
        f"workbench: first painted after {desk.paint:.0f} ms, {desk.kilobytes:.0f} kB sent",
        f"a call that rings shows after {desk.pop:.0f} ms",
    ]
    run = report.run
    lines.append(
        f"billing run: {run.lines:,} lines in {run.run:.1f} s, {run.ratio:.2f} of the same rows by one statement "
        f"({MOST_TIMES:.0f} at most), {run.memory} MB of {MOST_RUN_MEMORY} at most"
    )
    whole = {table for f in report.figures for table in f.read_whole}
    lines += [
        f"{report.tickets:,} tickets, filled in {report.seconds_to_fill:.0f} s",
        f"tables of tickets read from end to end: {', '.join(sorted(whole)) or 'none'}",
        f"server process: {report.memory_mib:.0f} MiB of {MOST_MEMORY} at most",
        f"load generator: {report.generator:,.0f}/s",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer tickets and rounds: to try the bench itself")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where to write the figures")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers are stopped
    report = uvloop.run(main(quick=arguments.quick))
    arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    print(_table(report))
    misses = report.misses()
    for miss in misses:
        _say(miss)
    sys.exit(bool(misses))
