"""A batch of letters as one PDF with its manifest."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Final

from printing.drawer import drawer, private, publish
from printing.letter import Letter, Sender, fault
from printing.manifest import Manifest
from printing.typesetting import TEMPLATE, Typesetter
from strict_yaml import Problem, Problems

# Letters in one run of Typst. It remembers the layout of its last ten runs, up to 1 MB a letter, and so this decides on
# the memory: 390 MB at the peak for 5,000 letters, with 50 nearly twice as much, and no faster (benchmarks/letters.py).
BATCH: Final = 25


def _nobody(_: int) -> None:
    pass


def render(
    letters: Iterable[Letter],
    sender: Sender,
    out: Path,
    *,
    batch: str,
    day: date,
    template: Path | None = None,
    progress: Callable[[int], None] = _nobody,
) -> Manifest:
    """Writes the letters, in their order, to `out` and the manifest beside it (`….manifest.json`), both of mode 0600.

    `progress` hears how many letters are done. Either both files are there in the end or neither.
    Raises `Problems` (a letter that cannot be printed, a template with a mistake, `out` exists, no letter at all),
    ValueError when a reference comes twice, OSError when the disk is full.
    """
    listed = out.with_name(f"{out.stem}.manifest.json")
    with drawer(out.parent) as folder:
        for place in (out, listed):
            if place.exists():
                raise _problem(place.name, "letters.exists")
        typesetter = Typesetter(template or TEMPLATE, sender, batch=batch, day=day)
        references, pages = _bind(typesetter, letters, folder / "pdf", progress)
        with (folder / "pdf").open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        manifest = Manifest(
            batch, day, len(references), pages, out.name, digest, typesetter.template_sha256, tuple(references)
        )
        with os.fdopen(private(folder / "json"), "w", encoding="utf-8") as file:
            file.write(manifest.to_json())
            file.flush()
            os.fsync(file.fileno())
        publish({folder / "json": listed, folder / "pdf": out})
    return manifest


def render_one(letter: Letter, sender: Sender, *, day: date, template: Path | None = None) -> bytes:
    """One letter as a PDF to be read on a screen. Raises `Problems` as `render` does."""
    return Typesetter(template or TEMPLATE, sender, batch=letter.reference, day=day).pdf(
        [_sound(letter)], accessible=True
    )


def _bind(
    typesetter: Typesetter, letters: Iterable[Letter], path: Path, progress: Callable[[int], None]
) -> tuple[list[str], int]:
    """Writes all pages to `path`; returns the references in order and the number of pages."""
    import pypdfium2 as pdfium  # noqa: PLC0415  a running bot does not load it

    references: dict[str, None] = {}
    each = 0
    with pdfium.PdfDocument.new() as whole:
        for batch, pdf in _typeset(typesetter, letters):
            with pdfium.PdfDocument(pdf) as part:
                each = each or len(part) // len(batch)
                if len(part) != each * len(batch):
                    raise _spilt(typesetter, batch)
                whole.import_pages(part)
            for letter in batch:
                if letter.reference in references:
                    raise ValueError(f"letter {letter.reference} comes twice")
                references[letter.reference] = None
            progress(len(references))
        if not references:
            raise _problem(path.name, "letters.none")
        with os.fdopen(private(path), "wb") as file:
            whole.save(file)
            file.flush()
            os.fsync(file.fileno())
    return list(references), each * len(references)


def _typeset(typesetter: Typesetter, letters: Iterable[Letter]) -> Iterator[tuple[Sequence[Letter], bytes]]:
    """Batches with their pages, in order. Typst lets go of the interpreter: threads use every core."""
    source = iter(letters)
    workers = os.cpu_count() or 1
    waiting: deque[tuple[Sequence[Letter], Future[bytes]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            while batch := [_sound(letter) for letter in islice(source, BATCH)]:
                waiting.append((batch, pool.submit(typesetter.pdf, batch)))
                if len(waiting) > workers:  # as many again as are being set: memory does not grow with the letters
                    done, pages = waiting.popleft()
                    yield done, pages.result()
            while waiting:
                done, pages = waiting.popleft()
                yield done, pages.result()
        finally:
            for _, pages in waiting:
                pages.cancel()


def _sound(letter: Letter) -> Letter:
    """The letter. Raises `Problems` when it cannot be printed."""
    if found := fault(letter):
        raise _problem(letter.reference, found.code, **found.values)
    return letter


def _spilt(typesetter: Typesetter, batch: Sequence[Letter]) -> Problems:
    """Which letters of the batch have more pages than the others."""
    lengths = {letter.reference: _pages(typesetter.pdf([letter])) for letter in batch}
    usual = min(lengths.values())
    longer = [reference for reference, pages in lengths.items() if pages > usual] or list(lengths)
    return Problems([Problem(reference, 0, "", "letters.pages") for reference in longer])


def _pages(pdf: bytes) -> int:
    import pypdfium2 as pdfium  # noqa: PLC0415

    with pdfium.PdfDocument(pdf) as document:
        return len(document)


def _problem(place: str, code: str, **values: str) -> Problems:
    return Problems([Problem(place, 0, "", code, values)])
