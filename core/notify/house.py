"""Notifications and messages of one process, put together once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from core.estate.sealing import Sealer
from core.hooks.types import NoticeSpec
from core.notify.confirmation import Confirmations, Prover
from core.notify.egress import Egress
from core.notify.endpoints import Endpoints
from core.notify.events import CORE_EVENTS
from core.notify.fanout import FanOut
from core.notify.messages import Composer, Letter
from core.notify.residents import Residents
from core.notify.sender import Sender, Start
from core.notify.service import Notices
from core.notify.trials import Trials
from core.settings import Settings
from core.tenancy.directory import Company

if TYPE_CHECKING:
    from core.platform import Platform
    from core.policies.service import Policies


class Notify:
    """`notices` are people's own, `residents` get text messages, `endpoints` is where else messages go, `trials` sends
    tests there, `hear` takes events from the outbox.

    `translate(locale, domain, message_id, **params)` says a message in a language; `event_types` are the plugins'
    events, `notices` what they tell whom by themselves, with the plugin's id. `letters` write deliveries by their kind.
    """

    def __init__(
        self,
        settings: Settings,
        policies: Policies,
        company_of: Callable[[UUID], Company | None],
        translate: Callable[..., str],
        event_types: Iterable[str],
        egress: Egress | None = None,
        notices: Iterable[tuple[str, NoticeSpec]] = (),
        letters: Mapping[str, Letter] = {},
    ) -> None:
        sealer = Sealer(settings.secret, *settings.former)
        known = frozenset((*CORE_EVENTS, *event_types))
        self.egress = egress or Egress(settings.egress)
        prover = Prover(settings.secret)
        self.notices = Notices(sealer, Confirmations(sealer, prover, mail=settings.smtp is not None))
        self.residents = Residents(sealer)
        self.endpoints = Endpoints(sealer, self.egress, lambda: known)
        self.trials = Trials(self.endpoints, self.notices, translate)
        self._composer = Composer(sealer, prover, company_of, translate, settings.public_url, letters)
        self._smtp = settings.smtp
        fan_out = FanOut(
            policies,
            sealer,
            company_of,
            translate,
            mail=settings.smtp is not None,
            public_url=settings.public_url,
            notices=notices,
        )
        self.hear = fan_out.hear

    def sender(self, platform: Platform, start: Start = asyncio.create_task) -> Sender:
        """What sends; part of the background work, with tasks made by `start`."""
        return Sender(platform, self._composer, self.egress, self._smtp, start)
