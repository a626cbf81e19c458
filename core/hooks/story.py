"""What a plugin tells of a demo company's past: chapters of its own, and steps on tickets. `core.sdk` re-exports it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from typing import Any

import msgspec

Moment = tuple[datetime, Callable[[], Coroutine[Any, Any, object]]]
"""An instant, and what is done at it."""


class Chapter(msgspec.Struct, frozen=True):
    """Tables `[[<plugin id>.<name>]]` of a story, each an `entry`.

    `tell(teller, entry)` yields the moments of one of them, in any order: what is done at each acts through the
    plugin's services as the people whom the `Teller` finds.
    """

    name: str
    entry: type[msgspec.Struct]
    tell: Callable[[Any, Any], Iterator[Moment]]


class StoryStep(msgspec.Struct, frozen=True):
    """A step on a ticket, in a matter's `steps`: `30 wanglei <plugin id>.<name> quantity=2 words`.

    The options and the words, as `text`, are an `options`. `take(teller, options, work, site, ticket_id)` takes it.
    """

    name: str
    options: type[msgspec.Struct]
    take: Callable[..., Coroutine[Any, Any, object]]
