"""An XLSX file as what it is: a ZIP archive of XML parts (ECMA-376, part 2). What could hurt is refused unopened."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from strict_yaml import Problem, Problems
from tables.column import MIB, Limits
from tables.masking import excerpt

CHUNK = 64 * 1024
_ENCRYPTED = 0x1 | 0x40
_SMALL = 100 * 1024  # an entry below this does no harm, however well it is packed
_NESTED = re.compile(r"(?:^|/)embeddings/|\.(?:zip|xls[a-z]?|doc[a-z]?|ppt[a-z]?|ods|7z|rar|gz|jar|exe)$")
_PATH = re.compile(r"[^/\\:\0]+(?:/[^/\\:\0]+)*")

OnStart = Callable[[str, dict[str, str]], None]
OnText = Callable[[str], None]
OnEnd = Callable[[str], None]


class Enough(Exception):  # noqa: N818  no error
    """Raised by a handler that has seen what it looked for."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its place among all sheets, the name on its tab, and the part that holds it."""

    position: int
    name: str
    part: str
    is_visible: bool


def check(archive: ZipFile, packed_bytes: int, limits: Limits, file: str) -> None:
    """Raises `Problems` with everything in the archive's directory that speaks against opening it."""
    entries = archive.infolist()
    found = [
        (code, {"part": excerpt(entry.filename), "most": str(limits.ratio)})
        for entry in entries
        for code in _odd(entry, limits)
    ]
    if len(entries) > limits.entries:
        found.append(("tables.zip-entries", {"count": str(len(entries)), "most": str(limits.entries)}))
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        found.append(("tables.zip-names", {"part": "2×"}))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        values = {"size": str(unpacked // MIB), "most": str(limits.unpacked_bytes // MIB)}
        found.append(("tables.zip-unpacked", values))
    elif unpacked > _SMALL and unpacked > limits.ratio * packed_bytes:
        found.append(("tables.zip-ratio", {"part": file, "most": str(limits.ratio)}))
    if found:  # one sentence of a kind is enough
        once = {code: Problem(file, 0, "", code, values) for code, values in reversed(found)}
        raise Problems(list(reversed(once.values())))


def _odd(entry: ZipInfo, limits: Limits) -> Iterator[str]:
    name = entry.filename
    if entry.flag_bits & _ENCRYPTED:
        yield "tables.zip-encrypted"
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        yield "tables.damaged"
    if not _PATH.fullmatch(name.removesuffix("/")) or ".." in name.split("/"):
        yield "tables.zip-names"
    if _NESTED.search(name.casefold()):
        yield "tables.zip-nested"
    if name.casefold().endswith("vbaproject.bin"):
        yield "tables.macros"
    if entry.file_size > _SMALL and entry.file_size > limits.ratio * entry.compress_size:
        yield "tables.zip-ratio"


def parse(
    archive: ZipFile,
    part: str,
    file: str,
    on_start: OnStart | None = None,
    on_text: OnText | None = None,
    on_end: OnEnd | None = None,
) -> None:
    """Reads one part, streaming. XLSX needs no document type, so there are no entities that could grow.

    Raises `Problems` when the part declares one, and what expat or zipfile raise when it is damaged.
    """

    def refuse(*_: object) -> None:
        raise Problems([Problem(file, 0, "", "tables.dtd", {"part": excerpt(part)})])

    parser = expat.ParserCreate("UTF-8")  # whatever the part says: calamine reads it as UTF-8, too
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = on_start
    parser.CharacterDataHandler = on_text
    parser.EndElementHandler = on_end
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def check_parts(archive: ZipFile, file: str, but: str) -> None:
    """Reads every part of XML once, except `but`, which is read elsewhere. Raises as `parse` does."""
    for entry in archive.infolist():
        if entry.filename != but and entry.filename.casefold().endswith((".xml", ".rels")):
            parse(archive, entry.filename, file)


def sheets(archive: ZipFile, file: str) -> list[Sheet]:
    """The worksheets in the order of their tabs. Raises KeyError when this is no workbook."""
    workbook = next(target for kind, target in _relations(archive, "", file).values() if kind == "officeDocument")
    targets = _relations(archive, workbook, file)
    found: list[Sheet] = []
    tabs = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal tabs
        if local(name) != "sheet":
            return
        tabs += 1
        kind, part = targets[next(value for key, value in attributes.items() if key.endswith(":id"))]
        if kind == "worksheet":
            is_visible = attributes.get("state", "visible") == "visible"
            found.append(Sheet(tabs - 1, attributes.get("name", ""), part, is_visible))

    parse(archive, workbook, file, on_start)
    return found


def _relations(archive: ZipFile, source: str, file: str) -> dict[str, tuple[str, str]]:
    """What a part points to: by id the last word of the relation's type and the part's name."""
    folder, name = posixpath.split(source)
    found: dict[str, tuple[str, str]] = {}

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target)

    parse(archive, posixpath.join(folder, "_rels", f"{name}.rels"), file, on_start)
    return found


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]
