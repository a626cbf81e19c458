"""Roles and permissions: declared in code by core and plugins, resolved to what a person may do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

import msgspec

from core.fields import AMOUNT
from core.hooks.types import Permission
from core.tenancy.directory import MadeRole

# role id → title (message id), after "Who works there" of the domain rules
ROLES: dict[str, str] = {
    "clerk": "Front-desk clerk",
    "supervisor": "Supervisor",
    "manager": "Site manager",
    "steward": "Area steward",
    "cashier": "Cashier",
    "archivist": "Archives clerk",
    "technician": "Technician",
    "engineering": "Engineering",
    "guard": "Security guard",
    "duty_officer": "Duty officer",
    "quality": "Quality department",
    "finance": "Finance department",
    "admin": "Company administrator",
}

_STAFF = frozenset(ROLES)
_DESK = frozenset({"clerk", "supervisor", "manager", "steward", "duty_officer", "quality", "admin"})
_LEADS = frozenset({"supervisor", "manager", "admin"})
_TRADES = frozenset({"technician", "engineering", "steward", "guard", "duty_officer"})

CORE_PERMISSIONS = (
    Permission("ticket.view", "See tickets", _STAFF - {"cashier", "archivist", "finance"}, by_area=True),
    Permission("ticket.create", "Take in tickets", _DESK | _TRADES, by_area=True),
    Permission("ticket.handle", "Accept, pause and resolve tickets", _TRADES | _LEADS | {"clerk"}, by_area=True),
    Permission("ticket.amend", "Change what a ticket's kind asks for", _DESK | _TRADES, by_area=True),
    Permission("ticket.assign", "Assign tickets", _DESK, by_area=True),
    Permission("ticket.transfer", "Hand tickets over, and take them over", _DESK | _TRADES, by_area=True),
    Permission("ticket.comment", "Comment on tickets", _DESK | _TRADES, by_area=True),
    Permission("ticket.tag", "Tag tickets", _DESK | _TRADES, by_area=True),
    Permission("ticket.relate", "Link, merge and split tickets", _DESK, by_area=True),
    Permission("ticket.attach", "Attach files to tickets", _DESK | _TRADES, by_area=True),
    Permission("ticket.attachment.remove", "Remove files that others attached", _LEADS, by_area=True),
    Permission("ticket.answer", "Record the answer given to the reporter", _DESK, by_area=True),
    Permission("ticket.cause", "Record why a goal was missed", _DESK | _TRADES, by_area=True),
    Permission("ticket.close", "Close and reopen tickets", _DESK, by_area=True),
    Permission("ticket.filter.share", "Keep ticket filters for the whole site", _LEADS | {"quality"}),
    Permission("ticket.export", "Export tickets", _LEADS | {"clerk", "quality"}, by_area=True),
    Permission("team.view", "See teams and duty rosters", _STAFF - {"cashier", "archivist", "finance"}),
    Permission("team.manage", "Manage teams and duty rosters", _LEADS),
    Permission("analysis.view", "See figures, repeated matters and meetings", _DESK),
    Permission("repeat.manage", "Record countermeasures", _LEADS | {"quality"}),
    Permission("agenda.manage", "Keep the meeting's agenda and minutes", _LEADS),
    Permission(
        "estate.view",
        "See units and households",
        _DESK | {"cashier", "archivist", "finance", "technician"},
        by_area=True,
    ),
    Permission("estate.import", "Import household rolls", frozenset({"archivist", "admin"})),
    Permission("estate.contact.reveal", "See a full telephone number", _DESK | {"technician"}, by_area=True),
    Permission(
        "estate.identity.reveal", "See a full ID number", frozenset({"archivist", "manager", "admin"}), by_area=True
    ),
    Permission(AMOUNT, "See prices and amounts", _STAFF - {"archivist", "guard"}, by_area=True),
    Permission("approval.view", "See what waits for a second look", _STAFF, own=True),
    Permission("operator_access.manage", "Decide on access by the platform's operator", frozenset({"admin"}), own=True),
    Permission("policy.view", "See policies", _LEADS | {"quality"}),
    Permission("policy.manage", "Change policies", frozenset({"admin"}), own=True),
    Permission("plugin.manage", "Switch modules on and off", frozenset({"admin"})),
    Permission("role.manage", "Manage roles", frozenset({"admin"}), own=True),
    Permission("people.manage", "Manage staff accounts", frozenset({"admin"}), own=True),
    Permission("identity.manage", "Set up single sign-on", frozenset({"admin"}), own=True),
    Permission("token.manage", "Manage API tokens", frozenset({"admin"}), own=True),
    Permission(
        "notify.manage", "Manage webhooks, message providers and the delivery log", frozenset({"admin"}), own=True
    ),
    Permission("privacy.export", "Export what is held about somebody", frozenset({"admin"}), own=True),
    Permission("privacy.erase", "Erase what is held about somebody", frozenset({"admin"}), own=True),
    Permission("audit.view", "See the audit log", frozenset({"admin", "quality"})),
)


class PermissionRegistry:
    """Every permission there is. Raises ValueError for a second one of the same id or an unknown role."""

    def __init__(self, permissions: Iterable[Permission] = CORE_PERMISSIONS) -> None:
        self._all: dict[str, Permission] = {}
        for permission in permissions:
            self.register(permission)

    def register(self, permission: Permission) -> None:
        """Administrators have it as well: what none of them has, and no role that has it, could be given (AZ-4)."""
        if permission.id in self._all:
            raise ValueError(f"permission {permission.id} is declared twice")
        if unknown := permission.roles - _STAFF:
            raise ValueError(f"permission {permission.id} names unknown roles: {', '.join(sorted(unknown))}")
        self._all[permission.id] = msgspec.structs.replace(permission, roles=permission.roles | {"admin"})

    def __contains__(self, permission_id: str) -> bool:
        return permission_id in self._all

    def __iter__(self) -> Iterator[Permission]:
        return iter(self._all.values())

    def roles_of(self, permission_id: str, made: Iterable[MadeRole] = ()) -> frozenset[str]:
        """The roles that have the permission, among those that a company has made too."""
        own = (role.key for role in made if permission_id in self.with_implied(role.permissions))
        return self._all[permission_id].roles.union(own)

    def of_roles(self, roles: Iterable[str], made: Iterable[MadeRole] = ()) -> frozenset[str]:
        """The ids of the permissions that any of the roles has; `made` are those of the company's own.

        A permission of a module that is gone grants nothing, nor does a role that is.
        """
        wanted = frozenset(roles)
        own = frozenset[str]().union(*(role.permissions for role in made if role.key in wanted))
        return self.with_implied(frozenset(p.id for p in self._all.values() if p.roles & wanted or p.id in own))

    def with_implied(self, permissions: Set[str]) -> frozenset[str]:
        """These, and what comes with them."""
        return frozenset(permissions).union(*(self._all[id].implies for id in permissions if id in self._all))

    @property
    def own(self) -> frozenset[str]:
        """What is the company's own to decide."""
        return frozenset(permission.id for permission in self if permission.own)

    def by_area(self, permissions: Set[str]) -> frozenset[str]:
        """What of these is left to whoever is confined to some buildings of a site."""
        return frozenset(id for id in permissions if id in self._all and self._all[id].by_area)

    def grantable(self, held: Set[str], made: Iterable[MadeRole] = ()) -> frozenset[str]:
        """The keys of the roles, built in and `made`, that hold nothing beyond the permissions `held` (AZ-4)."""
        made = tuple(made)
        keys = (*ROLES, *(role.key for role in made))
        return frozenset(key for key in keys if self.of_roles([key], made) <= held)
