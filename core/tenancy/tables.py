"""The tables of companies, sites and subscriptions as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class Company(KeyedTable, tablename="company"):
    """A property company, the tenant. Its id follows from its slug."""

    privacy = Privacy(
        plain="slug name",
    )
    slug = Text(default=None)
    name = Text(default=None)
    created_at = Timestamptz(default=None)
    suspended_at = Timestamptz(null=True, default=None)


class Site(TenantTable, tablename="site"):
    """A residential compound, an office tower … of a company."""

    privacy = Privacy(
        plain="slug name timezone telephone",
    )
    slug = Text(default=None)
    name = Text(default=None)
    kind = Text(default=None)
    timezone = Text(default=None)
    telephone = Text(default=None)
    created_at = Timestamptz(default=None)


class Subscription(TenantTable, tablename="subscription"):
    """A plugin a site has subscribed, both dates included; those of one plugin do not overlap."""

    privacy = Privacy(
        plain="plugin",
    )
    site_id = UUID(default=None)
    plugin = Text(default=None)
    starts_on = Date(default=None)
    ends_on = Date(null=True, default=None)


class PluginSwitch(KeyedTable, tablename="plugin_switch"):
    """Whether an admin has switched a subscribed plugin on at a site."""

    privacy = Privacy(
        plain="plugin",
    )
    site_id = UUID(default=None)
    plugin = Text(default=None)
    enabled = Boolean(default=None)
    changed_at = Timestamptz(default=None)
