"""Scripts filled in for whoever speaks now, and changed one text at a time (REC-3, REC-4). Callers commit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import (
    GREETING_NAMES,
    Invalid,
    NotFound,
    Platform,
    PolicySpec,
    Principal,
    Site,
    Work,
    fill,
    msgid,
    undeclared,
)
from plugins.reception.policies import GREETING, Greeting
from plugins.reception.scripts.policy import GUIDANCE, GUIDE_NAMES, SCRIPTS, Guidance, Guide, Scripts

SITUATIONS: Final = {
    "hold": msgid("Please hold"),
    "callback": msgid("Call back"),
    "message": msgid("Take a message"),
    "complaint": msgid("Complaint"),
    "farewell": msgid("Farewell"),
}
_LAST: Final = re.compile(r"(\.\d+)+$")  # which entry of a list
_SAMPLE: Final = {"zh": ("王女士", "3 幢 1802"), "en": ("Ms Wang", "Building 3, 1802")}  # the caller of a preview
_ANYBODY: Final = tuple(name for name in GUIDE_NAMES if name not in ("caller", "unit"))
Words = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]
"""Declared names and what they stand for, in Chinese and in English, but for whom one speaks to."""


class Line(msgspec.Struct, frozen=True):
    """A text as it is said; `en` is '' where there is no English. `title` is the site's, a situation's a message id."""

    key: str
    title: str
    text: str
    en: str = ""


class Advice(Line, frozen=True):
    """What a visitor is told, with the papers to bring and where to go; in English as far as that is written."""

    papers: tuple[str, ...] = ()
    where: str = ""
    phone: str = ""
    papers_en: tuple[str, ...] = ()
    where_en: str = ""


class Particulars(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What guidance has besides its text."""

    papers: tuple[str, ...] = ()
    where: str = ""
    phone: str = ""
    papers_en: tuple[str, ...] = ()
    where_en: str = ""


class Spoken(msgspec.Struct, frozen=True):
    """Everything that a clerk says, filled in."""

    steps: tuple[Line, ...]
    situations: tuple[Line, ...]
    guidance: tuple[Advice, ...]


class Edited(msgspec.Struct, frozen=True):
    """A text to be changed. `of` names it: `greeting.0`, `hold`, `guidance.2`; `version` is its policy's revision. Of
    guidance its `particulars` too."""

    of: str
    title: str
    zh: str
    en: str
    names: tuple[str, ...]
    version: int
    particulars: Particulars | None = None


class Speaker(msgspec.Struct, frozen=True):
    """Who speaks to whom, as far as is known."""

    site: Site
    principal: Principal
    caller: str = ""
    unit: str = ""

    def words(self, greeting: Greeting, now: datetime) -> Words:
        """What the declared names stand for, whomever one speaks to."""
        hour = now.astimezone(ZoneInfo(self.site.timezone)).hour
        told = (
            ("site", self.site.name),
            ("clerk", self.principal.actor.name),
            ("staff_no", self.principal.staff_no),
            ("department", self.principal.department),
        )
        times = greeting.time_of_day(hour), greeting.time_of_day_en(hour)
        zh, en = ((("time_of_day", time), *told) for time in times)
        return zh, en

    def values(self, words: Words) -> tuple[dict[str, str], dict[str, str]]:
        """What all declared names stand for."""
        zh, en = ({**dict(known), "caller": self.caller, "unit": self.unit} for known in words)
        return zh, en


class Piece(msgspec.Struct, frozen=True):
    """A text before it is filled in; guidance has particulars of its `own`."""

    key: str
    title: str
    zh: str
    en: str
    own: Particulars | None = None

    @property
    def personal(self) -> bool:
        """Whether it names whom it is said to."""
        return bool(undeclared(self.zh + self.en, _ANYBODY))

    def said(self, zh: Mapping[str, str], en: Mapping[str, str]) -> Line:
        """The text with the names replaced; guidance is Advice."""
        if self.own is None:
            return Line(self.key, self.title, fill(self.zh, zh), fill(self.en, en))
        told = fill(self.zh, {**zh, **_own(self.own, "zh")}), fill(self.en, {**en, **_own(self.own, "en")})
        return Advice(self.key, self.title, *told, *msgspec.structs.astuple(self.own))


class Texts(msgspec.Struct, frozen=True):
    """What a site says, before it is filled in."""

    greeting: Greeting
    scripts: Scripts
    guidance: Guidance

    def pieces(self) -> tuple[tuple[Piece, ...], ...]:
        """The steps of the greeting, the situations and the guidance."""
        steps = enumerate(self.greeting.steps)
        situations = ((key, title, getattr(self.scripts, key)) for key, title in SITUATIONS.items())
        purposes = enumerate(self.guidance.purposes)
        return (
            tuple(Piece(f"greeting.{n}", step.title, step.text, step.text_en) for n, step in steps),
            tuple(Piece(key, title, said.zh, said.en) for key, title, said in situations),
            tuple(
                Piece(f"guidance.{n}", guide.title, guide.zh, guide.en, _particulars(guide)) for n, guide in purposes
            ),
        )


async def texts(platform: Platform, work: Work, site: Site) -> Texts:
    """What is in force at the site; asks nothing where the policies are known."""
    policies = platform.policies
    return Texts(
        await policies.value(work, GREETING, site.id),
        await policies.value(work, SCRIPTS, site.id),
        await policies.value(work, GUIDANCE, site.id),
    )


async def spoken(platform: Platform, work: Work, speaker: Speaker) -> Spoken:
    """Everything that may be said now."""
    said = await texts(platform, work, speaker.site)
    words = speaker.words(said.greeting, work.now)
    zh, en = speaker.values(words)
    groups = _to_anybody(said, words)
    return Spoken(*(tuple(p.said(zh, en) if isinstance(p, Piece) else p for p in group) for group in groups))  # type: ignore[arg-type]


