"""`python -m tests.bench.run [UNITS]`: a run of so many units by three items, beside one bare INSERT … SELECT (BIL-2).

Prints, as JSON, how long computing takes and how long writing the very same rows by one statement, indexes and foreign
keys included, and the most memory that the process took which computed.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import msgspec
import uvloop

from core.db.connect import prepare
from core.db.embedded import EmbeddedPostgres
from core.hooks.manager import PluginHost
from plugins.billing.runs import service
from plugins.billing.runs.work import compute_step
from tests.plugins.billing.runs.conftest import NOVEMBER, START, Desk
from tests.support.lodge import SECRET, SettableClock, lodge_on, migration_apps

UNITS = 100_000
MOST_TIMES = 3.0  # as long as the bare statement
MOST_MEMORY = 400  # MB
FILL = (
    """INSERT INTO unit (company_id, id, site_id, building, room, label)
    SELECT $1, gen_random_uuid(), $2, (n % 50)::text, n::text, n::text FROM generate_series(1, $3) n""",
    """INSERT INTO party (company_id, id, site_id, kind, name)
    SELECT company_id, id, site_id, 'person', label FROM unit WHERE company_id = $1 AND site_id = $2 AND $3 > 0""",
    """INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role)
    SELECT company_id, gen_random_uuid(), site_id, id, id, 'owner' FROM unit
    WHERE company_id = $1 AND site_id = $2 AND $3 > 0""",
    """INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, at, by_name)
    SELECT company_id, gen_random_uuid(), site_id, id, basis, DATE '2020-01-01',
        CASE basis WHEN 'built' THEN 50 + (random() * 10000)::int / 100.0 ELSE 1 END, now(), ''
    FROM unit, unnest(ARRAY['built', 'spaces']) basis WHERE company_id = $1 AND site_id = $2 AND $3 > 0""",
)
_BARE = """
INSERT INTO lodge.billing_charge (company_id, id, site_id, run_id, item_id, unit_id, party_id, first_day, last_day,
    due_on, amount_fen, definition, facts)
SELECT company_id, id, site_id, run_id, item_id, unit_id, party_id, first_day, last_day, due_on, amount_fen, definition,
    facts FROM kept
"""


class RunFigure(msgspec.Struct, frozen=True):
    """Seconds of the run and of the bare statement, and the most memory of the process in MB."""

    run: float
    bare: float
    lines: int
    memory: int

    @property
    def ratio(self) -> float:
        return self.run / self.bare

    def misses(self) -> list[str]:
        """What is not as it has to be, a line each."""
        limits = (
            (self.ratio <= MOST_TIMES, f"billing run: {self.ratio:.2f} of bare, at most {MOST_TIMES:.2f} are allowed"),
            (self.memory <= MOST_MEMORY, f"billing run: {self.memory} MB, at most {MOST_MEMORY} are allowed"),
        )
        return [said for holds, said in limits if not holds]


async def measure(units: int = UNITS) -> RunFigure:
    """Fill a company of its own, compute a run, and write the same rows by one statement."""
    host = PluginHost.load(("billing",), strict=True)
    with tempfile.TemporaryDirectory(prefix="lodge-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        try:
            admin_dsn = server.dsn(server.superuser, "postgres")
            dsns = await prepare(admin_dsn, SECRET, migration_apps(host))
            async with lodge_on(dsns, host, SettableClock(), Path(folder)) as lodge:
                desk = Desk(lodge, await lodge.house(plugins=["billing"]))
                admin = await asyncpg.connect(admin_dsn, server_settings={"search_path": "lodge"})
                try:
                    return await _measure(desk, admin, units)
                finally:
                    await admin.close()
        finally:
            server.stop()


async def _measure(desk: Desk, admin: Any, units: int) -> RunFigure:
    for statement in FILL:
        await admin.execute(statement, desk.house.company_id, desk.site.id, units)
    items = [
        await desk.item("fee", "2.35"),
        await desk.item("parking", "120", "spaces"),
        await desk.item("bins", "8.50", "fixed"),
    ]
    await desk.price(items[0], "2.60", number=2, since=START.replace(year=2026, month=11, day=16))
    await admin.execute("VACUUM ANALYZE")
    run = await desk.run(*items)
    began = perf_counter()
    more = True
    while more:
        async with desk.system() as work:
            more = await compute_step(desk.lodge.platform, work, run.id)
    took = perf_counter() - began
    async with desk.work() as work:
        found = await service.get(work, desk.site, run.id)
    assert (found.charges, found.month) == (3 * units, NOVEMBER)
    await admin.execute("CREATE TABLE kept AS SELECT * FROM billing_charge")
    await admin.execute("TRUNCATE billing_charge")
    await admin.execute("VACUUM ANALYZE kept")
    began = perf_counter()
    await admin.execute(_BARE)
    bare = perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return RunFigure(took, bare, found.charges, memory)


def main() -> None:
    units = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(msgspec.json.encode(runner.run(measure(units))).decode())


if __name__ == "__main__":
    main()
