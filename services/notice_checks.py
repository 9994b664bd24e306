"""What a notice may say, and what staff should look at again before it goes to many. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import markup
from services import redaction

LONGEST = 1200  # characters as read: two languages with all that stands around them fit into one message
SHORTEST = 10

_FORMAT = re.compile(r"</?(?!(?:b|i|a)\b)[a-z][a-z0-9-]*(?:\s[^<>]*)?>", re.IGNORECASE)
_HREF = re.compile(r'<a\s+href="([^"]*)"', re.IGNORECASE)
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}"
_FULL = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_BARE = re.compile(rf"(?<![\w@/.])({_HOST}[a-z]{{2,24}})(?::\d{{1,5}})?(/[^\s<>]*)?(?!@)", re.IGNORECASE)
_ENDINGS = frozenset(
    "de com net org eu info io me at ch berlin koeln hamburg bayern ly co to app dev online site".split()
)
_ASKS_FOR_INPUT = re.compile(
    r"login|log-in|signin|sign-in|anmeld|formular|eingabe|/forms?\b|passwor|kennwort|\bpin\b|verify|verifi",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:sie|du)\s+(?:selbst\s+)?(?:sind|bist)\s+(?:\w+\s+){0,3}betroffen\b"
    r"|\bihre?[rnms]?\s+(?:karte|daten|ausweis|hba|ehba|smc-b)\s+(?:\w+\s+){0,4}(?:betroffen|abgeflossen|gestohlen|kompromittiert)\b"
    r"|\byou(?:\s+are|'re|’re)\s+(?:\w+\s+){0,3}affected\b"
    r"|\byour\s+(?:card|data)\s+(?:\w+\s+){0,4}(?:affected|stolen|leaked|compromised|exposed)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a text. `stops`: so it cannot go out. `code` names the sentence; `what` is the place."""

    code: str
    stops: bool
    what: str = ""


def cleaned(html: str) -> str:
    """The HTML that Telegram gives for a message, with the formatting that notices may have."""
    return _FORMAT.sub("", html).strip()


def findings(html: str, addresses: Iterable[str]) -> tuple[Finding, ...]:
    """Everything about one text, what stops it first."""
    words = markup.plain(html)
    found = [*_of_length(words), *_of_markup(html), *_of_links(html, words, hosts(addresses)), *_of_words(words)]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.stops))


def _of_length(words: str) -> list[Finding]:
    if len(words) > LONGEST:
        return [Finding("too-long", stops=True, what=str(len(words)))]
    return [Finding("too-short", stops=True)] if len(words) < SHORTEST else []


def _of_markup(html: str) -> list[Finding]:
    return [Finding("markup", stops=True, what=tag or "<") for _, tag in markup.mistakes(html)][:1]


def _of_links(html: str, words: str, own: Collection[str]) -> list[Finding]:
    found = []
    for address in [*_HREF.findall(html), *_bare(words)]:
        parts = _split(address)
        host = (parts.hostname or "").removeprefix("www.")
        if parts.scheme not in ("http", "https") or parts.username or not host:
            found.append(Finding("link-kind", stops=True, what=address[:80]))
        elif _ASKS_FOR_INPUT.search(f"{parts.path}?{parts.query}") or _ASKS_FOR_INPUT.search(host):
            found.append(Finding("link-input", stops=True, what=address[:80]))
        elif not any(host == one or host.endswith(f".{one}") for one in own):
            found.append(Finding("link-foreign", stops=False, what=host[:80]))
    return found


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that hold no address
        return SplitResult("", "", "", "", "")


def _bare(words: str) -> list[str]:
    """Addresses in running text, which Telegram makes links of by itself."""
    found = _FULL.findall(words)
    for host, path in _BARE.findall(_FULL.sub(" ", words)):
        if host.rpartition(".")[2].casefold() in _ENDINGS:
            found.append(f"https://{host}{path}")
    return [address.rstrip(".,;:!?)") for address in found]


def _of_words(words: str) -> list[Finding]:
    found = []
    if personal := _PERSONAL.search(words):
        found.append(Finding("personal", stops=True, what=personal.group()[:80]))
    if redaction.sensitive(words):
        found.append(Finding("sensitive", stops=True))
    return found


def hosts(addresses: Iterable[str]) -> frozenset[str]:
    """The hosts of the association's own addresses, which members know."""
    return frozenset((urlsplit(address).hostname or "").removeprefix("www.") for address in addresses)
