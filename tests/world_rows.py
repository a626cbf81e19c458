"""What columns of a row that tests make must hold, where their own names will not do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from core.files.store import digest_of
from tests.support.lodge import NOW

FEN = 7_654_321  # of every amount there is
_SUMMARY = {
    "imported_units": 1, "skipped_rows": [], "errors": [], "warnings": [], "owners": 1, "phones": 1,
    "with_id_number": 0, "total_area_m2": 1.0,
}  # fmt: skip
_LINE = {
    "charge_id": UUID(int=1), "item": "fee", "first_day": None, "last_day": None, "due_on": date(2026, 10, 1),
    "open_fen": FEN,
}  # fmt: skip
# What a column must hold where its own name and the company's, or what a CHECK of it asks for, will not do.
PROOF = b"signed for\n"  # the content of each file that proves a step of dunning
VALUES: Mapping[str, Mapping[str, Any]] = {
    "roll_import": {
        "status": "applied",
        "content": None,
        "summary": msgspec.json.encode(_SUMMARY).decode(),
        "effect": "{}",
    },
    "team": {"categories": ["plumbing_electric"]},
    "party": {"id_number_sealed": None},
    "occupancy": {"ends_on": None},
    "approval": {
        "permission": "ticket.view",
        "decided_by": None,
        "decided_at": None,
        "expires_at": NOW + timedelta(days=1),
        "concerns_id": None,
    },
    "reception_visit": {
        "left_at": None,
        "turned_away_at": None,
        "cancelled_at": None,
        "follows_id": None,
        "badge_lost_at": None,
        "erased_at": None,
    },
    "reception_visit_ask": {"expires_at": NOW + timedelta(hours=1), "answered_at": None},
    "reception_visit_step": {"kind": "admit"},
    "reception_barred": {"lifted_at": None, "erased_at": None},
    "reception_message": {"done_at": None},
    "reception_turn": {"done_at": None, "left_at": None},
    "reception_box": {"slips": 9, "entered": 1},
    "complaints_step": {"kind": "note", "heard": ""},
    "complaints_compensation": {"amount_fen": FEN},
    "repairs_term": {"item": "pipes"},
    "repairs_trade": {"trade": "plumber"},
    "repairs_visit": {
        "trade": "plumber",
        "ends_at": NOW + timedelta(hours=2),
        "arrived_at": None,
        "cancelled_at": None,
    },
    "repairs_price": {"price_fen": FEN, "valid_from": date(2026, 1, 1), "retired": False},
    "repairs_line": {"kind": "material", "counters_id": None, "price_fen": FEN, "amount_fen": FEN},
    "repairs_consent": {"how": "telephone", "attachment_id": None, "amount_fen": FEN},
    "repairs_sheet": {"status": "accepted", "chase_on": None},
    "repairs_sheet_entry": {"print_no": None},
    "returnvisits_step": {"kind": "added"},
    "returnvisits_draw": {"seed": bytes(32), "since": date(2026, 11, 1), "until": date(2026, 12, 1)},
    "returnvisits_visit": {
        "severity": "routine",
        "effect": "unsolved",
        "satisfaction": "dissatisfied",
        "void_at": None,
        "held_at": None,
        "previous_id": None,
    },
    "billing_item": {"code": "fee", "ended_on": None},
    "billing_version": {"price": Decimal("2.35"), "formula": "", "tiers": ""},
    "billing_assignment": {"unit_id": None, "until": None},
    "billing_period": {"month": date(2026, 9, 1), "debit_fen": FEN, "credit_fen": FEN},
    "billing_run": {
        "month": date(2026, 11, 1),
        "total_fen": FEN,
        "item_ids": [UUID(int=1)],
        "figures": "",
        "posted_to": None,
        "created_by": None,
        "approved_at": None,
        "issuing_at": None,
        "issued_at": None,
        "discarded_at": None,
    },
    "billing_charge": {"amount_fen": FEN, "definition": 1},
    "billing_difference": {"amount_fen": FEN, "last_fen": FEN},
    "billing_shift": {"cashier_id": UUID(int=1), "float_fen": FEN},
    "billing_shift_closing": {"pieces": "[]"},
    "billing_shift_count": {"ledger_fen": FEN, "expected_fen": FEN, "counted_fen": 2 * FEN},
    "billing_handover": {"goes_to": "bank", "amount_fen": FEN},
    "billing_closing": {
        "first_day": date(2026, 10, 1),
        "last_day": date(2026, 10, 1),
        "ledger_fen": FEN,
        "difference_fen": FEN,
        "figures": "{}",
        "found": "[]",
    },
    "billing_bank_line": {
        "amount_fen": FEN,
        "entry_id": None,
        "settled_at": None,
        "settled_by": None,
        "reopened": "undone",
    },
    "billing_reconciliation": {"month": date(2026, 8, 1), "bank_fen": 2 * FEN, "ledger_fen": FEN},
    "billing_correction": {
        "credit_fen": FEN,
        "debit_fen": FEN,
        "reached": None,
        "settled_to": None,
        "created_by": None,
        "approved_at": None,
        "posted_at": None,
        "discarded_at": None,
    },
    "billing_correction_line": {
        "was_fen": FEN,
        "right_fen": 0,
        "reason": "",
        "freed": "[]",
        "outcome": "",
        "entry_id": None,
    },
    "billing_meter": {"digits": 6, "installed_on": date(2026, 1, 1), "removed_on": None},
    "billing_reading": {"day": date(2026, 10, 25), "value": Decimal(100), "old_final": None},
    "billing_cost": {"month": date(2026, 6, 1), "total_fen": FEN, "meter_id": None, "used": None, "price": None},
    "billing_share": {"amount_fen": FEN},
    "billing_discount": {"since": date(2026, 1, 1), "until": date(2027, 12, 31), "factor": Decimal("0.7")},
    "billing_receipt": {
        "amount_fen": FEN,
        "rounded_fen": FEN,
        "given_fen": FEN,
        "voided_at": None,
        "voided_by": None,
        "prints": 1,
    },
    "billing_receipt_line": {"kind": "charge", "amount_fen": FEN},
    "billing_invoice": {"issued_at": None, "issued_by": None},
    "billing_refund": {"amount_fen": FEN, "paid_at": None, "paid_by": None},
    "billing_dunning": {
        "step": "letter",
        "outcome": "",
        "amount_fen": FEN,
        "charges": [UUID(int=1)],
        "lines": msgspec.json.encode([_LINE]).decode(),
    },
    "billing_dunning_proof": {"kind": "text", "digest": digest_of(PROOF), "thumbnail": digest_of(PROOF)},
    "billing_damages": {"amount_fen": FEN},
    "billing_promise": {"amount_fen": FEN},
    "billing_dispute": {"item_id": None, "settled_on": None},
    "identity_provider": {"active": False, "only_way": False, "secret_sealed": None},
    "plugin_switch": {"plugin": "archives"},
    "policy_simulation": {"state": "done", "policy": "core.sla_targets", "draft": "{}", "result": "{}"},
    "subscription": {"plugin": "archives"},
    "meeting": {"closed_at": None},
    "agenda_item": {"reason": "manual", "settled_at": None},
    "outbox": {"type": "ticket.created.v1", "dead_at": NOW},
}
