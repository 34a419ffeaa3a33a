from hypothesis import given
from hypothesis import strategies as st

from rag.text.han import simplify


@given(st.text(st.characters()))
def test_simplifying_keeps_the_length_and_is_idempotent(text):
    simple = simplify(text)
    assert len(simple) == len(text)
    assert simplify(simple) == simple


def test_variants_of_a_character_become_one():
    assert simplify("臺灣") == simplify("台灣") == "台湾"
    assert simplify("圖書館") == simplify("図書館") == "图书馆"
    assert simplify("發展") == simplify("発展") == "发展"


def test_other_scripts_stay():
    assert simplify("カタカナ ひらがな 한글 ABC 、。") == "カタカナ ひらがな 한글 ABC 、。"
