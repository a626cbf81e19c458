"""Errors as answers: RFC 9457 problem details for the API, a page or a form's notice for people. Nothing else leaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException
from litestar.types import ExceptionHandlersMap

from core.db.uow import unavailable
from core.errors import FieldError, Forbidden, LodgeError, Malformed, NotFound, Unauthenticated
from core.i18n import msgid
from core.web import limits
from core.web.state import state_of
from core.web.view import Console

log = structlog.get_logger(__name__)

_TITLES: Final[Mapping[str, str]] = {
    "bad_request": msgid("That does not work"),
    "invalid": msgid("Some values cannot be accepted"),
    "malformed": msgid("The request cannot be read"),
    "unauthenticated": msgid("Please sign in"),
    "forbidden": msgid("Not allowed"),
    "not_found": msgid("Not found"),
    "conflict": msgid("Not possible now"),
    "stale": msgid("Changed in the meantime"),
    "if_match_required": msgid("Version missing"),
    "too_large": msgid("Too large"),
    "too_many": msgid("Too many attempts"),
    "unavailable": msgid("Busy"),
    "method_not_allowed": msgid("Not possible here"),
    "internal": msgid("Something went wrong"),
}
_INTERNAL: Final = msgid("This is our fault, not yours. Nothing was saved. Try again, or tell us the number below.")


class _Field(msgspec.Struct, frozen=True):
    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `type` is stable, `errors` name each wrong field and what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[_Field] = []


class MethodNotAllowed(LodgeError):
    code = "method_not_allowed"
    message = "This address does not take that method."


class Internal(LodgeError):
    code = "internal"
    message = _INTERNAL


def handlers(console: Console) -> ExceptionHandlersMap:
    """The one handler, for every exception there is."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        state = state_of(request.scope)
        known = limits.too_large(limits.of(request.scope)) if _is_too_large(error) else _known(error)
        status = int(known.status)
        if isinstance(known, Internal):
            status = 500
            log.error("request failed", request_id=state.request_id, path=request.scope["path"], exc_info=error)
        elif isinstance(known, MethodNotAllowed):
            status = 405
        headers = {**known.headers, **_allowed(error)}
        if request.scope["path"].startswith("/api/"):
            return Response(
                _problem(console, request, known, status),
                status_code=status,
                media_type="application/problem+json",
                headers=headers,
            )
        if isinstance(known, Unauthenticated) and request.headers.get("hx-request") != "true":
            return console.to_sign_in(request)
        return console.error_page(request, known, _TITLES[known.code], status, headers)

    return {Exception: answer, HTTPException: answer}


def _problem(console: Console, request: Request[Any, Any, Any], error: LodgeError, status: int) -> Problem:
    return Problem(
        type=f"urn:lodge:problem:{error.code}",
        title=console.say(request, _TITLES[error.code]),
        status=status,
        detail=console.say(request, error.message, error.params),
        instance=f"urn:lodge:request:{state_of(request.scope).request_id}",
        errors=[_Field(f.field, console.say(request, f.message, f.params)) for f in error.fields],
    )


def _known(error: BaseException) -> LodgeError:
    """The error as one with an answer. Unknown ones become Internal."""
    if isinstance(error, LodgeError):
        return error
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return _known(error.exceptions[0])
    if isinstance(error, ValidationException):
        return Malformed(fields=_fields(error))
    if isinstance(error, NotFoundException):
        return NotFound()
    if isinstance(error, MethodNotAllowedException):
        return MethodNotAllowed()
    if isinstance(error, HTTPException):
        codes: dict[int, Callable[[], LodgeError]] = {401: Unauthenticated, 403: Forbidden}
        if error.status_code >= 500:
            return Internal()
        return codes.get(error.status_code, Malformed)()
    if isinstance(error, UnicodeError | msgspec.DecodeError | asyncpg.DataError | RecursionError):
        return Malformed()  # what cannot be read or stored: NUL, lone surrogates, out of range, nested without end
    return unavailable(error) or Internal()


def _is_too_large(error: Exception) -> bool:
    return isinstance(error, HTTPException) and error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def _fields(error: ValidationException) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [
        FieldError(
            str(item.get("key", "")), msgid("Not acceptable: {reason}."), {"reason": str(item["message"]).rstrip(".")}
        )
        for item in extra
        if isinstance(item, dict) and "message" in item
    ]


def _allowed(error: Exception) -> dict[str, str]:
    if isinstance(error, MethodNotAllowedException) and error.headers:
        return {k: v for k, v in error.headers.items() if k.lower() == "allow"}
    return {}
