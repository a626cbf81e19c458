"""The one door through which requests to addresses that customers chose leave: resolved once, pinned, no redirects.

Addresses of machines, homes and offices (private, loopback, link-local … RFC 6890) are never connected to, in whatever
notation they come: a webhook must not become a way into the operator's network (SS-1).
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from typing import Any

import httpcore
import msgspec

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Iterable[str]]

TIMEOUT = 10.0  # seconds that each of connecting, writing and reading may take
WHOLE = 20.0  # seconds that a request may take in all
ANSWER = 16_384  # bytes of an answer that are read; nobody looks at more
_PRINTABLE = re.compile(r"[!-~]+")
_NAT64 = ip_network("64:ff9b::/96")


class Refused(Exception):
    """The address is none that may be connected to. The text says why and holds no secret."""


class Unreachable(Exception):
    """No answer: no such host, no connection, too slow, broken. The text says which and holds no secret."""


class Answer(msgspec.Struct, frozen=True):
    """What came back; `body` is cut at `ANSWER` bytes, or at what was asked for at most."""

    status: int
    body: bytes


def resolve(host: str, port: int) -> Iterable[str]:
    """The addresses of a host by the system's resolver."""
    return dict.fromkeys(str(found[4][0]) for found in getaddrinfo(host, port, type=SOCK_STREAM))


class Egress:
    """Asks public addresses, and `allowed` networks, which the operator names (a gateway of its own)."""

    def __init__(self, allowed: Iterable[Network] = (), resolver: Resolve = resolve) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolver
        self._tls = ssl.create_default_context()

    def check(self, url: str) -> None:
        """Raise Refused for a URL that can never be asked: not https, with credentials, or a forbidden address.

        Names are looked at again, and for good, when they are connected to.
        """
        try:
            parts = httpcore.URL(url)
            host = parts.host.decode("ascii")
        except (UnicodeError, ValueError, TypeError):
            raise Refused("not a URL") from None
        if not host or not _PRINTABLE.fullmatch(url) or "@" in re.split("[/?#]", url.partition("://")[2])[0]:
            raise Refused("not a URL")
        literal = _literal(host)
        if parts.scheme == b"http" and literal is not None and self._is_allowed(literal):
            return  # inside the operator's own network nothing is read on the way
        if parts.scheme != b"https":
            raise Refused("only https is possible")
        if literal is not None:
            self._pass(literal)

    def pinned(self, host: str, port: int) -> str:
        """The address to connect to. Raises Refused if one of the name's may not be, Unreachable if it has none."""
        try:
            found = [ip_address(text.partition("%")[0]) for text in self._resolve(host, port)]
        except (OSError, UnicodeError, ValueError):
            raise Unreachable("the host's name was not found") from None
        if not found:
            raise Unreachable("the host's name was not found")
        for address in found:
            self._pass(address)
        return str(found[0])

    def post(self, url: str, content: bytes, headers: Mapping[str, str], *, most: int = ANSWER) -> Answer:
        """Post once and wait for the answer, whatever its status; blocks. Raises Refused or Unreachable."""
        return self._ask("POST", url, content, headers, most)

    def get(self, url: str, headers: Mapping[str, str], *, most: int = ANSWER) -> Answer:
        """Get once and wait for the answer, whatever its status; blocks. Raises Refused or Unreachable."""
        return self._ask("GET", url, None, headers, most)

    def _ask(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], most: int) -> Answer:
        self.check(url)
        sent: dict[bytes | str, bytes | str] = {"User-Agent": "Lodge", "Connection": "close"}
        sent.update(headers.items())
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=_Guard(self)) as pool,
                pool.stream(method, url, headers=sent, content=content) as response,
            ):
                return Answer(response.status, _first_bytes(response.iter_stream(), most))
        except httpcore.TimeoutException:
            raise Unreachable("no answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError):
            raise Unreachable("the connection failed") from None

    def _pass(self, address: Address) -> None:
        """Raise Refused for an address nobody on the open internet has."""
        if self._is_allowed(address):
            return
        plain = unwrapped(address)
        retired = isinstance(plain, IPv6Address) and plain.is_site_local  # fec0::/10, RFC 3879
        if not plain.is_global or plain.is_multicast or plain.is_reserved or plain.is_unspecified or retired:
            raise Refused("the host's address is not a public one")

    def _is_allowed(self, address: Address) -> bool:
        plain = unwrapped(address)
        return any(plain in network for network in self._allowed if network.version == plain.version)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, NAT64, Teredo), else the address."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and (address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1)):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)  # NAT64, or the retired "compatible" form
        return inner or address
    return address


class _Guard(httpcore.NetworkBackend):
    """Connects to the pinned address; the name stays what TLS is checked against."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._backend = httpcore.SyncBackend()
        self._until = time.monotonic() + WHOLE

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        address = self._egress.pinned(host, port)
        stream = self._backend.connect_tcp(address, port, _left(self._until), local_address, socket_options)
        return _Timed(stream, self._until)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise Refused("no sockets of this machine")


class _Timed(httpcore.NetworkStream):
    """A connection that ends in time: one that sends a byte now and then would hold its thread for ever."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    """Seconds that one step may still take."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return min(TIMEOUT, left)


def _literal(host: str) -> Address | None:
    """The address a host is written as; whatever else it is goes through the resolver, which knows `127.1` too."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _first_bytes(stream: Iterable[bytes], most: int) -> bytes:
    body = b""
    for chunk in stream:
        body += chunk
        if len(body) >= most:
            break
    return body[:most]
