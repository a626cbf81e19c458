"""Pages are sent compressed to whoever takes them so, to a length that tells nothing of what is in them."""

from __future__ import annotations

import gzip

import pytest

from core.web.compression import LEAST, accepts, compress
from tests.support.lodge import House
from tests.support.web import Web

PAGE = ("<p>门房 " + "x" * 50 + "</p>") * 400


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br;q=1.0, GZIP;q=0.5, *;q=0.1", True),
        ("gzip; q=0", False),
        ("gzip;q=0.000", False),
        ("x-gzip", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_whoever_names_it(header: str, accepted: bool) -> None:
    assert accepts(header) is accepted


def test_what_is_compressed_is_small_whole_and_never_twice_of_a_telling_length() -> None:
    sent = [compress(PAGE.encode()) for _ in range(50)]
    assert {gzip.decompress(each).decode() for each in sent} == {PAGE}
    assert max(map(len, sent)) < len(PAGE) / 50
    assert len({len(each) for each in sent}) > 10


async def test_pages_are_compressed_and_say_so_and_answers_of_the_api_are_as_they_were(web: Web, house: House) -> None:
    site, console, api = house.sites[0].slug, await web.console(house, "clerk"), await web.api(house, "clerk")
    page = await console.get(f"/s/{site}/tickets", headers={"accept-encoding": "gzip, br"})
    plain = await console.get(f"/s/{site}/tickets", headers={"accept-encoding": "identity"})
    answer = await api.get(f"/api/v1/sites/{site}/tickets", headers={"accept-encoding": "gzip"})

    assert page.headers["content-encoding"] == "gzip"
    assert page.num_bytes_downloaded == int(page.headers["content-length"]) < len(page.content) / 3
    assert LEAST < len(plain.content) == int(plain.headers["content-length"])
    assert page.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert not {"content-encoding"} & {*plain.headers, *answer.headers}
