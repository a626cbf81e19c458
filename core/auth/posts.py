"""What a member is at a single site: further roles there, and the buildings that they are confined to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import msgspec

from core.exchange.normalise import normalise_building

Building = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At this site: `roles` besides those held at every site of theirs, and nothing outside `buildings`, named as in
    the roll, for any role (none named: the whole site)."""

    site_id: UUID
    roles: Annotated[list[str], msgspec.Meta(max_length=40)] = []
    buildings: Annotated[list[Building], msgspec.Meta(max_length=200)] = []


class _Stored(msgspec.Struct):
    roles: list[str]
    buildings: list[str]


_decode = msgspec.json.Decoder(dict[UUID, _Stored]).decode


def read_posts(stored: str) -> list[Post]:
    """As the column `posts` holds them, by site id."""
    return [Post(site_id, each.roles, each.buildings) for site_id, each in sorted(_decode(stored).items())]


def write_posts(posts: Iterable[Post]) -> str:
    """What the column `posts` holds."""
    return msgspec.json.encode({str(post.site_id): _Stored(post.roles, post.buildings) for post in posts}).decode()


def tidied(posts: Iterable[Post]) -> list[Post]:
    """In order and without repetitions, buildings named as in the roll; those that say nothing fall away. Raises
    ValueError for two of one site."""
    kept: dict[UUID, Post] = {}
    for post in posts:
        if post.site_id in kept:
            raise ValueError("two posts at one site")
        buildings = {normalise_building(name) or name.strip() for name in post.buildings} - {""}
        kept[post.site_id] = Post(post.site_id, sorted(set(post.roles)), sorted(buildings))
    return [post for _, post in sorted(kept.items()) if post.roles or post.buildings]
