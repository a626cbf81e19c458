"""An entry of the audit log as people read it: who did what to which subject, and what it changed, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.audit.log import AuditEntry
from core.auth.permissions import ROLES
from core.auth.principals import Principal
from core.files.service import KEPT
from core.hooks.manager import PluginHost
from core.i18n import LIST, msgid
from core.policies.escalation import TARGETS
from core.policies.forms import form_fields
from core.policies.layers import resolve
from core.policies.spec import PolicyRegistry
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.privacy.retention import KINDS
from core.tenancy.context import SYSTEM
from core.web.console import words
from core.web.console.policy_history import UNITS
from core.web.views import Changed, Word

_LONGEST = 120  # characters of one change
# Those that say what the subject is called are its name already.
_NAMES: Final = ("number", "name", "title", "month", "held_on")
_PAIRED = ("policy.", "ticket.", "agenda.", "complaints.")  # whose changes are pairs of old and new, but for lists
_LISTS = frozenset({"add", "remove", "columns", "categories", "roles", "permissions"})
FIELDS: Final = {
    "action": msgid("Action"),
    "actor_id": msgid("Who"),
    "active": msgid("In use"),
    "add": msgid("Added"),
    "all_sites": msgid("All sites"),
    "amount_fen": msgid("Sum of money"),
    "before_id": msgid("From colleague"),
    "by_id": msgid("Question from"),
    "by_provider": msgid("By single sign-on"),
    "cause": msgid("Cause"),
    "category": msgid("Category"),
    "categories": msgid("Categories"),
    "changed": msgid("Details changed"),
    "changes": msgid("Changes"),
    "channel": msgid("Channel"),
    "columns": msgid("Columns"),
    "confirmed": msgid("Confirmed"),
    "counters": msgid("Counters"),
    "department": msgid("Department"),
    "due_on": msgid("Due on"),
    "email": msgid("E-mail"),
    "enabled": msgid("Switched on"),
    "ends_on": msgid("Until"),
    "events": msgid("Events"),
    "from": msgid("From"),
    "full_phones": msgid("Full telephone numbers"),
    "given": msgid("Given"),
    "goal": msgid("Goal"),
    "held_on": msgid("Held on"),
    "into": msgid("Into"),
    "items": msgid("Items"),
    "kind": msgid("Kind"),
    "member": msgid("Member of staff"),
    "members": msgid("Members"),
    "month": msgid("Month"),
    "name": msgid("Name"),
    "number": msgid("Number"),
    "of": msgid("Part"),
    "on": msgid("Day"),
    "only_way": msgid("Only this way"),
    "outcome": msgid("Outcome"),
    "permissions": msgid("Permissions"),
    "phones": msgid("Telephone numbers"),
    "posts": msgid("At single sites"),
    "promised_at": msgid("Promised for"),
    "reason": msgid("Reason"),
    "remove": msgid("Taken away"),
    "responsible": msgid("Responsible"),
    "roles": msgid("Roles"),
    "rows": msgid("Rows"),
    "sessions": msgid("Sessions ended"),
    "severity": msgid("Severity"),
    "since": msgid("From day"),
    "site_id": msgid("Site"),
    "site_ids": msgid("Sites"),
    "sites": msgid("Sites"),
    "size": msgid("Size in bytes"),
    "slips": msgid("Slips"),
    "starts_on": msgid("From"),
    "status": msgid("State"),
    "subject_id": msgid("Subject"),
    "taken": msgid("Taken away"),
    "telephone": msgid("Telephone"),
    "text": msgid("Searched for"),
    "ticket": msgid("Ticket"),
    "timezone": msgid("Time zone"),
    "title": msgid("Title"),
    "to": msgid("To"),
    "to_id": msgid("To colleague"),
    "until": msgid("Until"),
    "url": msgid("Address"),
    "with": msgid("Together with"),
}
# Whose values are codes that core has words for.
_CODES: Final[Mapping[str, Mapping[str, Word] | Mapping[str, str]]] = {
    "status": words.STATES,
    "severity": words.SEVERITIES,
    "channel": words.CHANNELS,
    "goal": words.GOALS,
    "roles": ROLES,
    "to": TARGETS,
}
# Which page a subject has, and the permission that opens it.
_PAGES: Final = {
    "ticket": ("/s/{site}/tickets/{id}", "ticket.view"),
    "team": ("/s/{site}/teams/{id}", "team.view"),
    "meeting": ("/s/{site}/meetings/{id}", "analysis.view"),
    "person": ("/admin/people/{id}", "people.manage"),
    "role": ("/admin/roles/{id}", "role.manage"),
    "webhook": ("/admin/webhooks/{id}", "notify.manage"),
    "notify_provider": ("/admin/providers/{id}", "notify.manage"),
    "service_account": ("/admin/service-accounts/{id}", "token.manage"),
}
_GONE = re.compile(r"\.(removed|deleted)$")
_DIGEST = re.compile(r"[0-9a-f]{32,}")


class Reader:
    """Reads entries for somebody: in their language, with names of colleagues and sites they know of.

    `actions` are the words for what core does; modules bring theirs with their manifest: for actions, fields
    (`parking.plate`) and the codes in them (`parking.kind.visitor`).
    """

    def __init__(
        self,
        principal: Principal,
        host: PluginHost,
        policies: PolicyRegistry,
        actions: Mapping[str, str],
        timezone: str,
        locale: str,
        say: Callable[[str], str],
    ) -> None:
        self._principal = principal
        self._sites = {str(site.id): site for site in principal.sites}
        self._staff = {str(colleague.id): colleague.name for colleague in principal.company.staff}
        told = [plugin.manifest.record for plugin in host.plugins]
        kept = ((each.id, each.title) for plugin in host.plugins for each in plugin.retention)
        forgotten = {f"privacy.{kind}": title for kind, title in (*KINDS, KEPT, *kept)}
        self._words = {**forgotten, **actions, **{code: text for record in told for code, text in record.items()}}
        self._policies = {spec.name: spec for spec in policies.all()}
        self._labels: dict[str, dict[str, str]] = {}
        categories = TICKET_CATEGORIES.default.categories
        self._categories = {c.key: c.title_en if locale == "en" else c.title_zh for c in categories}
        self._plugins = {plugin.id: plugin.manifest.title for plugin in host.plugins}
        self._zone = ZoneInfo(timezone)
        self._say = say

    def who(self, entry: AuditEntry) -> str:
        return self._say(words.SYSTEM) if entry.actor_name == SYSTEM.name else entry.actor_name

    def site(self, entry: AuditEntry) -> str:
        site = self._sites.get(str(entry.site_id))
        return site.name if site else ""

    def action(self, entry: AuditEntry) -> str:
        """What was done; the action's code where nobody has a word for it."""
        return self._say(self._words.get(entry.action, entry.action))

    def subject(self, entry: AuditEntry) -> str:
        """What the subject is called; what has no name of its own by the end of its id."""
        match entry.subject_type:
            case "policy":
                spec = self._policies.get(entry.subject_id)
                return self._say(spec.title) if spec else entry.subject_id
            case "plugin" | "subscription" if entry.subject_id in self._plugins:
                return self._say(self._plugins[entry.subject_id])
            case "site":
                site = self._sites.get(entry.subject_id)
                return site.name if site else entry.subject_id[-8:]
        named = next((entry.changes[name] for name in _NAMES if isinstance(entry.changes.get(name), str)), None)
        if named is not None:
            return str(named)
        try:
            return self._staff.get(entry.subject_id) or UUID(entry.subject_id).hex[-8:]
        except ValueError:
            return entry.subject_id

    def page(self, entry: AuditEntry) -> str:
        """Where the subject can be looked at; '' where there is no such page, or not for the reader."""
        site = self._sites.get(str(entry.site_id))
        held = self._principal.permissions_at(site)
        if entry.subject_type == "policy" and "policy.view" in held:
            return f"/s/{site.slug}/policies/{entry.subject_id}" if site else f"/admin/policies/{entry.subject_id}"
        pattern, permission = _PAGES.get(entry.subject_type, ("", ""))
        if not pattern or permission not in held or _GONE.search(entry.action) or ("{site}" in pattern and not site):
            return ""
        return pattern.format(site=site.slug if site else "", id=entry.subject_id)

    def changes(self, entry: AuditEntry) -> Iterator[Changed]:
        """What it changed, a field each: what says nothing, such as the inner id of something, is left out."""
        module = entry.action.partition(".")[0]
        for name, value in entry.changes.items():
            if name == "status" and module != "ticket":
                continue  # what was done says it
            text = self._text(entry, name, value)
            if text and text != self.subject(entry):
                yield Changed(self._label(entry, name), text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")

    def _labels_of(self, policy: str) -> Mapping[str, str]:
        """What the form of a policy calls each field, its group before it, by path."""
        if policy not in self._labels:
            spec = self._policies.get(policy)
            fields = form_fields(spec, resolve(spec, [])) if spec else ()
            said = {field.path: " ".join(map(self._say, (*field.group, field.label))) for field in fields}
            self._labels[policy] = {"number": self._say(msgid("Revision")), **said}
        return self._labels[policy]

    def _label(self, entry: AuditEntry, name: str) -> str:
        if entry.subject_type != "policy":
            word = self._words.get(f"{entry.action.partition('.')[0]}.{name}")
            return self._say(word or FIELDS.get(name, name))
        labels, path = self._labels_of(entry.subject_id), name.split(".")
        for n in range(len(path)):  # entries of a map are promised what its fields are called, such as a category's
            if label := labels.get(".".join(path[n:])):
                return " ".join((*(self._categories.get(key, key) for key in path[1:n]), label))
        return self._say(FIELDS.get(name, name))

    def _text(self, entry: AuditEntry, name: str, value: Any) -> str:
        paired = entry.action.startswith(_PAIRED) and (entry.subject_type == "policy" or name not in _LISTS)
        if paired and isinstance(value, list) and len(value) == 2:
            before, after = (self._value(name, part) or "—" for part in value)
            if before == after:  # what was changed may be too deep down to be told in a line
                return "" if value[0] == value[1] else after
            return f"{before} → {after}"
        return self._value(name, value, entry.action.partition(".")[0])

    def _value(self, name: str, value: Any, module: str = "") -> str:
        """One value in words; '' for what stands for nothing outside the database."""
        match value:
            case None | "":
                return ""
            case bool():
                return self._say(msgid("Yes") if value else msgid("No"))
            case int() if name.endswith("_fen"):
                return f"{value // 100:,}.{value % 100:02}"
            case str():
                return self._word(name, value, module)
            case [dict(), _, *_]:
                return self._say(msgid("{n} entries")).format(n=len(value))
            case list():
                return self._say(LIST).join(filter(None, (self._value(name, part, module) for part in value)))
            case {"amount": amount, "unit": str() as unit} if unit in UNITS:
                worked = unit in ("minutes", "hours") and value.get("clock") == "working"
                length = self._say(UNITS[unit]).format(n=amount)
                return f"{length} {self._say(msgid('in working time'))}" if worked else length
            case dict():
                return " ".join(filter(None, (self._value(key, part) for key, part in sorted(value.items()))))
        return msgspec.json.encode(value).decode()

    def _word(self, name: str, text: str, module: str) -> str:
        word = self._words.get(f"{module}.{name}.{text}") or _CODES.get(name, {}).get(text)
        if word is not None:
            return self._say(word.label if isinstance(word, Word) else word)
        if name in ("category", "categories"):
            return self._categories.get(text, text)
        if text in self._staff or text in self._sites:
            return self._staff.get(text) or self._sites[text].name
        if _DIGEST.fullmatch(text) or _is_id(text):
            return ""
        return _local(text, self._zone)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _local(text: str, zone: ZoneInfo) -> str:
    """An instant as wall time; any other text as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at.tzinfo else text
