"""JSON bodies, read as the type that the handler asks for and strictly: "5" is no number, and 0 no answer (IN-3)."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Request

from core.errors import FieldError, Malformed
from core.i18n import msgid

_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`")


class StrictRequest(Request[Any, Any, Any]):
    """Litestar reads a body as plain values first, and would then turn one kind of value into another."""

    async def json(self) -> Any:
        """The body as the handler's type. Raises Malformed naming the field; DecodeError for what is no JSON."""
        field = self.route_handler.parsed_data_field
        body = await self.body()
        if field is None or not body:
            return await super().json()
        try:
            return msgspec.json.decode(body, type=field.raw)
        except msgspec.ValidationError as error:
            reason, place = found.groups() if (found := _PLACE.fullmatch(str(error))) else (str(error), "")
            message = msgid("Not acceptable: {reason}.")
            raise Malformed(fields=[FieldError(place or "data", message, {"reason": reason})]) from error
