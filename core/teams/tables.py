"""The tables of teams and duty rosters as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, Date, Integer, SmallInt, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class Team(TenantTable, tablename="team"):
    """People of a site who take the same kinds of matters. `categories` empty: any."""

    privacy = Privacy(
        plain="name categories",
    )
    site_id = UUID(default=None)
    name = Text(default=None)
    categories = Array(Text(), default=None)
    active = Boolean(default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)


class TeamMember(KeyedTable, tablename="team_member"):
    """Somebody in a team: lead or member."""

    privacy = Privacy(
        of="staff",
        member="membership_id",
    )
    team_id = UUID(default=None)
    membership_id = UUID(default=None)
    site_id = UUID(default=None)
    role = Text(default=None)


class DutyPlan(KeyedTable, tablename="duty_plan"):
    """A team's weekly pattern from a day on, or the plan of one dated day."""

    privacy = Privacy(
        purpose="duty rosters",
        free_text="note",
    )
    team_id = UUID(default=None)
    kind = Text(default=None)
    day = Date(default=None)
    site_id = UUID(default=None)
    note = Text(default=None)


class DutyShift(KeyedTable, tablename="duty_shift"):
    """Somebody's shift within a plan, in minutes after midnight."""

    privacy = Privacy(
        of="staff",
        plain="kind",
        member="membership_id",
    )
    team_id = UUID(default=None)
    kind = Text(default=None)
    day = Date(default=None)
    weekday = SmallInt(default=None)
    starts = SmallInt(default=None)
    membership_id = UUID(default=None)
    ends = SmallInt(default=None)
