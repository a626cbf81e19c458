"""A household's account beside a simple model of it: whatever is done in whatever order, they say the same (MO-1)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.sdk import Conflict
from plugins.billing.ledger.entries import (
    Adjustment,
    Allocation,
    Deposit,
    DepositReturn,
    Entry,
    Part,
    Payment,
    Refund,
    Waiver,
)
from tests.plugins.billing.ledger.conftest import Office
from tests.support.lodge import SettableClock

T = TypeVar("T")
fen = st.integers(1, 400)
places = st.integers(0, 1_000)


class Household(RuleBasedStateMachine):
    """What is owed, prepaid and held, in dictionaries. Every step is tried with amounts that may be too much: it is
    refused exactly where the model says so. `history` keeps what each entry changed, so that it can be undone."""

    office: Office
    clock: SettableClock
    loop: asyncio.AbstractEventLoop
    steps = 0

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    @initialize()
    def move_in(self) -> None:
        self.unit = self.run(self.office.unit())
        self.party = self.run(self.office.party())
        self.owed: dict[UUID, int] = {}
        self.charged: dict[UUID, int] = {}
        self.money = {"prepaid": 0, "held": 0}
        self.history: list[tuple[UUID, dict[UUID, tuple[int, int]], dict[str, int]]] = []
        self.undone: set[UUID] = set()

    def do(self, entry: Entry, charges: dict[UUID, tuple[int, int]], money: dict[str, int]) -> None:
        """An entry that changes open and charged amounts by that, and money by that."""
        if not self.fits(charges, money):
            self.refused(self.office.post(entry))
            return
        posted = self.run(self.office.post(entry))
        self.keep(charges, money)
        self.history.append((posted.id, charges, money))

    def fits(self, charges: dict[UUID, tuple[int, int]], money: dict[str, int]) -> bool:
        return all(self.owed[id] + o >= 0 and self.charged[id] + c >= 0 for id, (o, c) in charges.items()) and all(
            self.money[name] + change >= 0 for name, change in money.items()
        )

    def keep(self, charges: dict[UUID, tuple[int, int]], money: dict[str, int]) -> None:
        for id, (open_, charged) in charges.items():
            self.owed[id] += open_
            self.charged[id] += charged
        for name, change in money.items():
            self.money[name] += change

    def refused(self, doing: Coroutine[Any, Any, object]) -> None:
        try:
            self.run(doing)
        except Conflict:
            return
        raise AssertionError("this should have been refused")

    def some(self, place: int) -> UUID:
        return sorted(self.owed)[place % len(self.owed)]

    @rule(amount=fen, item=st.sampled_from(["property", "parking"]))
    def charge(self, amount: int, item: str) -> None:
        charge = self.office.charge(self.unit, self.party, amount, item)
        assert [self.run(self.office.issue(charge)) for _ in range(2)] == [1, 0]
        self.owed[charge.charge_id] = self.charged[charge.charge_id] = amount
        entry_id = self.run(self.office.entry_of(charge))
        self.history.append((entry_id, {charge.charge_id: (amount, amount)}, {}))

    @precondition(lambda self: self.owed)
    @rule(place=places, part=fen, more=st.integers(0, 200))
    def pay(self, place: int, part: int, more: int) -> None:
        id = self.some(place)
        payment = Payment(self.unit, self.party, "cash", part + more, (Part(id, part),))
        self.do(payment, {id: (-part, 0)}, {"prepaid": more})

    @precondition(lambda self: any(self.owed.values()))
    @rule(more=st.integers(0, 50))
    def pay_all(self, more: int) -> None:
        parts = tuple(Part(id, open_) for id, open_ in self.owed.items() if open_)
        total = sum(part.amount_fen for part in parts)
        payment = Payment(self.unit, self.party, "qr", total + more, parts)
        self.do(payment, {part.charge_id: (-part.amount_fen, 0) for part in parts}, {"prepaid": more})

    @precondition(lambda self: self.owed)
    @rule(place=places, part=fen)
    def allocate(self, place: int, part: int) -> None:
        id = self.some(place)
        self.do(Allocation(self.unit, self.party, (Part(id, part),)), {id: (-part, 0)}, {"prepaid": -part})

    @rule(amount=fen)
    def refund(self, amount: int) -> None:
        self.do(Refund(self.unit, self.party, "transfer", amount), {}, {"prepaid": -amount})

    @rule(amount=fen)
    def deposit(self, amount: int) -> None:
        self.do(Deposit(self.unit, self.party, "card", amount), {}, {"held": amount})

    @rule(amount=fen)
    def give_back(self, amount: int) -> None:
        self.do(DepositReturn(self.unit, self.party, "card", amount), {}, {"held": -amount})

    @precondition(lambda self: self.owed)
    @rule(place=places, part=fen)
    def waive(self, place: int, part: int) -> None:
        id = self.some(place)
        self.do(Waiver(self.unit, (Part(id, part),)), {id: (-part, -part)}, {})

    @precondition(lambda self: self.owed)
    @rule(place=places, amount=st.integers(-400, 400).filter(bool))
    def adjust(self, place: int, amount: int) -> None:
        id = self.some(place)
        off = max(amount, -self.owed[id])
        self.do(Adjustment(self.unit, id, amount), {id: (off, amount)}, {"prepaid": off - amount})

    @precondition(lambda self: self.history)
    @rule(place=places)
    def undo(self, place: int) -> None:
        entry_id, charges, money = self.history[place % len(self.history)]
        charges = {id: (-o, -c) for id, (o, c) in charges.items()}
        money = {name: -change for name, change in money.items()}
        if entry_id in self.undone:
            assert not self.run(self.office.reverse(entry_id)).new
        elif self.fits(charges, money):
            assert self.run(self.office.reverse(entry_id)).new
            self.keep(charges, money)
            self.undone.add(entry_id)
        else:
            self.refused(self.office.reverse(entry_id))

    @rule()
    def close(self) -> None:
        """A month ends and is closed; nothing is posted into it by whoever thinks that it is still on."""
        before, month = self.clock.now, self.office.site.today(self.clock.now).replace(day=1)
        self.refused(self.office.close(month))
        self.clock.now += timedelta(days=31)
        period = self.run(self.office.close(month))
        assert period.debit_fen == period.credit_fen
        later, self.clock.now = self.clock.now, before
        self.refused(self.office.post(Deposit(self.unit, self.party, "cash", 1)))
        self.refused(self.office.issue(self.office.charge(self.unit, self.party, 1)))
        self.clock.now = later

    @invariant()
    def they_say_the_same(self) -> None:
        type(self).steps += 1
        books = self.run(self.office.books(self.unit, list(self.owed)))
        assert {id: (o.open_fen, o.charged_fen) for id, o in books.charges.items()} == {
            id: (self.owed[id], self.charged[id]) for id in self.owed
        }
        assert sum(books.prepaid.values()) == self.money["prepaid"]
        assert sum(books.deposits.values()) == self.money["held"]


def walk(office: Office, clock: SettableClock, loop: asyncio.AbstractEventLoop, examples: int, steps: int) -> int:
    """Households that do as they like; how many steps they took. Raises AssertionError for a fen of drift."""
    machine = type("Walk", (Household,), {"office": office, "clock": clock, "loop": loop, "steps": 0})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, phases=[Phase.generate], database=None
        ),
    )
    [[drift]] = loop.run_until_complete(
        office.rows("SELECT coalesce(sum(amount_fen), 0)::bigint FROM billing_posting WHERE company_id = $1")
    )
    assert drift == 0
    taken: int = machine.steps
    return taken
