"""Identity providers for tests: one that says whatever a test wants of it, and a real one from PyPI, as a process."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "lodge", "a secret: with %signs"
KEYS = tuple(RSAKey.generate_key(2048, {"kid": f"key-{n}", "use": "sig"}) for n in range(2))


class Forger:
    """A provider at 127.0.0.1 that checks codes, clients and PKCE as the standards ask, and whose answers tests set.

    `claims` are put into the next ID tokens over what is right (None: left out), `token` takes the place of a whole.
    `said` goes beside it into what the token endpoint answers, `metadata` over the description of itself.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.now = 0
        self.metadata: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.said: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.token: str | None = None
        self.key = KEYS[0]
        self.published = [KEYS[0]]
        self.asked: list[str] = []
        self.last: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}

    def authorize(self, url: str, **answer: str) -> str:
        """What the browser is sent back with, for the request that it came with."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = self.last = asked
        query = {"code": code, "state": asked["state"], **answer}
        return f"{asked['redirect_uri']}?{httpx.QueryParams(query)}"

    def id_token(self, asked: dict[str, str]) -> str:
        right = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": asked["client_id"],
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": asked["nonce"],
        }
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def answer(self, method: str, path: str, body: str, headers: Any) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                endpoints = {
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    "userinfo_endpoint": f"{self.issuer}/userinfo",
                    "end_session_endpoint": f"{self.issuer}/end",
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
                return 200, {"issuer": self.issuer, **endpoints, **self.metadata}
            case "/jwks":
                return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
            case "/userinfo":
                return 200, {"sub": "subject-1", **self.userinfo}
            case "/token":
                return self._redeem({name: values[0] for name, values in parse_qs(body).items()}, headers)
        return 404, {}

    def _redeem(self, form: dict[str, str], headers: Any) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        pair = f"{CLIENT}:a%20secret%3A%20with%20%25signs"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if asked is None or challenge != asked["code_challenge"] or headers.get("Authorization") != basic:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        token = self.id_token(asked) if self.token is None else self.token
        return 200, {"id_token": token, "access_token": "access", "token_type": "Bearer", **self.said}


@contextmanager
def forger() -> Iterator[Forger]:
    """One that serves until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            status, said = provider.answer(self.command, urlsplit(self.path).path, body, self.headers)
            content = msgspec.json.encode(said)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = Forger(f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield provider
        finally:
            server.shutdown()
            serving.join()


@contextmanager
def real_provider(**people: dict[str, object]) -> Iterator[str]:
    """oidc-provider-mock, which knows these people by their `sub`: its issuer. Anybody signs in there by a click."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    known = [
        each
        for sub, claims in people.items()
        for each in ("--user-claims", msgspec.json.encode({"sub": sub, **claims}).decode())
    ]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    environ = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"}
    with subprocess.Popen([*command, *known], env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 30
            while True:
                try:
                    httpx.get(f"{issuer}/jwks").raise_for_status()
                    break
                except httpx.HTTPError:
                    assert process.poll() is None and time.monotonic() < until, "the provider does not start"
                    time.sleep(0.05)
            yield issuer
        finally:
            process.terminate()
