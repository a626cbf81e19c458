"""What tables hold about people: said where a table is declared, in words that export and erasure follow. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import msgspec

Kind = Literal["name", "contact", "identity", "address", "free_text", "image", "secret", "account"]
"""What a column holds: an ID number is `identity`, a signature or photo `image`; `free_text` may hold anything."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Subject = Literal["resident", "visitor", "caller", "contractor", "staff"]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that stand against an erasure: those that the SQL condition `where` is true of.

    `reason` is a message id. With `since`, a column with an instant or a day, they stand for as long as accounts are
    kept (`core.privacy`); otherwise until the condition no longer holds. What stands for accounts keeps the names of
    colleagues on it; with `colleagues`, the rows stand against erasing a colleague whom they name.
    """

    where: str
    reason: str
    since: str = ""
    colleagues: bool = False


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of a table hold: those of a kind, with blanks between them.

    Ids, instants, numbers, flags and the words that a CHECK lists need no word; every other column stands once, `plain`
    where it holds nothing personal. `staff` are names of colleagues, whose ids stand beside them (`by_name` and
    `by_id`, `done_by_name` and `done_by`).

    Whose a row is: `party` is the column with a resident's id, `phone` that with the telephone number somebody is known
    by, `member` that with a colleague's id; `parent` leads from a column to the row that this one belongs with
    (`{"ticket_id": "ticket.id"}`). `sealed` leads from a sealed column to the id that it is sealed for.

    `purpose` says in a few words why this is known at all, `hold` which rows have to be kept. Erasing empties columns;
    `whole`: it takes the rows away.
    """

    purpose: str = ""
    of: Subject = "resident"
    plain: str = ""
    name: str = ""
    contact: str = ""
    identity: str = ""
    address: str = ""
    free_text: str = ""
    image: str = ""
    secret: str = ""
    account: str = ""
    staff: str = ""
    party: str = ""
    phone: str = ""
    member: str = ""
    parent: Mapping[str, str] = {}
    sealed: Mapping[str, str] = {}
    hold: Hold | None = None
    whole: bool = False


NOTHING: Final = Privacy()
"""What a table without a word of its own holds."""


def of_table(table: object) -> Privacy:
    """What a table declares."""
    declared: Privacy = getattr(table, "privacy", NOTHING)
    return declared
