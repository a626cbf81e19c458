"""How long the register knows people: after that their names, phones, documents and cars are forgotten for good, those
of the household that was visited too, while instants and counts stay."""

from __future__ import annotations

from typing import Final

from core.sdk import KeptFor, msgid
from plugins.reception.keeping import by
from plugins.reception.visitors.policy import VISITORS

_KEEP = "(SELECT $2::uuid AS site_id, $3::timestamptz AS before) keep"
# What is erased is told by the visits' marks, so that a run that ends early goes on where it stopped.
_OLD_VISITS = """
reception_visit v WHERE v.company_id = $1 AND v.site_id = keep.site_id AND v.at < keep.before AND v.erased_at IS NULL
"""
_OLD_BARRED = """
reception_barred b WHERE b.company_id = $1 AND b.site_id = keep.site_id AND b.erased_at IS NULL
    AND (b.lifted_at < keep.before OR b.until < (keep.before AT TIME ZONE 'UTC')::date)
"""
_OLD_TURNS = """
reception_turn t WHERE t.company_id = $1 AND t.site_id = keep.site_id AND t.taken_at < keep.before AND t.name <> ''
"""
_DUE_VISITS = f"SELECT count(*) FROM {_OLD_VISITS}"  # noqa: S608
_DUE_BARRED = f"SELECT count(*) FROM {_OLD_BARRED}"  # noqa: S608
_DUE_TURNS = f"SELECT count(*) FROM {_OLD_TURNS}"  # noqa: S608
_VISITS = f"""
WITH old AS (
    SELECT v.id FROM {_KEEP}, {_OLD_VISITS} ORDER BY v.at LIMIT $5 FOR UPDATE OF v
), told AS (
    UPDATE reception_visit_step SET text = ''
    WHERE company_id = $1 AND visit_id IN (SELECT id FROM old) AND text <> ''
), asked AS (
    UPDATE reception_visit_ask SET asked_name = '' WHERE company_id = $1 AND visit_id IN (SELECT id FROM old)
)
UPDATE reception_visit v SET name = '', phone = '', id_number = '', plate = '', unit_id = NULL, place = '',
    host_name = '', answered_by = '', escort = '', warning = '', erased_at = $4
FROM old WHERE v.company_id = $1 AND v.id = old.id
"""  # noqa: S608
_BARRED = f"""
WITH old AS (
    SELECT b.id FROM {_KEEP}, {_OLD_BARRED} ORDER BY b.id LIMIT $5 FOR UPDATE OF b
)
UPDATE reception_barred b SET name = '', phone = '', id_number = '', reason = '', lifted_reason = '', erased_at = $4
FROM old WHERE b.company_id = $1 AND b.id = old.id
"""  # noqa: S608
_TURNS = f"""
WITH old AS (
    SELECT t.id FROM {_KEEP}, {_OLD_TURNS} AND t.taken_at < $4 ORDER BY t.taken_at LIMIT $5 FOR UPDATE OF t
)
UPDATE reception_turn t SET name = '' FROM old WHERE t.company_id = $1 AND t.id = old.id
"""  # noqa: S608

RETENTION: Final = [
    KeptFor(id=f"reception.{kind}", title=title, policy=VISITORS, field="keep_days", due=due, forget=by(forget))
    for kind, title, due, forget in (
        ("visits", msgid("Visitors"), _DUE_VISITS, _VISITS),
        ("barred", msgid("Bars that are over"), _DUE_BARRED, _BARRED),
        ("turns", msgid("Turns at the counter"), _DUE_TURNS, _TURNS),
    )
]
