"""AZ-4: nobody grants what they lack, whatever it is granted by: every permission tried by every role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from core.auth import api_tokens, service_accounts
from core.auth.api_tokens import NewApiToken
from core.auth.permissions import ROLES
from core.auth.roles import NewRole, RoleEntry
from core.auth.service_accounts import AccountEntry, NewAccountToken
from core.errors import Invalid
from core.tenancy.directory import Company, MadeRole
from core.work import Work
from tests.support.lodge import House, Lodge

Grant = Callable[[Work, str], Awaitable[object]]


class Granting:
    """The ways to grant a permission, each to something that had `ticket.view` before."""

    def __init__(self, lodge: Lodge, company: Company, account_id: UUID, wide_id: UUID) -> None:
        self._roles, self._company = lodge.platform.roles, company
        self._account_id, self._wide_id = account_id, wide_id
        self._sites = [site.id for site in company.sites]
        self._number = 0

    async def new_role(self, work: Work, permission: str) -> None:
        self._number += 1
        await self._roles.make(work, self._company, NewRole("x", [permission], f"role_{self._number}"))

    async def raised_role(self, work: Work, permission: str) -> None:
        role = await self._roles.get(work, "raised")
        entry = RoleEntry("x", ["ticket.view", permission])
        await self._roles.revise(work, self._company, "raised", entry, role.version)

    async def token(self, work: Work, permission: str) -> None:
        await api_tokens.issue(work, NewApiToken("x", [permission], self._sites))

    async def new_account(self, work: Work, permission: str) -> None:
        await service_accounts.make(work, AccountEntry("x", [permission], self._sites))

    async def raised_account(self, work: Work, permission: str) -> None:
        before = await service_accounts.account(work, self._account_id)
        entry = AccountEntry("x", ["ticket.view", permission], self._sites)
        await service_accounts.revise(work, self._account_id, entry, before.version)

    async def token_of_account(self, work: Work) -> None:
        """Of one that may do everything: only who may too can hand it out."""
        await service_accounts.issue(work, self._wide_id, NewAccountToken("x"))


@pytest.fixture
async def granting(lodge: Lodge, house: House) -> Granting:
    company = await lodge.platform.directory.company(house.company_id)
    assert company is not None
    sites = [site.id for site in house.sites]
    everything = [permission.id for permission in lodge.platform.permissions]
    async with lodge.work(house, "admin") as work:
        await lodge.platform.roles.make(work, company, NewRole("x", ["ticket.view"], "raised"))
        account = await service_accounts.make(work, AccountEntry("x", ["ticket.view"], sites))
        wide = await service_accounts.make(work, AccountEntry("x", ["ticket.view"], sites))
        await work.uow.execute(
            "UPDATE service_account SET permissions = $3 WHERE company_id = $1 AND id = $2",
            house.company_id,
            wide.id,
            everything,
        )
    return Granting(lodge, company, account.id, wide.id)


@pytest.mark.parametrize("role", ROLES)
async def test_az_4_every_permission_is_granted_by_those_alone_who_have_it(
    role: str, lodge: Lodge, house: House, granting: Granting
) -> None:
    wrong = []
    ways: list[Grant] = [
        granting.new_role,
        granting.raised_role,
        granting.token,
        granting.new_account,
        granting.raised_account,
    ]
    async with lodge.work(house, role) as work:
        own = work.ctx.permissions
        for grant in ways:
            for permission in sorted(p.id for p in lodge.platform.permissions):
                if (permission == "ticket.view" and grant in (granting.raised_role, granting.raised_account)) or (
                    permission in own and permission > "ticket.b"
                ):
                    continue  # kept by what has it already; that what one has is granted needs no more trials
                try:
                    await grant(work, permission)
                    granted = True
                except Invalid as refused:
                    assert [fault.field for fault in refused.fields] == ["permissions"]
                    granted = False
                if granted != (permission in own):
                    wrong.append((grant, permission))
        if own < {permission.id for permission in lodge.platform.permissions}:
            with pytest.raises(Invalid):
                await granting.token_of_account(work)
    assert wrong == []


def test_az_4_a_role_is_grantable_by_who_has_all_of_it(lodge: Lodge) -> None:
    registry = lodge.platform.permissions
    everything = {permission.id for permission in registry}
    made = [
        MadeRole("small", "x", frozenset({"ticket.view", "gone.door.open"})),
        MadeRole("wide", "x", frozenset(everything)),
    ]
    for role in ROLES:
        held = registry.of_roles([role])
        expected = {key for key in (*ROLES, "small", "wide") if registry.of_roles([key], made) <= held}
        assert registry.grantable(held, made) == expected
        assert role in expected and ("wide" in expected) == (held == everything)
        assert ("small" in expected) == ("ticket.view" in held)
