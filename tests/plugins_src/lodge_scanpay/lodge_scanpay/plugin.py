"""The manifest of scan and pay, and the provider that it offers."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import Manifest, PaymentProvider, hookimpl
from lodge_scanpay.provider import ScanPay

MANIFEST = Manifest(
    id="scanpay",
    title="Scan and pay",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="lodge_scanpay",
)


class Plugin:
    manifest = MANIFEST

    @hookimpl
    def register_payment_providers(self) -> Sequence[PaymentProvider]:
        return [ScanPay()]


plugin = Plugin()
