"""The errors a caller can act on. The web edge turns each into an RFC 9457 problem; nothing else may reach a user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field. `message` is an English message id saying what to do; `params` fill its `{names}`."""

    field: str
    message: str
    params: dict[str, Any] = {}


class LodgeError(Exception):
    """Base of all errors with an answer for the caller. `code` is stable, `message` a translatable message id."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad_request"
    message: str = "The request cannot be carried out."

    def __init__(
        self,
        message: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        fields: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.params = dict(params or {})
        self.fields = tuple(fields)
        self.headers = dict(headers or {})
        super().__init__(self.message.format(**self.params) if self.params else self.message)


class Invalid(LodgeError):
    """The request is well formed, but a value in it is not acceptable; `fields` names each."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"
    message = "Some of the values cannot be accepted."

    @classmethod
    def field(cls, name: str, message: str, **params: Any) -> Invalid:
        return cls(fields=[FieldError(name, message, params)])


class Malformed(LodgeError):
    """The request cannot be read at all (bad JSON, unknown field, wrong type)."""

    code = "malformed"
    message = "The request cannot be read."


class Unauthenticated(LodgeError):
    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    message = "Please sign in."


class Forbidden(LodgeError):
    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    message = "You do not have the permission for this. Your administrator can give it to you."


class NotFound(LodgeError):
    """Also the answer for ids of other companies and sites: theirs and none look the same."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    message = "There is nothing here, nothing you may see, or its module is switched off at this site."


class Conflict(LodgeError):
    status = HTTPStatus.CONFLICT
    code = "conflict"
    message = "This does not fit the present state."


class PreconditionFailed(LodgeError):
    status = HTTPStatus.PRECONDITION_FAILED
    code = "stale"
    message = "Somebody changed this in the meantime. Load it again and repeat your change."


class PreconditionRequired(LodgeError):
    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "if_match_required"
    message = "Send the version you saw in the If-Match header."


class TooLarge(LodgeError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"
    message = "The upload is too large."


class TooMany(LodgeError):
    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many"
    message = "Too many attempts. Wait a while and try again."


class Unavailable(LodgeError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    message = "The service is busy or its database cannot be reached. Nothing was saved; try again."
