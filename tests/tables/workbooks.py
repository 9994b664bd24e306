"""Workbooks written by hand, part by part, so that also those can be made that no program would write."""

import io
import re
import zipfile
from xml.sax.saxutils import escape, quoteattr

from tables.record import letters

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Style 1 is a date.
STYLES = (
    f'{START}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def text(value):
    """A cell of text, as `value` in ECMA-376: what XML cannot hold is written as _xHHHH_."""
    coded = _UNWRITABLE.sub(lambda match: f"_x{ord(match.group()):04X}_", value)
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(coded)}</t></is></c>'


def number(value):
    return f"><v>{value}</v></c>"


def typed(kind, value):
    return f' t="{kind}"><v>{value}</v></c>'


def formula(expression, value, kind="str"):
    return f' t="{kind}"><f>{expression}</f>{f"<v>{value}</v>" if value else ""}</c>'


DATE = ' s="1"><v>45000</v></c>'


def row(number, cells, attributes=""):
    """A row; each cell is text, the end of its XML, or None."""
    parts = [
        f'<c r="{letters(column)}{number}"' + (cell if cell.endswith("</c>") else text(cell))
        for column, cell in enumerate(cells)
        if cell is not None
    ]
    return f'<row r="{number}"{attributes}>{"".join(parts)}</row>'


def data(*rows):
    """`sheetData` with these rows, from row 1; a row is a list of cells or its own XML."""
    return (
        "<sheetData>"
        + "".join(one if isinstance(one, str) else row(at, one) for at, one in enumerate(rows, 1))
        + "</sheetData>"
    )


def sheet_xml(content, start=START):
    return f'{start}<worksheet xmlns="{MAIN}">{content}</worksheet>'


def parts(*sheets, names=(), states=(), shared=None):
    """The parts of a workbook with these sheets, by name."""
    tabs, relations = "", ""
    made = {
        "[Content_Types].xml": f'{START}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'{START}<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{TYPES}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }
    for at, content in enumerate(sheets, 1):
        name = names[at - 1] if names else f"Tabelle{at}"
        state = f' state="{states[at - 1]}"' if states else ""
        tabs += f'<sheet name={quoteattr(name)} sheetId="{at}"{state} r:id="rId{at}"/>'
        relations += f'<Relationship Id="rId{at}" Type="{TYPES}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        made[f"xl/worksheets/sheet{at}.xml"] = content if content.startswith("<?") else sheet_xml(content)
    made["xl/workbook.xml"] = f'{START}<workbook xmlns="{MAIN}" xmlns:r="{TYPES}"><sheets>{tabs}</sheets></workbook>'
    made["xl/_rels/workbook.xml.rels"] = f'{START}<Relationships xmlns="{RELATIONS}">{relations}</Relationships>'
    if shared is not None:
        items = "".join(f"<si>{one if one.startswith('<') else f'<t>{escape(one)}</t>'}</si>" for one in shared)
        made["xl/sharedStrings.xml"] = f'{START}<sst xmlns="{MAIN}">{items}</sst>'
    return made


def pack(made, compression=zipfile.ZIP_DEFLATED):
    """The bytes of an archive with these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(*sheets, **options):
    return pack(parts(*sheets, **options))
