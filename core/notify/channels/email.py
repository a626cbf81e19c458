"""E-mail by SMTP: plain text, one message at a time, never without encryption beyond this machine."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address

import msgspec

from core.notify.outgoing import Failed, Gone, Result
from core.settings import Smtp

TIMEOUT = 10.0  # seconds for each step of the conversation
_HOPELESS = range(500, 600)  # RFC 5321 4.2.1: about this message, the answer will be the same the next time


class Mail(msgspec.Struct, frozen=True):
    """`id` stays the same however often it is sent: mail systems drop what they have already."""

    id: str
    to: str
    subject: str
    text: str
    at: datetime


def send(smtp: Smtp | None, mail: Mail) -> Result:
    """Hand the message to the mail server; blocks. Raises Failed, or Gone where trying again cannot help."""
    if smtp is None:
        raise Gone("this instance has no mail server")
    try:
        with _connected(smtp) as server:
            server.send_message(_message(smtp.sender, mail))
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        kind = Gone if all(code in _HOPELESS for code in codes) else Failed
        raise kind("the mail server refuses the address", codes[0] if codes else None) from None
    except smtplib.SMTPDataError as refused:
        kind = Gone if refused.smtp_code in _HOPELESS else Failed
        raise kind("the mail server refuses the message", refused.smtp_code) from None
    except smtplib.SMTPResponseException as answered:
        # about how this instance is set up (its login, its sender): somebody will mend that, and the message can wait
        raise Failed("the mail server answered with an error", answered.smtp_code) from None
    except (smtplib.SMTPException, ssl.SSLError, OSError):
        raise Failed("the mail server cannot be reached") from None
    return Result(250)


def _connected(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if smtp.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT)
    try:
        if not smtp.tls and not _here(smtp.host):
            server.starttls(context=context)  # raises where the server has none: the password would be readable
        if smtp.user:
            server.login(smtp.user, smtp.password)
    except BaseException:
        server.close()
        raise
    return server


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _message(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(mail.at)
    message["From"] = f"Lodge <{sender}>"
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in return
    message.set_content(mail.text)
    return message
