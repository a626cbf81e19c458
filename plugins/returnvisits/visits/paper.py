"""The form of a visit on paper: to be filled in at the door, or as it was filled in (VIS-4); one or a whole round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import Conflict, Platform, Site, TooLarge, View, Work, document, local_text, msgid, views
from plugins.returnvisits.permissions import VIEW
from plugins.returnvisits.visits import screens, service
from plugins.returnvisits.visits.model import Visit, VisitFilter

_MOST: Final = 100  # forms of a document
_TEMPLATE: Final = "returnvisits/visit.typ"
_SIGNATURE: Final = "signature.jpg"


class Asked(msgspec.Struct, frozen=True):
    """A question with its answers, of which `given` was given; none yet: ''."""

    label: str
    answers: list[str]
    given: str


class Form(msgspec.Struct, frozen=True):
    """A visit's form; what is not known yet is ''. `signature` is the name of its picture."""

    number: str
    rule: str
    ticket: str
    place: str
    contact: str
    area: str
    about: str
    due: str
    visitor: str
    way: str
    asked: list[Asked]
    shortcomings: str
    opinions: str
    made: str
    signed: str
    signature: str
    followed: str


class Paper(msgspec.Struct, frozen=True):
    """A page of each form, and who printed them when."""

    company: str
    site: str
    printed: str
    forms: list[Form]


@get("/visits/{returnvisits_visit_id:uuid}/paper", permission=VIEW.id, media_type="application/pdf")
async def visit_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    returnvisits_visit_id: FromPath[UUID],
) -> Response[bytes]:
    """The visit's form as a PDF, shown to be printed."""
    return await _one(platform, work, site, view, returnvisits_visit_id, save=False)


@get("/paper", permission=VIEW.id, media_type="application/pdf")
async def round_paper(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The forms of the visits in the list as it is narrowed, one a page, to be taken along."""
    names = ("which", "mine", "rule", "area_id", "visitor_id", "q")
    query = {"text" if name == "q" else name: view.query[name] for name in names if view.query.get(name)}
    return await _round(work, site, view, service.wanted(**query, limit=_MOST), save=False)


@get("/visits/{returnvisits_visit_id:uuid}/paper", permission=VIEW.id, media_type="application/pdf")
async def get_visit_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    returnvisits_visit_id: FromPath[UUID],
) -> Response[bytes]:
    """The visit's form as a PDF: with what was said or, before that, with room for it."""
    return await _one(platform, work, site, view, returnvisits_visit_id, save=True)


@get("/paper", permission=VIEW.id, media_type="application/pdf")
async def get_round_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    overdue: FromQuery[bool] = False,
    mine: FromQuery[bool] = False,
    rule: FromQuery[str | None] = None,
    area_id: FromQuery[UUID | None] = None,
    visitor_id: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """The forms of the visits that are owed in one PDF, a page each, in the order of their places; 100 at most."""
    which = "overdue" if overdue else "open"
    wanted = service.wanted(which=which, mine=mine, rule=rule, area_id=area_id, visitor_id=visitor_id, limit=_MOST)
    return await _round(work, site, view, wanted, save=True)


async def _one(
    platform: Platform, work: Work, site: Site, view: View, visit_id: UUID, *, save: bool
) -> Response[bytes]:
    detail = await service.detail(work, site, visit_id)
    visit, files = detail.visit, dict[str, bytes]()
    if visit.ticket_id is not None and visit.signature_id is not None:
        for file, content in await platform.files.pictures(work, site, visit.ticket_id):
            if file.id == visit.signature_id:
                files[_SIGNATURE] = content
    signed = next((step.text for step in detail.steps if step.kind == "signed"), "")
    form = _form(site, view, visit, signed, _SIGNATURE if files else "")
    return await _print(work, site, view, [form], visit.number, files, save=save)


async def _round(work: Work, site: Site, view: View, wanted: VisitFilter, *, save: bool) -> Response[bytes]:
    """Raises Conflict where there is nothing to print, TooLarge for more than anybody takes along."""
    found, more = await service.page(work, site, wanted)
    if more:
        raise TooLarge("These are more than {n} visits: choose an area or a colleague.", params={"n": _MOST})
    owed = [visit for visit in found if visit.status != "held"]
    if not owed:
        raise Conflict("No visit is owed there: there is nothing to print.")
    forms = [_form(site, view, visit) for visit in sorted(owed, key=lambda visit: (visit.area_name, visit.place))]
    return await _print(work, site, view, forms, site.name, {}, save=save)


async def _print(
    work: Work, site: Site, view: View, forms: list[Form], name: str, files: Mapping[str, bytes], *, save: bool
) -> Response[bytes]:
    printed = view.say(msgid("{at}, {name}"), at=local_text(site, work.now), name=work.ctx.actor.name)
    paper = Paper(view.state.principal.company.name, site.name, printed, forms)
    title = f"{view.say(msgid('Return visit form'))}-{name}"
    return await document(view, _TEMPLATE, title, paper, files=files, save=save)


def _form(site: Site, view: View, visit: Visit, signed: str = "", signature: str = "") -> Form:
    say = view.say

    def asked(label: str, labels: Mapping[str, str] | Mapping[str, views.Word], given: str) -> Asked:
        words = {code: say(each if isinstance(each, str) else each.label) for code, each in labels.items()}
        return Asked(say(label), list(words.values()), words.get(given, ""))

    followed = f"{say(screens.FOLLOW_UPS[visit.follow_up])} {visit.follow_up_number}" if visit.follow_up else ""
    return Form(
        number=visit.number,
        rule=f"{visit.title} · {say(screens.SOURCES[visit.source])}",
        ticket=visit.ticket_number,
        place=visit.place,
        contact=visit.contact,
        area=visit.area_name,
        about=visit.about,
        due=local_text(site, visit.due_at),
        visitor=visit.done_by_name or visit.visitor_name or say(screens.ROLES[visit.visitor_role]),
        way=say(screens.WAYS[visit.way]),
        asked=[
            asked(msgid("How"), screens.DONE_WAYS, visit.done_way),
            asked(msgid("Quality of the work"), screens.QUALITY, str(visit.quality)),
            asked(msgid("Effect"), screens.EFFECTS, visit.effect),
            asked(msgid("Satisfaction"), screens.SATISFACTION, visit.satisfaction),
        ],
        shortcomings=visit.shortcomings,
        opinions=visit.opinions,
        made=local_text(site, visit.done_at),
        signed=signed if visit.signed != "phone" else say(screens.SIGNED["phone"]),
        signature=signature,
        followed=" · ".join(filter(None, (followed, visit.measure))),
    )


API: list[HTTPRouteHandler] = [get_visit_paper, get_round_paper]
PAGES: list[HTTPRouteHandler] = [visit_paper, round_paper]
