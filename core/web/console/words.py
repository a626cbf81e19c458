"""Coded values as people read them: label, tone, icon. Message ids; the templates translate."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from core.hooks.types import Stage
from core.i18n import msgid
from core.tickets.goals import WRITTEN, base
from core.tickets.model import MODULE, GoalRow, Ticket, TimelineEntry
from core.web import views
from core.web.views import Choice, Word

STATES: Final = {
    "new": Word("new", msgid("Waiting for response"), "risk"),
    "accepted": Word("accepted", msgid("Accepted"), "info"),
    "arrived": Word("arrived", msgid("On site"), "info"),
    "paused": Word("paused", msgid("Paused"), "paused"),
    "resolved": Word("resolved", msgid("Resolved"), "ok"),
    "closed": Word("closed", msgid("Closed")),
}
SEVERITIES: Final = {
    "routine": Word("routine", msgid("Routine")),
    "urgent": Word("urgent", msgid("Urgent"), "risk"),
    "critical": Word("critical", msgid("Critical"), "breach"),
}
GOAL_STATES: Final = {
    "running": Word("running", msgid("Running"), "info"),
    "paused": Word("paused", msgid("Paused"), "paused"),
    "met": Word("met", msgid("Met"), "ok"),
    "breached": Word("breached", msgid("Breached"), "breach"),
    "cancelled": Word("cancelled", msgid("Cancelled")),
}
GOALS: Final = {
    "response": msgid("Response"),
    "arrival": msgid("Arrival on site"),
    "resolution": msgid("Resolution"),
    "progress": msgid("Progress told"),
    WRITTEN: msgid("Written answer"),
}
CHANNELS: Final = {
    "call": msgid("Call"),
    "visit": msgid("Visit"),
    "letter": msgid("Letter"),
    "complaint_box": msgid("Complaint box"),
    "portal": msgid("Portal"),
    "patrol": msgid("Patrol"),
    "staff_opinion": msgid("Heard by staff"),
}
# action → label, icon, tone, what its text is (None: it acts at once)
ACTIONS: Final[dict[str, tuple[str, str, str, str | None]]] = {
    "accept": (msgid("Accept"), "hand-grab", "primary", None),
    "claim": (msgid("Claim"), "hand-grab", "primary", None),
    "arrive": (msgid("Arrived"), "map-pin-check", "primary", None),
    "pause": (msgid("Pause"), "player-pause", "", msgid("What is being waited for")),
    "resume": (msgid("Resume"), "player-play", "primary", None),
    "resolve": (msgid("Resolve"), "checks", "go", msgid("What was done")),
    "answer": (msgid("Answer the reporter"), "message-reply", "", msgid("The answer that was given")),
    "close": (msgid("Close"), "lock", "go", None),
    "reopen": (msgid("Reopen"), "rotate", "", msgid("Why it is taken up again")),
    "assign": (msgid("Assign"), "user-share", "", None),
    "amend": (msgid("Change these details"), "pencil", "", None),
    "concern": (msgid("Whom it concerns"), "user-exclamation", "", None),
    "comment": (msgid("Comment"), "message", "", msgid("Comment")),
    "reclassify": (msgid("Change category"), "category", "", msgid("Why it is classified anew")),
    "tell_progress": (msgid("Tell progress"), "message-forward", "", msgid("What the reporter was told")),
    "promise_callback": (msgid("Promise a callback"), "phone-outgoing", "", None),
    "keep_callback": (msgid("Record the callback"), "phone-check", "primary", msgid("What was said")),
    "escalate_question": (msgid("Pass a question up"), "help-circle", "", msgid("The question")),
    "answer_question": (msgid("Answer the question"), "bulb", "primary", msgid("The answer to the question")),
    "offer": (msgid("Hand over"), "transfer", "", msgid("Why it is handed over")),
    "accept_offer": (msgid("Take it over"), "user-check", "go", None),
    "refuse_offer": (msgid("Refuse to take it over"), "user-x", "", msgid("Why it is refused")),
    "withdraw_offer": (msgid("Withdraw the offer"), "arrow-back-up", "", None),
}
VISIBILITIES: Final = {"internal": msgid("Colleagues alone"), "reporter": msgid("The reporter too")}
# what the other ticket is to this one, by kind and whether the tie starts here
RELATIONS: Final = {
    ("duplicate_of", True): msgid("duplicate of"),
    ("duplicate_of", False): msgid("has the duplicate"),
    ("caused_by", True): msgid("caused by"),
    ("caused_by", False): msgid("cause of"),
    ("follow_up_of", True): msgid("follow-up of"),
    ("follow_up_of", False): msgid("has the follow-up"),
    ("rework_of", True): msgid("rework of"),
    ("rework_of", False): msgid("has the rework"),
    ("split_from", True): msgid("split off from"),
    ("split_from", False): msgid("has the part"),
}
_HAPPENED: Final[dict[str, tuple[str, str]]] = {
    "created": (msgid("took the matter in"), "clipboard-plus"),
    "accept": (msgid("accepted the ticket"), "hand-grab"),
    "claim": (msgid("claimed the ticket from {team}"), "hand-grab"),
    "arrive": (msgid("arrived on site"), "map-pin-check"),
    "pause": (msgid("paused the ticket"), "player-pause"),
    "resume": (msgid("resumed the ticket"), "player-play"),
    "resolve": (msgid("resolved the ticket"), "checks"),
    "answer": (msgid("answered the reporter"), "message-reply"),
    "close": (msgid("closed the ticket"), "lock"),
    "reopen": (msgid("reopened the ticket"), "rotate"),
    "assign": (msgid("assigned the ticket to {assignee}"), "user-share"),
    "concern": (msgid("named whom the complaint concerns: {concerned}"), "user-exclamation"),
    "comment": (msgid("commented"), "message"),
    "amend": (msgid("changed the details: {fields}"), "pencil"),
    "attached": (msgid("attached {name}"), "paperclip"),
    "detached": (msgid("removed the file {name}"), "paperclip"),
    "signed": (msgid("has {signer}'s signature"), "writing-sign"),
    "signed_on_paper": (msgid("has {signer}'s signature on paper: {remark}"), "writing-sign"),
    "tell_progress": (msgid("told the reporter how it goes"), "message-forward"),
    "promise_callback": (msgid("promised a callback for {at}"), "phone-outgoing"),
    "keep_callback": (msgid("called back as promised for {promised_at}"), "phone-check"),
    "callback_missed": (msgid("the callback promised for {at} was not made"), "phone-off"),
    "escalate_question": (msgid("passed a question up to {to}, to be answered by {due_at}"), "help-circle"),
    "answer_question": (msgid("answered the question: {question}"), "bulb"),
    "question_overdue": (msgid("{to} did not answer the question in time"), "help-octagon"),
    "stage": (msgid("{title}: the matter is at “{stage_title}” now"), "arrow-right"),
    "offer": (msgid("offered the matter to {to}"), "transfer"),
    "offered_on": (msgid("{owner} has left: the matter is offered to {to}"), "user-off"),
    "accept_offer": (msgid("took the matter over from {before}"), "user-check"),
    "refuse_offer": (msgid("refused to take the matter over"), "user-x"),
    "withdraw_offer": (msgid("withdrew the offer to {to}"), "arrow-back-up"),
    "offer_lapsed": (msgid("{to} did not answer: the matter stays with its owner"), "hourglass-off"),
    "related": (msgid("tied it to {number}: {relation}"), "link"),
    "unrelated": (msgid("took the tie to {number} off: {relation}"), "unlink"),
    "merged": (msgid("merged it into {number}"), "git-merge"),
    "took_in": (msgid("merged the duplicate {number} into it"), "git-merge"),
    "unmerged": (msgid("took the merge into {number} back"), "arrow-back-up"),
    "gave_back": (msgid("took the merge of {number} back"), "arrow-back-up"),
    "split": (msgid("split {number} off"), "arrows-split-2"),
    "split_off": (msgid("split it off from {number}"), "arrows-split-2"),
    "breached": (msgid("the goal was missed: {goal}"), "alarm"),
    "cause": (msgid("said why the goal “{goal}” was missed: {cause}"), "message-question"),
    "escalated": (msgid("the matter went up to {to} ({told}): {goal}"), "stairs-up"),
    "reclassify": (msgid("reclassified the ticket from {from} to {to}"), "category"),
    "calendar": (msgid("counts by the new working time"), "calendar"),
    "retarget": (msgid("holds the ticket to the new promises: {reason}"), "target-arrow"),
    "ladder": (msgid("the matter goes up by the new escalation steps"), "stairs-up"),
}
_OWNED_INSTEAD = msgid("took the matter in, which concerns them: it belongs to {owner}")
_TEAM = msgid("assigned the ticket to the team {team}")
_TEAM_AND_PERSON = msgid("assigned the ticket to {assignee} of {team}")
_LATE: Final = msgid("the matter went up late to {to} ({told}): {goal}")
_PASSED: Final = msgid(
    "the matter goes up by the new escalation steps; steps not made up for, as their time has passed: {passed}"
)
TARGETS: Final = {
    "assignee": msgid("Assignee"),
    "owner": msgid("Owner of the matter"),
    "supervisor": msgid("Supervisor"),
    "manager": msgid("Site manager"),
    "quality": msgid("Quality department"),
}
_TO_REPORTER: Final = msgid("commented, for the reporter to read")
SYSTEM: Final = msgid("System")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def choices(words: dict[str, Word] | dict[str, str], everything: str | None = None) -> tuple[Choice, ...]:
    """Options of a select; `everything` is the label of the first, which stands for no choice."""
    labels = [(code, w.label if isinstance(w, Word) else w) for code, w in words.items()]
    first = (Choice("", everything),) if everything is not None else ()
    return (*first, *(Choice(code, label) for code, label in labels))


def happened(entry: TimelineEntry, say: Callable[[str], str], **known: str) -> views.TimelineEntry:
    """A timeline entry in words. `say` translates what fills a sentence; `known` are details in words already."""
    what, icon = (entry.details["message"], entry.details["icon"]) if entry.kind == MODULE else _HAPPENED[entry.kind]
    params: dict[str, object] = {name: _instant(text) for name, text in entry.details.items()} | known
    if entry.kind == "created" and params.get("owner"):
        what = _OWNED_INSTEAD
    if entry.kind == "assign" and params.get("team"):
        what = _TEAM_AND_PERSON if params["assignee"] else _TEAM
    if entry.kind == "escalated":
        what = _LATE if params.get("late") else what
        to = entry.details["to"]
        params["to"] = say(TARGETS.get(to, to))
    if entry.kind == "ladder" and "passed" in params:
        what = _PASSED
    if "relation" in entry.details:
        params["relation"] = say(RELATIONS[entry.details["relation"], entry.details["side"] == "from"])
    if entry.kind == MODULE:
        params = {name: say(text) if isinstance(text, str) else text for name, text in params.items()}
    if entry.kind == "stage":
        params |= {name: say(entry.details[name]) for name in ("title", "stage_title")}
    if "goal" in params:
        params["goal"] = say(goal_title(str(params["goal"])))
    if entry.kind == "reclassify":
        told = entry.details
        params["from"] = f"{say(told['from_category'])} · {say(SEVERITIES[told['from_severity']].label)}"
        params["to"] = f"{say(told['category'])} · {say(SEVERITIES[told['severity']].label)}"
    who = entry.actor_name or say(SYSTEM)
    tone: views.Tone = "care" if entry.kind == "comment" and params.get("visibility") == "reporter" else ""
    return views.TimelineEntry(entry.at, who, _TO_REPORTER if tone else what, icon, entry.text, params, tone)


def goal_title(name: str) -> str:
    """A goal's label; rounds of a goal that begins anew have the same."""
    return GOALS.get(base(name), name)


def _instant(text: str) -> object:
    """Instants are shown in the site's time; anything else is a text."""
    return datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else text


def state(ticket: Ticket, stage: Stage | None) -> Word:
    """Where the ticket stands: the stage of its type, in the tone of its state, where it has one for that state."""
    word = STATES[ticket.status]
    return Word(stage.name, stage.title, word.tone) if stage is not None and stage.status == ticket.status else word


def goal(row: GoalRow, span: int, title: str | None = None) -> views.Goal:
    """A goal as its row shows it; `span` is its whole length in seconds, `title` what its ticket's type calls it."""
    clock = views.Clock(row.due_at, span, paused=row.state == "paused", met=row.state == "met")
    shown = clock if row.state != "cancelled" else None
    state = GOAL_STATES[row.state]
    return views.Goal(title or goal_title(row.name), row.amount, row.unit, row.used, state, shown, row.ended, row.name)
