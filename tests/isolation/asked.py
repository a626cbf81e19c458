"""Which fields a page asks for while it answers: what is never asked for cannot change the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

from litestar import Request

from core.web.view import View

T = TypeVar("T")


class Asked(set[str]):
    """Names of fields; `all` if a page went through whatever there is."""

    all = False


class _Fields(Mapping[str, T]):
    """Fields that remember which of them are asked for."""

    def __init__(self, fields: Mapping[str, T], asked: Asked) -> None:
        self._fields = fields
        self._asked = asked

    def __getitem__(self, name: str) -> T:
        self._asked.add(name)
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        self._asked.all = True
        return iter(self._fields)

    def __len__(self) -> int:
        self._asked.all = True
        return len(self._fields)


@contextmanager
def overhearing() -> Iterator[Asked]:
    """Within the block, what the one page that is requested asks for: of its form and its query, of the latter also
    what it does without the view. Its answer is to be tried: code that changes its form fails."""
    asked = Asked()
    form, lists, query, all_queries = View.form, View.form_lists, View.query, Request.query_params
    reading = False

    async def heard_form(view: View) -> Mapping[str, str]:
        return _Fields(await form(view), asked)

    async def heard_lists(view: View) -> Mapping[str, list[str]]:
        return _Fields(await lists(view), asked)

    def heard_query(view: View) -> Mapping[str, str]:
        nonlocal reading
        reading = True
        try:
            return _Fields(query.__get__(view), asked)
        finally:
            reading = False

    def heard_elsewhere(request: Request[Any, Any, Any]) -> Any:
        asked.all = asked.all or not reading
        return all_queries.__get__(request)

    with (
        mock.patch.object(View, "form", heard_form),
        mock.patch.object(View, "form_lists", heard_lists),
        mock.patch.object(View, "query", property(heard_query)),
        mock.patch.object(Request, "query_params", property(heard_elsewhere)),
    ):
        yield asked
