"""Languages of the console and of error messages: which one a reader gets, and what a message says in it.

Message ids are English texts with `{names}`; catalogues are `.po` files read at start. A plugin's own catalogue is
asked first, then core's; a message in neither stays English.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from babel.messages.pofile import read_po

Locale = Literal["zh-CN", "en"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
DEFAULT: Locale = "zh-CN"
CORE = "core"


def msgid(text: str) -> str:
    """Mark a text that is translated where it is shown; the message test then wants it in the catalogues."""
    return text


LIST = msgid(", ")  # what stands between the entries of a list


def match(tag: str) -> Locale | None:
    """The locale for a tag such as `zh`, `zh-Hans-CN`, `zh_TW`, `en-US`; None for a language we do not speak."""
    language = tag.strip().replace("_", "-").partition("-")[0].lower()
    return next((locale for locale in LOCALES if locale.partition("-")[0] == language), None)


def _preferred(accept_language: str) -> Locale | None:
    """First language we speak in an Accept-Language header, by quality (RFC 9110 12.5.4); quality 0 excludes."""
    ranked: list[tuple[float, Locale]] = []
    for item in accept_language.split(","):
        tag, _, quality = item.partition(";")
        locale = match(tag)
        try:
            weight = float(quality.partition("q=")[2] or 1)
        except ValueError:
            continue
        if locale and weight > 0:
            ranked.append((weight, locale))
    return max(ranked, key=lambda entry: entry[0])[1] if ranked else None


def negotiate(accept_language: str | None, cookie: str | None, person_locale: str | None) -> Locale:
    """The reader's locale: what the person has set, else this browser's cookie, else its languages, else Chinese."""
    for explicit in (person_locale, cookie):
        if explicit and (locale := match(explicit)):
            return locale
    return (_preferred(accept_language) if accept_language else None) or DEFAULT


class Catalogs:
    """The messages of core and of each plugin in every language but English, which the ids are."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """`folders` maps a domain (`core` or a plugin id) to the folder with its `zh_CN.po`; it may be missing."""
        self.messages: dict[tuple[str, str], dict[str, str]] = {}
        """Message id -> text, by (locale, domain)."""
        for domain, folder in folders.items():
            for locale in LOCALES:
                path = folder / f"{locale.replace('-', '_')}.po"
                if path.exists():
                    self.messages[locale, domain] = _read(path)

    def has(self, locale: str, domain: str, message: str) -> bool:
        """Whether a message of that domain is translated (English always is)."""
        return locale == "en" or self._find(locale, domain, message) is not None

    def translate(self, locale: str, domain: str, message: str, /, **params: object) -> str:
        """The message in `locale`, `{names}` filled from `params`. Raises KeyError for a name that is not given.

        What neither the domain nor core says a plugin may: core's pages show plugins' names, policies and permissions.
        """
        text = self._find(locale, domain, message) or self._find_anywhere(locale, message) or message
        return text.format(**params) if params else text

    def _find(self, locale: str, domain: str, message: str) -> str | None:
        own = self.messages.get((locale, domain), {}).get(message)
        return own or self.messages.get((locale, CORE), {}).get(message)

    def _find_anywhere(self, locale: str, message: str) -> str | None:
        said = (messages.get(message) for (spoken, _), messages in self.messages.items() if spoken == locale)
        return next(filter(None, said), None)


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        catalog = read_po(file)
    return {str(entry.id): str(entry.string) for entry in catalog if entry.id and entry.string and not entry.fuzzy}
