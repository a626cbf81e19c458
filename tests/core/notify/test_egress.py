"""SS-1: no request to an address a customer chose ends inside: private ranges in any notation, rebinding, redirects."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest

from core.notify import egress
from core.notify.egress import Egress, Refused, Unreachable
from tests.core.notify.post import Receiver

INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.9",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.1.2.3",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::10.1.2.3",
    "2002:0a01:0203::1",
    "2001:0:4136:e378:8000:63bf:f5fe:fdfc",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_ss_1_a_name_that_stands_for_an_address_inside_is_not_connected_to(address: str, receiver: Receiver) -> None:
    with pytest.raises(Refused):
        Egress(resolver=lambda *_: [address]).post(f"https://hooks.example.com:{receiver.port}/", b"{}", {})
    assert receiver.connections == 0


@pytest.mark.parametrize("address", INSIDE)
def test_ss_1_an_address_inside_is_refused_as_it_is_written(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused):
        Egress().check(f"https://{host}/")


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_passes(address: str) -> None:
    assert ip_address(Egress(resolver=lambda *_: [address]).pinned("example.com", 443)) == ip_address(address)


def test_one_address_inside_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused):
        Egress(resolver=lambda *_: ["1.1.1.1", "10.0.0.1"]).pinned("example.com", 443)


@pytest.mark.parametrize("written", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_ss_1_other_notations_of_this_machine_are_refused_too(written: str, receiver: Receiver) -> None:
    with pytest.raises((Refused, Unreachable)):
        Egress().post(f"https://{written}:{receiver.port}/", b"{}", {})
    assert receiver.connections == 0


def test_ss_1_a_name_is_asked_for_once_so_that_it_cannot_stand_for_something_else_then(receiver: Receiver) -> None:
    """Rebinding: the address that was looked at is the one that is connected to."""
    answers = iter([["127.0.0.2"], ["127.0.0.1"]])  # the second would be the receiver
    asked = Egress([ip_network("127.0.0.2/32")], resolver=lambda *_: next(answers))
    with pytest.raises(Unreachable):
        asked.post(f"https://hooks.example.com:{receiver.port}/", b"{}", {})
    assert next(answers) == ["127.0.0.1"], "nobody asked again"
    assert receiver.connections == 0


def test_ss_1_redirects_are_answers_like_any_other(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"location": f"http://127.0.0.1:{receiver.port}/inside"}
    answer = Egress([ip_network("127.0.0.1/32")]).post(receiver.url, b"{}", {})
    assert answer.status == 307
    assert [request.path for request in receiver.requests] == ["/hook"]


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.9:9")
    assert Egress([ip_network("127.0.0.1/32")]).post(receiver.url, b"{}", {}).status == 204


def test_plain_http_is_for_networks_that_the_operator_allows() -> None:
    with pytest.raises(Refused):
        Egress().check("http://1.1.1.1/")
    Egress([ip_network("10.0.0.0/8")]).check("http://10.1.2.3/")


def test_an_answer_is_read_up_to_a_limit(receiver: Receiver) -> None:
    receiver.status, receiver.body = 200, b"x" * (egress.ANSWER * 4)
    assert len(Egress([ip_network("127.0.0.1/32")]).post(receiver.url, b"{}", {}).body) == egress.ANSWER


def test_no_more_of_an_answer_is_taken_in_than_that() -> None:
    taken = []

    def stream() -> Iterator[bytes]:
        for n in range(100):
            taken.append(n)
            yield b"x" * 10

    assert egress._first_bytes(stream(), 25) == b"x" * 25
    assert len(taken) == 3


def test_a_receiver_that_does_not_come_to_an_end_is_given_up(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "WHOLE", -1.0)
    with pytest.raises(Unreachable):
        Egress([ip_network("127.0.0.1/32")]).post(receiver.url, b"{}", {})


def test_a_receiver_that_answers_drop_by_drop_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often something comes: a time limit of each step alone would never be reached."""
    monkeypatch.setattr(egress, "WHOLE", 0.5)
    drops, given_up = 0, threading.Event()

    def drip(server: socket.socket) -> None:
        nonlocal drops
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while drops < 1000 and not given_up.wait(0.01):
                connection.sendall(b"x")
                drops += 1

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip, args=(server,))
        dripping.start()
        with pytest.raises(Unreachable):
            url = f"http://127.0.0.1:{server.getsockname()[1]}/hook"
            Egress([ip_network("127.0.0.1/32")]).post(url, b"{}", {})
        given_up.set()
        dripping.join()
    assert drops < 1000
