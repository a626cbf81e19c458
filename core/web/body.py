"""What is sent is read strictly: "5" is no number, 0 no answer, and nothing is given twice (IN-3)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.types import Scope

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
            read = msgspec.json.decode(body, type=field.raw)
            json.loads(body, object_pairs_hook=_once, parse_int=str, parse_float=str, strict=False)
            return read
        except msgspec.ValidationError as error:
            reason, place = found.groups() if (found := _PLACE.fullmatch(str(error))) else (str(error), "")
            message = msgid("Not acceptable: {reason}.")
            raise Malformed(fields=[FieldError(place or "data", message, {"reason": reason})]) from error


def refuse_repeated(scope: Scope) -> None:
    """Raise Malformed for a query that names something twice."""
    if b"&" in scope["query_string"]:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        _each_once(name for name, _ in pairs)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Readers differ on which of two values of a name counts, so none does."""
    _each_once(name for name, _ in pairs)


def _each_once(names: Iterable[str]) -> None:
    """Raise Malformed naming what is there more than once."""
    if repeated := [name for name, times in Counter(names).items() if times > 1]:
        raise Malformed(fields=[FieldError(name, msgid("This is given more than once.")) for name in repeated])
