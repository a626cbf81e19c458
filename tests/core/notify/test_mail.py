"""E-mail against a real SMTP server: encryption, signing in, and what its answers mean for trying again."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.notify.channels import email
from core.notify.channels.email import Mail
from core.notify.outgoing import Failed, Gone
from core.settings import Smtp
from tests.core.cli.lodge import free_port
from tests.core.notify.post import Mailbox

USER, PASSWORD = "lodge", "correct horse"
MAIL = Mail("01a2", "t@example.com", "工单已派给你", "厨房", datetime(2026, 11, 23, 2, tzinfo=UTC))


class Moody(Mailbox):
    """Answers each command as it is told; '' is as usual."""

    def __init__(self, **answers: str) -> None:
        super().__init__()
        self._answers = answers
        self.refuse = answers.get("data")

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self._answers.get("mail") or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self._answers.get("rcpt") or "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server counts as one beyond this machine."""
    monkeypatch.setattr(email, "_here", lambda host: False)


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its certificate is one that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@contextmanager
def server(
    mailbox: Mailbox, certificate: tuple[Path, Path] | None = None, *, login: bool = False, implicit: bool = False
) -> Iterator[int]:
    """Its port. With a certificate it encrypts, by STARTTLS or from the first byte; `login` asks who sends."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)

    options: dict[str, Any] = {"ssl_context": context} if implicit else {"tls_context": context}
    if login:
        options |= {"auth_required": True, "authenticator": authenticate, "auth_require_tls": not implicit}
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def smtp(port: int, *, tls: bool = False, password: str = "") -> Smtp:
    user = USER if password else ""
    return Smtp(host="127.0.0.1", port=port, tls=tls, user=user, password=password, sender="lodge@example.com")


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server overlooks that TLS is there already
@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS from the first byte"])
@pytest.mark.usefixtures("elsewhere", "trusted")
def test_mail_is_handed_over_encrypted_and_signed_in(certificate: tuple[Path, Path], implicit: bool) -> None:
    mailbox = Moody()
    with server(mailbox, certificate, login=True, implicit=implicit) as port:
        email.send(smtp(port, tls=implicit, password=PASSWORD), MAIL)
    [mail] = mailbox.mails
    assert (mail["To"], mail["Message-ID"], mail["Subject"]) == ("t@example.com", "<01a2@example.com>", "工单已派给你")


@pytest.mark.usefixtures("elsewhere")
def test_a_server_beyond_this_machine_gets_nothing_in_the_clear(certificate: tuple[Path, Path]) -> None:
    """Neither one that offers no encryption nor one whose certificate nobody vouches for."""
    for offered in (None, certificate):
        mailbox = Moody()
        with server(mailbox, offered) as port, pytest.raises(Failed) as failed:
            email.send(smtp(port, password=PASSWORD), MAIL)
        assert not isinstance(failed.value, Gone)
        assert mailbox.mails == []


@pytest.mark.parametrize(
    ("answers", "kind", "status"),
    [
        ({"rcpt": "450 greylisted, come again"}, Failed, 450),
        ({"rcpt": "451 busy"}, Failed, 451),
        ({"rcpt": "452 mailbox full"}, Failed, 452),
        ({"rcpt": "550 no such user"}, Gone, 550),
        ({"rcpt": "501 no address"}, Gone, 501),
        ({"rcpt": "554 blocked"}, Gone, 554),
        ({"data": "451 greylisted"}, Failed, 451),
        ({"data": "554 spam"}, Gone, 554),
        ({"mail": "421 shutting down"}, Failed, 421),
        ({"mail": "550 sender not allowed"}, Failed, 550),  # a matter of how this instance is set up
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_what_an_answer_means(answers: dict[str, str], kind: type[Failed], status: int) -> None:
    """4xx: again later. 5xx about the message: never again. 5xx about the sender: somebody mends that."""
    with server(Moody(**answers)) as port, pytest.raises(Failed) as failed:
        email.send(smtp(port), MAIL)
    assert type(failed.value) is kind
    assert failed.value.status == status
    assert "t@example.com" not in str(failed.value)


@pytest.mark.usefixtures("elsewhere", "trusted")
def test_a_wrong_password_is_tried_again_and_told_without_it(certificate: tuple[Path, Path]) -> None:
    with server(Moody(), certificate, login=True) as port, pytest.raises(Failed) as failed:
        email.send(smtp(port, password="wrong horse"), MAIL)
    assert type(failed.value) is Failed
    assert failed.value.status == 535
    assert "horse" not in str(failed.value)


def test_a_server_that_is_away_is_tried_again() -> None:
    with server(Moody()) as port:
        pass
    with pytest.raises(Failed) as failed:
        email.send(smtp(port), MAIL)
    assert type(failed.value) is Failed


def test_an_instance_without_a_mail_server_sends_nothing() -> None:
    with pytest.raises(Gone):
        email.send(None, MAIL)
