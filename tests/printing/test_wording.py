"""Both languages of the template say the same things."""

import json

import pytest
import typst

from printing.glyphs import FONTS
from printing.typesetting import TEMPLATE

NOTHING = json.dumps({"sender": {"bot_name": "@b", "name": "", "second_check": True}, "batch": "", "letters": []})


def asked(expression):
    compiler = typst.Compiler(
        f'#import "{TEMPLATE.name}": words\n#metadata({expression}) <answer>'.encode(),
        root=TEMPLATE.parent,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[FONTS]),
        ignore_system_fonts=True,
        sys_inputs={"data": NOTHING},
    )
    return json.loads(compiler.query("<answer>", field="value", one=True))


def test_both_languages_have_the_same_pieces():
    assert asked("words.de.keys()") == asked("words.en.keys()")
    assert asked("words.de.asked.len()") == asked("words.en.asked.len()") == 6


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_piece_is_empty(language):
    for key, value in zip(
        asked(f"words.{language}.keys()"), asked(f"words.{language}.values().map(repr)"), strict=True
    ):
        assert value.strip('"[] '), key
