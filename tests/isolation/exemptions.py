"""What may break a rule of the catalogue, and why. An exemption that is not needed fails the suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_QUEUE = "the job queue's library makes its tables; they hold ids only, and lodge_dispatch reads them"

_SEARCH = (
    "on a table without statistics (company_id, site_id, …) looks as narrow as the key: foreign keys are checked by it "
    "and a large roll takes minutes; a site's id is unique by itself"
)

EXEMPT: Final[Mapping[str, Mapping[str, str]]] = {
    "a table belongs to a tenant": {
        "migration": "the migration runner's own list",
        "person": "one person may work for several companies; lodge_app has no grant on it",
        "sign_in_failure": "guesses are counted before anybody is known; keys are hashes",
        "request_count": "requests are counted by client or address for every company at once; keys are ids or hashes",
        "job_slot": "a scheduled job is queued for every company at once; names and instants",
        "pgqueuer": _QUEUE,
        "pgqueuer_log": _QUEUE,
        "pgqueuer_schedules": _QUEUE,
        "pgqueuer_statistics": _QUEUE,
    },
    "only tenant and owner see rows": {
        "company lodge_dispatch_rows": "scheduled jobs are queued for every company",
        "site lodge_dispatch_rows": "scheduled jobs are queued for every company's sites",
        "outbox lodge_dispatch_rows": "events are delivered for every company in one pass",
        "audit_unlinked lodge_dispatch_rows": "entries are linked for every company in one pass; ids",
        "ticket_timer lodge_dispatch_rows": "breaches are noticed for every company in one pass; ids and an instant",
        "notify_due lodge_dispatch_rows": "messages are taken up for every company in one pass; ids and an instant",
        "company lodge_operator_rows": "the operator's console lists companies by name",
        "site lodge_operator_rows": "a company's sites by name, beside its modules",
        "subscription lodge_operator_rows": "which modules a company has",
        "plugin_switch lodge_operator_rows": "which of them are on",
        "membership lodge_operator_rows": "how many work there, and nothing of whom",
        "ticket_counter lodge_operator_rows": "how many tickets a company has",
        "ticket_attachment lodge_operator_rows": "how much storage a company needs",
        "audit_tally lodge_operator_rows": "the last day on which anything was recorded",
        "audit_check lodge_operator_rows": "when a chain was last proven whole",
        "outbox lodge_operator_rows": "how many events wait or were given up",
        "notify_delivery lodge_operator_rows": "how many messages were given up",
        "operator_access lodge_operator_rows": "operators' own accesses, in their own words; without tokens",
        "operator_access_due lodge_dispatch_rows": "accesses end for every company in one pass; ids and an instant",
        "company lodge_definer_rows": "sign-in names the companies of the person whose password was right",
        "session lodge_definer_rows": "a new password ends the person's sessions in every company",
        "password_reset lodge_definer_rows": "a link is used before anybody is signed in, and ends with the password",
        "membership lodge_definer_rows": "sign-in finds the companies a person works for",
        "sign_in_record lodge_definer_rows": "a wrong password is on record with each company of the person; INSERTs",
        "ticket lodge_definer_rows": "counts leave out what is hidden from the reader; see tickets_about",
        "ticket_search lodge_definer_rows": "an index of words goes unused under row level security; see find_tickets",
    },
    "a tenant's table has no trigger and no rule": {
        "billing_entry billing_entered": "an entry has postings, and its month is open (MO-7); it changes nothing",
        "billing_posting billing_balanced": "what an entry posts cancels out (MO-2); it changes nothing",
        "billing_posting billing_owing": "billing_owed is the sum of what is posted, to the charge, at once (BIL-5)",
        "billing_period billing_closing": "whoever closes a month waits for those who post (MO-7); it changes nothing",
    },
    "an index leads with company_id": {
        "ticket_timer_due": "the dispatcher takes what is due in every company",
        "ticket_search_terms": "the site is part of each term",
        "contact_phone": _SEARCH,
        "contact_phone_tail": _SEARCH,
        "party_name": _SEARCH,
        "unit_label": _SEARCH,
        "unit_room": _SEARCH,
        "unit_site_id_building_entrance_room_company_id_key": _SEARCH,
        "unit_sorted": _SEARCH,
    },
    "a foreign key stays among tenants' tables": {
        "membership membership_person_id_fkey": "a person belongs to no tenant; a reference table on Citus",
    },
    "a function has its caller's rights": {
        "change_own_password(text,text,uuid,timestamp with time zone)": "the reader's own, by the present one",
        "end_sessions_of(uuid,uuid,timestamp with time zone)": "called by the two that set a password, by nobody else",
        "own_account()": "the companies that the reader works for",
        "use_password_reset(uuid,uuid,text,timestamp with time zone)": "sets one password, by a link that is open",
        "account_of_login(text)": "nobody is a member yet; answers for one login, whose password is asked for",
        "add_person(uuid,text,text)": "people belong to no tenant; makes a new one and changes none",
        "account_of_member(uuid)": "people's logins belong to no tenant; answers for a member of the tenant in force",
        "forget_account(uuid,timestamp with time zone)": "empties the account of a member who is erased everywhere",
        "sign_in_candidates(text)": "nobody is signed in yet; answers for one login only",
        "sign_in_refused(uuid,timestamp with time zone,text,text,text)": "notes what was wrong for one person; answers "
        "nothing",
        "password_hash_of_member(uuid)": "people's passwords belong to no tenant; answers for members of the tenant in "
        "force",
        "tickets_about(uuid,uuid)": "tells whom a site's complaints concern, of the tenant in force: ids and states",
        "find_tickets(uuid,text,uuid,integer)": "looks for words in one site of the tenant in force; tells ids only",
    },
    "nothing is granted to everybody": {
        "fn_pgqueuer_changed()": "the queue library's trigger function; it cannot be called by itself",
    },
    "lodge_app works on tenants' tables": {
        "sign_in_failure": "guesses are counted before anybody is known",
        "request_count": "requests are counted for every company at once",
        "pgqueuer": "a job is queued in the transaction that asks for it",
        "pgqueuer_log": "queueing a job writes the queue's log",
    },
}
