"""Every column of every table says what it holds about people, and what is secret is stored as a secret."""

from __future__ import annotations

import re

from core.cli.privacy import listed
from core.db.personal import Kind
from core.hooks.manager import PluginHost
from core.privacy.erasing import _PERSONAL
from core.privacy.register import Column, Held, register
from core.tables import CORE_TABLES
from tests.support.lodge import Lodge

# What a CHECK lists needs no word, nor what the database makes of other columns.
_TOLD = r"""
SELECT c.relname::text, a.attname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND pg_get_constraintdef(k.oid) ~ '(= ANY \(|<@ )ARRAY'
UNION SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'lodge'::regnamespace AND a.attgenerated <> ''
"""
_MAY_NOT_UPDATE = """
SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'lodge'::regnamespace AND c.relkind = 'r' AND a.attgenerated = '' AND NOT a.attisdropped
    AND NOT has_column_privilege('lodge_app', c.oid, a.attnum, 'UPDATE')
"""
WORDED = {"text", "text[]", "jsonb", "bytea", "terms"}
_SUSPECT = re.compile(r"phone|mobile|(^|_)name$|id_number|id_card|e?mail|address|signature|login")
# Names of things.
_OF_THINGS = {
    "api_token.name", "company.name", "identity_provider.address_claim", "job_slot.name", "notify_provider.name",
    "repairs_contractor.name", "repairs_line.name", "repairs_price.name", "returnvisits_area.area_name",
    "returnvisits_area.name", "returnvisits_visit.area_name", "service_account.name", "site.name", "site.telephone",
    "team.name", "ticket.team_name", "ticket_goal.name",
}  # fmt: skip
# Rows about no one person, in whose texts somebody may be named: an erasure takes the name and the number out.
_UNLED = {
    "approval", "billing_bank_line", "billing_discount", "billing_expense", "billing_quantity", "complaints_month",
    "duty_plan", "meeting", "policy_revision", "privacy_request", "reception_handover", "reception_turn",
    "repairs_term", "repeat_case", "returnvisits_candidate", "roll_import", "roll_import_change", "unit",
}  # fmt: skip
# Columns that the texts' way does not empty, and what does.
_APART = {
    "privacy_request.phone_sealed": "forgotten with the request, by core.privacy.repository.forget",
    "roll_import.content": "sealed, and gone with the import",
    "roll_import.file_digest": "of the file as a whole",
    "ticket_attachment.digest": "the file is emptied, by Files.empty",
    "ticket_attachment.thumbnail": "the file is emptied, by Files.empty",
    "ticket_search.terms": "made by the database of the text",
}


def held(host: PluginHost) -> tuple[Held, ...]:
    return register([*CORE_TABLES, *(table for plugin in host.plugins for table in plugin.tables)])


async def test_pi_4_pi_5_every_column_that_could_hold_something_personal_says_what_it_holds(
    lodge: Lodge, host: PluginHost
) -> None:
    async with lodge.owner.begin(None) as uow:
        told = set(await uow.fetch(lambda *row: row, _TOLD))

    assert not [
        f"{c.table}.{c.name} {c.type}"
        for table in held(host)
        for c in table.columns
        if not c.said and (c.table, c.name) not in told and c.type in WORDED
    ]


def test_what_is_personal_has_a_purpose(host: PluginHost) -> None:
    assert not [f"{c.table}.{c.name}" for t in held(host) for c in t.columns if c.subject and not c.purpose]


def test_se_1_secrets_and_id_numbers_are_stored_sealed_or_hashed(host: PluginHost) -> None:
    columns = [c for table in held(host) for c in table.columns if c.kind in ("secret", "identity")]

    in_the_clear = {f"{c.table}.{c.name}" for c in columns if c.type.removesuffix("[]") != "bytea"}

    assert in_the_clear == {"person.password_hash", "operator.password_hash"}, "argon2's own form, which is text"


def test_what_is_called_like_something_personal_is_not_declared_plain(host: PluginHost) -> None:
    plain = {
        f"{c.table}.{c.name}"
        for table in held(host)
        for c in table.columns
        if c.kind == "none" and c.type in WORDED and _SUSPECT.search(c.name)
    }

    assert plain <= _OF_THINGS


async def test_pi_5_what_is_erased_may_be_written_by_who_serves(lodge: Lodge, host: PluginHost) -> None:
    """Append-only tables give away their personal columns, and nothing else (PI-5)."""
    async with lodge.owner.begin(None) as uow:
        barred = set(await uow.fetch(lambda *row: row, _MAY_NOT_UPDATE))
    kinds: tuple[Kind, ...] = ("name", "contact", "address", "free_text", "image")

    assert {
        f"{c.table}.{c.name}"
        for table in held(host)
        for c in table.of(*kinds)
        if (c.table, c.name) in barred and c.subject != "staff"
    } == set()


def test_whatever_tells_of_somebody_is_handed_out_and_erased(host: PluginHost) -> None:
    """Who adds a column says whose it is, or it could neither be given out nor emptied (PI-4, PI-5)."""
    tables = held(host)

    assert {
        t.name for t in tables if any(c.subject not in (None, "staff") for c in t.columns) and not _led(t)
    } == _UNLED
    assert {f"{c.table}.{c.name}" for t in tables for c in t.columns if not _erasable(t, c)} == _APART.keys()


def _led(table: Held) -> bool:
    return bool(table.privacy.party or table.privacy.phone or table.privacy.member or table.privacy.parent)


def _erasable(table: Held, column: Column) -> bool:
    """A row that is theirs goes or is emptied; texts of others lose their name and number."""
    if column.subject in (None, "staff") or table.privacy.whole:
        return True
    if column.kind == "image":
        return bool(table.privacy.party)
    return column.kind in _PERSONAL and (column.type in ("text", "jsonb") or (_led(table) and column.type == "bytea"))


def test_the_register_lists_what_is_personal_alone(host: PluginHost) -> None:
    lines = {line[0]: line for line in listed(held(host))}

    assert lines["ticket.reporter_phone"] == ("ticket.reporter_phone", "contact", "resident", "seeing to the matter")
    assert lines["ticket.owner_name"][1:3] == ("name", "staff")
    assert "ticket.number" not in lines
