"""The canary world is whole: no tenant's table without rows of both companies, no text that tells nothing."""

from __future__ import annotations

from typing import Any

from tests.support.filling import tables_of
from tests.world import World

# Columns of a company whose texts cannot tell whose they are, and why; those that a CHECK holds to a few words, or
# that are worked out from the rest of the row, are found in the catalogue.
PLAIN = {
    "one of a few words that no CHECK lists": (
        "api_token.permissions approval.permission audit_entry.action audit_entry.actor_kind audit_entry.subject_type "
        "complaints_step.heard complaints_step.kind duty_shift.kind invitation.roles membership.roles "
        "notification.kind notification.severity notify_delivery.kind notify_preference.settings notify_provider.kinds "
        "outbox.type policy_revision.policy policy_simulation.policy reception_visit_step.kind "
        "repairs_line.kind repairs_term.item repairs_trade.trade repairs_visit.trade returnvisits_step.kind "
        "returnvisits_visit.severity service_account.permissions "
        "team.categories ticket.category ticket.due_goal ticket.paused_from ticket.type ticket_counter.status "
        "ticket_event.actor_kind ticket_event.kind ticket_goal.clock ticket_goal.missed_in ticket_goal.name "
        "ticket_goal.unit ticket_timer.kind webhook.event_types"
    ),
    "the id of what it is about": "audit_entry.subject_id",
    "a digest, or a word of ours": (
        "billing_dunning_proof.digest billing_dunning_proof.kind billing_dunning_proof.thumbnail "
        "ticket_attachment.digest ticket_attachment.thumbnail ticket_relation.merged_from"
    ),
    "counts and instants": (
        "billing_closing.figures billing_closing.found billing_run.figures billing_shift_closing.pieces "
        "calendar_value.value policy_simulation.draft policy_simulation.result "
        "roll_import.effect roll_import.summary "
        "billing_correction_line.freed billing_dunning.lines billing_order.parts billing_provider.settings "
        "ticket_event.clock"
    ),
    "names of goals, and how they stand": "ticket.tally",
    "small letters, says a CHECK": "billing_item.code",
    "empty where another column says it": (
        "billing_disclosure.reason billing_order.reference billing_posting.means billing_version.formula"
        " billing_version.tiers"
    ),
    "a number within the site": "ticket.number ticket_sequence.month",
    "a part of the network": "api_token.last_used_from session.network sign_in_record.network",
    "a time zone's name": "site.timezone",
    "which roles somebody holds at which site": "invitation.posts membership.posts",
    "the name of a module": "plugin_switch.plugin subscription.plugin",
}
_TEXTS = """
SELECT c.relname::text, a.attname::text FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'lodge'::regnamespace AND c.relname = ANY ($1)
AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype) ORDER BY 1, 2
"""


async def test_every_tenant_table_has_rows_of_both_companies_at_both_sites(world: World, admin: Any) -> None:
    empty = []
    for table in world.tables:
        sited = await admin.fetchval(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = 'site_id'",
            f"lodge.{table}",
        )
        for half in (world.a, world.b):
            for site in half.house.sites:
                where = "company_id = $1" + (" AND site_id = $2" if sited else "")
                args = [half.company_id, site.id][: 2 if sited else 1]
                if not await admin.fetchval(f"SELECT count(*) FROM lodge.{table} WHERE {where}", *args):
                    empty.append((table, site.slug))

    assert empty == []


async def test_every_text_column_tells_whose_it_is(world: World, admin: Any) -> None:
    plain = {column for columns in PLAIN.values() for column in columns.split()}
    words = {(table.name, column) for table in await tables_of(admin, world.tables) for column in table.words}
    silent = set()
    for table, column in {tuple(row) for row in await admin.fetch(_TEXTS, world.tables)} - words:
        told = [
            await admin.fetchval(
                f"SELECT count(*) FROM lodge.{table} WHERE company_id = $1 AND {column}::text LIKE ANY ($2)",
                world.b.company_id,
                [f"%{canary}%" for canary in world.b.canaries],
            )
        ]
        if not any(told):
            silent.add(f"{table}.{column}")

    assert silent - plain == set()
    assert plain - silent == set(), "an exemption that is not needed any more"


async def test_no_canary_is_in_the_other_companys_rows(world: World, admin: Any) -> None:
    for mine, other in ((world.a, world.b), (world.b, world.a)):
        for table in world.tables:
            found = await admin.fetchval(
                f"SELECT count(*) FROM lodge.{table} t WHERE company_id = $1 AND t::text LIKE ANY ($2)",
                mine.company_id,
                [f"%{canary}%" for canary in other.canaries],
            )
            assert found == 0, table
