"""The canary world is whole: no tenant's table without rows of both companies, no text that tells nothing."""

from __future__ import annotations

from typing import Any

from tests.world import World

# Columns of a company whose texts cannot tell whose they are, and why.
PLAIN = {
    "one of a few words": (
        "audit_entry.action audit_entry.actor_kind audit_entry.subject_type occupancy.role outbox.type party.kind "
        "policy_revision.policy policy_simulation.policy policy_simulation.state roll_import.status site.kind "
        "ticket.category ticket.channel ticket.due_goal "
        "ticket.paused_from ticket.severity ticket.status ticket.type ticket_counter.status ticket_event.actor_kind "
        "ticket_callback.outcome ticket_event.kind ticket_goal.clock ticket_goal.name ticket_goal.state "
        "ticket_goal.unit ticket_timer.kind ticket_goal.missed_in agenda_item.reason "
        "notification.kind notification.severity notify_delivery.channel notify_delivery.kind notify_delivery.state "
        "notify_confirmation.channel notify_preference.settings notify_provider.kinds notify_provider.scheme "
        "webhook.event_types "
        "team.categories team_member.role duty_plan.kind duty_shift.kind "
        "api_token.permissions membership.roles reception_call.channel reception_call.source reception_call.status "
        "reception_visit.status reception_visit.id_kind reception_visit.host_answer reception_visit.answered_via "
        "reception_visit_step.kind "
        "repairs_order.warranty repairs_term.item repairs_term.liable "
        "repairs_trade.trade repairs_visit.trade repairs_price.kind repairs_line.kind repairs_consent.kind "
        "repairs_consent.how repairs_photo.moment "
        "reception_turn.status complaints_case.kind complaints_step.kind complaints_step.heard "
        "complaints_compensation.state "
        "returnvisits_visit.source returnvisits_visit.status returnvisits_visit.severity returnvisits_visit.way "
        "returnvisits_visit.visitor_role returnvisits_visit.done_way returnvisits_visit.effect "
        "returnvisits_visit.satisfaction returnvisits_visit.signed returnvisits_visit.follow_up"
    ),
    "the id of what it is about": "audit_entry.subject_id",
    "a digest, or a word of ours": (
        "ticket_attachment.digest ticket_attachment.kind ticket_attachment.thumbnail "
        "ticket_relation.kind ticket_relation.merged_from"
    ),
    "counts and instants": (
        "calendar_value.value policy_simulation.draft policy_simulation.result roll_import.effect roll_import.summary "
        "ticket_event.clock"
    ),
    "names of goals, and how they stand": "ticket.tally",
    "a number within the site": "ticket.number ticket_sequence.month",
    "the last digits of a number": "contact.phone_tail ticket_search.phone_tail",
    "a time zone's name": "site.timezone",
    "the name of a module": "plugin_switch.plugin subscription.plugin",
}
_TEXTS = """
SELECT c.relname::text, a.attname::text FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
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
    silent = set()
    for table, column in await admin.fetch(_TEXTS, world.tables):
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
