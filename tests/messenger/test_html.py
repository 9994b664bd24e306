"""Telegram's HTML, as strictly as Telegram reads it."""

import html as web
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.entities import detect, piece, trimmed
from messenger.html import MarkupError, parse, utf16


def kinds(source):
    text, entities = parse(source)
    return [(entity["type"], piece(text, entity)) for entity in entities]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<b>a</b><strong>b</strong>", [("bold", "a"), ("bold", "b")]),
        (
            "<i>a</i><em>b</em><u>c</u><ins>d</ins>",
            [("italic", "a"), ("italic", "b"), ("underline", "c"), ("underline", "d")],
        ),
        (
            "<s>a</s><strike>b</strike><del>c</del>",
            [("strikethrough", "a"), ("strikethrough", "b"), ("strikethrough", "c")],
        ),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', [("spoiler", "a"), ("spoiler", "b")]),
        ("<code>a</code><pre>b</pre>", [("code", "a"), ("pre", "b")]),
        (
            "<blockquote>a</blockquote><blockquote expandable>b</blockquote>",
            [("blockquote", "a"), ("expandable_blockquote", "b")],
        ),
        ("<b>𝔸<i>b</i></b>", [("bold", "𝔸b"), ("italic", "b")]),
        ("<B\n>a</b >", [("bold", "a")]),
        ("<b>a</>", [("bold", "a")]),
        ("<b></b>x", []),
        ('<a href="nowhere">a</a>', []),
    ],
)
def test_what_is_read(source, found):
    assert kinds(source) == found


def test_details_are_kept():
    assert parse('<a href="https://x.example?a=1&amp;b=2">L</a>')[1][0]["url"] == "https://x.example?a=1&b=2"
    assert parse("<a href='tg://user?id=5'>L</a>")[1][0]["url"] == "tg://user?id=5"
    assert parse("<a>x.example</a>")[1][0]["url"] == "http://x.example/"
    assert parse('<tg-emoji emoji-id="53">👍</tg-emoji>')[1][0]["custom_emoji_id"] == "53"
    assert parse('<tg-time unix="1735689600" format="d">x</tg-time>')[1][0]["unix_time"] == 1735689600
    [block] = parse('<pre><code class="language-python">x</code></pre>')[1]
    assert (block["type"], block["language"]) == ("pre", "python")


def test_named_and_numeric_characters():
    assert (
        parse("&lt;b&gt; &amp; &quot;x&quot; &#8222;&#x1F44D; &auml; & &#0; &lt")[0] == '<b> & "x" „👍 &auml; & &#0; <'
    )


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("ä<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<3", "Unclosed start tag at byte offset 0"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
        ('<a "x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<tg-emoji emoji-id="9999999999999999999">x</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_what_is_refused(source, reason):
    with pytest.raises(MarkupError) as error:
        parse(source)
    assert str(error.value) == reason


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
TAGS = st.sampled_from(["b", "i", "u", "s", "code", "blockquote", "tg-spoiler", "del", "ins", "em", "strong"])
TREES = st.recursive(
    PLAIN.map(lambda text: (web.escape(text), text)),
    lambda inner: st.one_of(
        st.tuples(TAGS, inner).map(lambda pair: (f"<{pair[0]}>{pair[1][0]}</{pair[0]}>", pair[1][1])),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: ("".join(p[0] for p in parts), "".join(p[1] for p in parts))
        ),
    ),
    max_leaves=12,
)


@given(TREES)
def test_nested_tags_give_back_their_text(tree):
    source, plain = tree
    text, entities = parse(source.replace("&#x27;", "&#39;"))
    assert text == plain
    for entity in entities:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= utf16(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(source):
    try:
        text, entities = parse(source)
    except MarkupError:
        return
    assert all(entity["offset"] + entity["length"] <= utf16(text) for entity in entities)


@given(st.text(max_size=60))
def test_escaped_text_comes_back(source):
    assert parse(web.escape(source, quote=False)) == (source, [])


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_data(self, data):
        self.text += data


@given(TREES)
def test_a_browser_reads_the_same_text(tree):
    reader = Reader()
    reader.feed(tree[0])
    reader.close()
    assert reader.text == parse(tree[0])[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start@auskunft_bot f_pin", [("bot_command", "/start@auskunft_bot")]),
        ("siehe /karte.", [("bot_command", "/karte")]),
        ("und/oder 1/2 //x", []),
        ("👍 https://example.org/a?b=c, ok", [("url", "https://example.org/a?b=c")]),
        ("www.bundesaerztekammer.de!", [("url", "www.bundesaerztekammer.de")]),
        ("ausweis@kammer.example", [("email", "ausweis@kammer.example")]),
        ("@auskunft_bot hallo #pin", [("mention", "@auskunft_bot"), ("hashtag", "#pin")]),
        ("Fall #214", []),
    ],
)
def test_what_telegram_finds_by_itself(text, found):
    assert [(entity["type"], piece(text, entity)) for entity in detect(text)] == found


def test_white_space_at_the_ends_is_cut_off():
    text, entities = parse("\n <b> x </b>\n")
    assert trimmed(text, entities) == ("x", [{"type": "bold", "offset": 0, "length": 1}])
