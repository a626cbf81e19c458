"""What a form with a place to sign says (templates/components/signature.html)."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from core.errors import Invalid
from core.files.model import NewSignature
from core.web.view import View

_PNG: Final = "data:image/png;base64,"
_LONGEST: Final = {"signer": 60, "remark": 200}


async def signature_of(view: View) -> NewSignature:
    """The signature that was drawn, or that one is on paper. Raises Invalid for what is neither."""
    values = await view.form()
    for name, longest in _LONGEST.items():
        if len(values.get(name, "")) > longest:
            raise Invalid.field(name, "Write at most {n} characters.", n=longest)
    on_paper = values.get("on_paper") == "true"
    paper = await view.file("paper") if on_paper else None
    drawn = "" if on_paper else values.get("signature", "")
    return NewSignature(
        signer=values.get("signer", ""),
        picture=paper[1] or None if paper else _picture(drawn) if drawn else None,
        on_paper=on_paper,
        remark=values.get("remark", ""),
    )


def _picture(url: str) -> bytes:
    try:
        if url.startswith(_PNG):
            return base64.b64decode(url.removeprefix(_PNG), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise Invalid.field("signature", "A signature is a picture.")
