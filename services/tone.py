"""How a message sounds, where that decides what becomes of it. Few patterns, and each says it plainly: a threat speaks
of the writer and of us, an insult has no word that is about anything else. What is unclear is an ordinary message.
"""

import re

_WORD = re.compile(r"[^\W\d_]+")
_INSULTS = frozenset(
    "idiot idioten idiotin deppen depp arschloch arschlöcher arsch arschgeigen versager vollidiot vollidioten "
    "trottel penner pisser wichser hurensohn hurensöhne fotze schlampe schwachkopf schwachköpfe dummkopf dummköpfe "
    "spasti spast missgeburt drecksbot scheißbot scheissbot drecksverein scheißverein scheissverein scheiße scheisse "
    "pfeifen nieten luschen unfähig lächerlich blöd blöde blöder blödes dumm dumme dummer doof doofe doofer bescheuert "
    "idiots moron morons asshole assholes bastard bastards fucker fuckers fuck bitch bitches cunt twat wanker wankers "
    "losers loser stupid dumb useless pathetic crap shit bullshit dickhead dickheads".split()
)
_AROUND_INSULTS = frozenset(
    "ihr du sie seid bist sind alle alles nur doch so ein eine einfach echt wirklich voll total was für ihr euch dich "
    "verdammte verdammter verdammten der die das und mal halt ja blödes dieser diese dieses bot "
    "you are re all such a an the fucking damn bloody just so really and off this bot what".split()
)
_THANKS = frozenset(
    "danke dank vielen besten herzlichen super prima toll gut ok okay alles klar lieben schön sehr ihnen euch nochmal "
    "merci perfekt top verstanden thanks thank you very much great perfect many so cheers brilliant".split()
)
_THANKING = frozenset("danke dank merci thanks thank cheers".split())
# The writer does something to those who are spoken to.
_THREATS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bich\s+(?:bring\w*|stech\w*|knall\w*|schlag\w*|mach\w*)\s+(?:euch|dich|sie)\s+(?:alle\s+)?(?:um|ab|tot|platt|kalt)\b",
        r"\bich\s+(?:erschieß\w*|erschiess\w*|töte|erstech\w*|erschlag\w*)\s+(?:euch|dich|sie)\b",
        r"\bich\s+(?:zünde|fackel\w*|spreng\w*|jage?)\s+(?:\w+\s+){0,2}(?:kammer|laden|büro|bude|gebäude|haus)\b",
        r"\b(?:bombe|sprengsatz)\s+(?:\w+\s+){0,3}(?:kammer|gebäude|büro|euch|eurem|eure)\b",
        r"\b(?:euch|dich)\s+(?:\w+\s+){0,3}(?:umbringen|abstechen|abknallen|totschlagen|erschießen|erschiessen)\b",
        r"\bich\s+weiß\s+wo\s+(?:ihr\s+wohnt|du\s+wohnst|sie\s+wohnen)\b",
        r"\bi(?:\s+will|'ll|\s+am\s+going\s+to|'m\s+going\s+to|\s+gonna)\s+(?:kill|shoot|stab|hurt)\s+(?:you|all\s+of\s+you)\b",
        r"\bi(?:\s+will|'ll|'m\s+going\s+to)\s+(?:burn|blow)\s+(?:\w+\s+){0,3}(?:office|building|chamber|place)\b",
        r"\bi\s+know\s+where\s+you\s+live\b",
    )
)
LONGEST_INSULT, LONGEST_THANKS, LONGEST_THREAT = 80, 60, 500  # characters that are looked at


def is_insult(text: str) -> bool:
    """Whether the message is an insult and nothing else."""
    words = _words(text, LONGEST_INSULT)
    return bool(words & _INSULTS) and words <= _INSULTS | _AROUND_INSULTS


def is_thanks(text: str) -> bool:
    """Whether the message is a thank-you and nothing else."""
    words = _words(text, LONGEST_THANKS)
    return bool(words & _THANKING) and words <= _THANKS and "?" not in text


def is_threat(text: str) -> bool:
    """Whether the writer threatens those who are written to."""
    line = re.sub(r"[^\w\s']", " ", text[:LONGEST_THREAT].lower().replace("’", "'"))
    return any(pattern.search(line) for pattern in _THREATS)


def _words(text: str, longest: int) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold())) if len(text) <= longest else frozenset()
