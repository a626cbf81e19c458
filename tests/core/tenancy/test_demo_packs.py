"""The packs that come with Lodge: without mistakes for the plugins they need, and fit to show what sites set apart."""

from __future__ import annotations

import pytest

from core.auth.permissions import ROLES
from core.settings import ROOT
from core.tenancy.packs.checks import check_pack
from core.tenancy.packs.model import Known, Pack
from core.tenancy.packs.read import read_pack
from tests.core.tenancy.packs import known

FILES = sorted((ROOT / "tenants").glob("*.toml"))
PACKS = [read_pack(file).pack for file in FILES]


def core_only(pack: Pack) -> list[str]:
    """Mistakes in what core alone can judge; the policies of a plugin are its tests' to check."""
    registry = known().policies
    plugins = frozenset(entry.plugin for site in pack.sites for entry in site.subscriptions)
    mistakes = check_pack(pack, Known(plugins, registry))
    return [m.key for m in mistakes if not any(f"policies.{plugin}." in m.key for plugin in plugins)]


@pytest.mark.parametrize("pack", PACKS, ids=[file.stem for file in FILES])
def test_a_demo_pack_has_no_mistakes(pack: Pack) -> None:
    assert core_only(pack) == []
    assert pack.demo and pack.password


def test_every_role_is_there_to_be_tried() -> None:
    assert {role for pack in PACKS for person in pack.people for role in person.roles} == set(ROLES)


def test_nobody_signs_in_to_two_companies_by_accident() -> None:
    logins = [person.login for pack in PACKS for person in pack.people]
    assert len(logins) == len(set(logins))


def test_the_sites_of_a_company_work_at_different_times_and_promise_differently() -> None:
    linli = next(pack for pack in PACKS if pack.company.slug == "linli")
    cuihu, tower = linli.sites
    assert cuihu.policies["core"]["calendar"] != tower.policies["core"]["calendar"]
    assert cuihu.policies["core"]["sla_targets"] != tower.policies["core"]["sla_targets"]