@lru_cache(maxsize=256)  # a clerk says most things to everybody, for hours
def _to_anybody(said: Texts, words: Words) -> tuple[tuple[Line | Piece, ...], ...]:
    """What names nobody it is said to, filled in, and the rest as it is."""
    zh, en = map(dict, words)
    return tuple(tuple(piece if piece.personal else piece.said(zh, en) for piece in group) for group in said.pieces())


async def edited(platform: Platform, work: Work, site: Site, of: str) -> Edited:
    """The text of that name as it is in force. Raises NotFound."""
    spec, _, _, title, (zh, en) = await _find(platform, work, site, of)
    history = await platform.policies.history(work, spec.name, site.id)
    own = await _particulars_of(platform, work, site, of)
    return Edited(of, title, zh, en, _names(of), history[0].number if history else 0, own)


async def save(
    platform: Platform,
    work: Work,
    site: Site,
    of: str,
    texts: tuple[str, str],
    own: Particulars | None = None,
    *,
    reason: str,
    expected: int,
) -> None:
    """Change one text (Chinese, English) at the site, and what guidance has besides, as a revision of its policy.

    Raises NotFound, Invalid naming the field, PreconditionFailed where somebody else was faster.
    """
    spec, overrides, path, _, _ = await _find(platform, work, site, of)
    target: Any = overrides
    for step in path:
        target = target[step]
    names = ("text", "text_en") if spec is GREETING else ("zh", "en")
    target.update(zip(names, (text.strip() for text in texts), strict=True))
    if own is not None and spec is GUIDANCE:
        target.update(msgspec.json.decode(msgspec.json.encode(own)))
    try:
        await platform.policies.revise(work, spec, site.id, overrides, reason=reason, expected=expected)
    except Invalid as refused:
        shown = {"text": "zh", "text_en": "en"}
        last = [(fault, _LAST.sub("", fault.field).rpartition(".")[2]) for fault in refused.fields]
        raise Invalid(fields=[msgspec.structs.replace(fault, field=shown.get(n, n)) for fault, n in last]) from None


async def preview(
    platform: Platform,
    work: Work,
    site: Site,
    principal: Principal,
    of: str,
    texts: tuple[str, str],
    own: Particulars | None = None,
) -> Line:
    """How the texts would be said now, guidance with these particulars or its own.

    Raises NotFound, or Invalid naming the text with a name that is not declared.
    """
    _, _, _, title, _ = await _find(platform, work, site, of)
    greeting = await platform.policies.value(work, GREETING, site.id)
    names, said = _names(of), []
    own = own or await _particulars_of(platform, work, site, of)
    for index, (language, text) in enumerate(zip(("zh", "en"), texts, strict=True)):
        wrong = undeclared(text, names)
        if wrong:
            allowed = ", ".join("{{" + name + "}}" for name in names)
            message = "Only these names can be filled in: {allowed}. Correct or take out: {wrong}."
            raise Invalid.field(language, message, allowed=allowed, wrong=", ".join(wrong))
        speaker = Speaker(site, principal, *_SAMPLE[language])
        values = speaker.values(speaker.words(greeting, work.now))[index]
        if own is not None:
            values |= _own(own, language)
        said.append(fill(text, values))
    return Line(of, title, *said)


def _names(of: str) -> tuple[str, ...]:
    return GUIDE_NAMES if of.startswith("guidance.") else GREETING_NAMES


def _particulars(guide: Guide) -> Particulars:
    return msgspec.convert(guide, Particulars, from_attributes=True)


def _own(own: Particulars, language: str) -> dict[str, str]:
    """What guidance's own names stand for."""
    english = language == "en"
    where = (english and own.where_en) or own.where
    papers = ", ".join(own.papers_en) if english and own.papers_en else "、".join(own.papers)
    return {"where": where, "phone": own.phone, "papers": papers}


async def _particulars_of(platform: Platform, work: Work, site: Site, of: str) -> Particulars | None:
    """Of the guidance that is in force under that name; None for other texts."""
    group, _, index = of.partition(".")
    if group != "guidance":
        return None
    guidance = await platform.policies.value(work, GUIDANCE, site.id)
    return _particulars(guidance.purposes[int(index)])


async def _find(
    platform: Platform, work: Work, site: Site, of: str
) -> tuple[PolicySpec[Any], dict[str, Any], list[str | int], str, tuple[str, str]]:
    """Its policy, what the site would override, the way to the text in that, its title, and the text (zh, en)."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    policies = platform.policies
    group, _, index = of.partition(".")
    if of in SITUATIONS:
        own = await policies.current(work, SCRIPTS.name, site.id)
        said = getattr(await policies.value(work, SCRIPTS, site.id), of)
        overrides = {**(own.overrides if own else {}), of: {"zh": said.zh, "en": said.en}}
        return SCRIPTS, overrides, [of], SITUATIONS[of], (said.zh, said.en)
    lists: dict[str, tuple[PolicySpec[Any], str]] = {
        "greeting": (GREETING, "steps"),
        "guidance": (GUIDANCE, "purposes"),
    }
    if group not in lists or not index.isdecimal():
        raise NotFound
    spec, name = lists[group]
    entries = getattr(await policies.value(work, spec, site.id), name)
    if int(index) >= len(entries):
        raise NotFound
    own = await policies.current(work, spec.name, site.id)
    entry = entries[int(index)]
    overrides = {**(own.overrides if own else {}), name: msgspec.json.decode(msgspec.json.encode(entries))}
    texts = (entry.text, entry.text_en) if spec is GREETING else (entry.zh, entry.en)
    return spec, overrides, [name, int(index)], entry.title, texts
