"""Callback data: what is packed comes out again, and anything else is None."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.buttons import Ask, Cards, Choose, More, Rate, Read, Refuse, Show, Speak, Subscribe, Topics, pack, unpack
from services.intents import Wish

entries = st.from_regex(r"[a-z][a-z0-9]{0,10}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)
questions = st.from_regex(r"[A-Za-z0-9_-]{12}", fullmatch=True)
buttons = st.one_of(
    st.builds(Show, entries),
    st.builds(Choose, questions | st.just(""), entries),
    st.builds(Refuse, questions | st.just("")),
    st.builds(More, questions | st.just(""), entries),
    st.builds(Rate, questions, st.booleans()),
    st.builds(Topics, entries | st.just("")),
    st.builds(Ask, st.sampled_from(Wish)),
    st.builds(Speak, st.sampled_from(["de", "en", ""])),
    st.builds(Subscribe, entries, st.booleans()),
    st.builds(Read, st.integers(1, 10**12)),
    st.builds(Cards, st.integers(1, 10**12)),
)


@given(buttons)
def test_what_goes_in_comes_out(button):
    assert len(pack(button).encode()) <= 64
    assert unpack(pack(button)) == button


@given(st.text(max_size=80))
def test_anything_else_is_none_or_a_button_that_packs_again(data):
    button = unpack(data)
    assert button is None or pack(button) == data


def test_the_longest_ids_fit():
    longest = "a" + "b" * 47
    assert len(pack(Choose("A" * 12, longest)).encode()) == 64
