"""Sets of labelled questions to learn from and to measure with."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from faq.engine import phrasings_of
from faq.entry import LANGUAGES, Language, Store
from faq.matcher import Phrasing, phrasings_in

_HELD_OUT_ENTRIES = 14  # entries of the own store whose questions must find nothing
_HELD_OUT_SHARE = 4  # every fourth phrasing of the others is asked instead of known
_FAR = 240  # questions of other domains


@dataclass(frozen=True)
class Query:
    text: str
    expected: str | None
    kind: str  # "in": an entry answers it; "near": its entry was taken out of the store; "far": another domain


@dataclass(frozen=True)
class LabelledSet:
    """A store with questions to it. The name is LANGUAGE_FAMILY/REGIME."""

    name: str
    phrasings: list[Phrasing]
    queries: list[Query]

    @property
    def language(self) -> Language:
        return "en" if self.name.startswith("en") else "de"


def in_folder(folder: Path) -> Iterator[LabelledSet]:
    """The sets in SET/REGIME/kb.jsonl and SET/REGIME/queries.jsonl."""
    for path in sorted(folder.glob("*/*/kb.jsonl")):
        lines = path.with_name("queries.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        queries = [Query(row["q"], row["expected"], row["kind"]) for row in rows]
        yield LabelledSet(f"{path.parent.parent.name}/{path.parent.name}", list(phrasings_of(path)), queries)


def of_store(store: Store, others: list[LabelledSet]) -> Iterator[LabelledSet]:
    """The own store as a set for each language: a part of the phrasings is asked, some entries are taken out."""
    dice = random.Random(5)
    topics = [entry.id for entry in store.entries.values() if not entry.is_foreign]
    missing = set(dice.sample(topics, _HELD_OUT_ENTRIES))
    known: list[Phrasing] = []
    asked: dict[Language, list[Query]] = {language: [] for language in LANGUAGES}
    for phrasing in dice.sample(everything := list(phrasings_in(store)), len(everything)):
        if phrasing.entry in missing:
            asked[phrasing.language].append(Query(phrasing.text, None, "near"))
        elif dice.randrange(_HELD_OUT_SHARE):
            known.append(phrasing)
        else:
            asked[phrasing.language].append(Query(phrasing.text, phrasing.entry, "in"))
    for language in LANGUAGES:
        texts = sorted({query.text for other in others if other.language == language for query in other.queries})
        far = [Query(text, None, "far") for text in dice.sample(texts, min(_FAR, len(texts)))]
        yield LabelledSet(f"{language}_store/own", known, [*asked[language], *far])
