"""What a complaint owes at a demo site: taken up soon, settled and answered by its level, and nobody at the door."""

from __future__ import annotations

import pytest

from core.policies.sla_targets import SLA_TARGETS, Severity, amount_of, goals_for
from core.settings import ROOT
from core.tenancy.packs.overrides import value_of
from core.tenancy.packs.read import read_pack
from plugins.complaints.kind import COMPLAINT
from tests.support.lodge import Lodge


@pytest.mark.parametrize(
    ("category", "severity", "owed"),
    [
        ("complaint", "routine", "response 30 minutes, resolution 24 hours, answer 24 hours"),
        ("complaint", "urgent", "response 10 minutes, resolution 24 hours, answer 24 hours"),
        ("complaint", "critical", "response 5 minutes, resolution 3 days, answer 72 hours"),
        ("noise", "routine", "response 30 minutes, resolution 24 hours, answer 24 hours"),
        ("noise", "urgent", "response 10 minutes, arrival 30 minutes, resolution 24 hours, answer 24 hours"),
        ("noise", "critical", "response 5 minutes, resolution 3 days, answer 72 hours"),
    ],
)
def test_a_complaint_owes_an_answer_by_its_level_and_no_arrival_cmp_3(
    lodge: Lodge, category: str, severity: Severity, owed: str
) -> None:
    pack = read_pack(ROOT / "tenants/linli.toml").pack
    targets = value_of(lodge.platform.policies.registry, SLA_TARGETS, pack.policies, pack.sites[0].policies)
    answer = amount_of(targets, COMPLAINT.id, COMPLAINT.goals[0], severity)
    goals = [goal for goal in (*goals_for(targets, category, severity), answer) if goal is not None]

    assert ", ".join(f"{goal.name} {goal.amount} {goal.unit}" for goal in goals) == owed
