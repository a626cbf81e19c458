"""The operator's realm of one process, wired once: accounts, signing in, what it sees of companies, entering them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.auth.halfway import Passes
from core.auth.links import Links
from core.auth.permissions import PermissionRegistry
from core.auth.second_factor import SecondFactors
from core.auth.tokens import TokenSigner
from core.db.connect import RoleDsns
from core.db.engine import Database
from core.estate.sealing import Sealer
from core.operator.access import Accesses
from core.operator.accounts import OperatorAccounts
from core.operator.companies import OperatorView
from core.operator.inside import Inside
from core.operator.realm import realm_secret
from core.operator.sign_in import OperatorSignIn
from core.policies.service import Policies
from core.tenancy.directory import Directory

if TYPE_CHECKING:
    from core.settings import Settings
    from core.work import Clock


class OperatorRealm:
    """`start` connects as `lodge_operator`; the realm's own rows are read as `lodge_app`, like any tenant's."""

    def __init__(
        self,
        settings: Settings,
        dsns: RoleDsns,
        db: Database,
        factors: SecondFactors,
        policies: Policies,
        permissions: PermissionRegistry,
        directory: Directory,
        clock: Clock,
    ) -> None:
        secret = realm_secret(settings.secret)
        sealer = Sealer(settings.secret, *settings.former)
        self._figures = Database(dsns.operator, max_size=2)
        self.signer = TokenSigner(secret)
        self._sealer = sealer
        self.accounts = OperatorAccounts(db, Links(db, secret, clock), settings.public_url, clock)
        self.sign_in = OperatorSignIn(db, Passes(secret), factors, sealer, clock)
        self.view = OperatorView(self._figures, clock)
        self.accesses = Accesses(policies, permissions)
        self.inside = Inside(db, directory, permissions, self.sign_in, clock)

    async def demo(self, login: str, name: str, password: str) -> str:
        """The demo's operator, made where there is none: the secret that goes into an authenticator app."""
        return await self.accounts.demo(login, name, password, self._sealer)

    async def start(self) -> None:
        await self._figures.connect()

    async def stop(self) -> None:
        await self._figures.close()
