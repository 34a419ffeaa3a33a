from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import Precompiled

from rag.train.charsmap import charsmap

_letters = st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo", "Nd"))
_maps = st.dictionaries(_letters, st.text(_letters, max_size=3), min_size=1, max_size=60)


@given(_maps, st.data())
def test_every_key_is_read_as_its_value_and_nothing_else_changes(replacements, data):
    text = " ".join(data.draw(st.lists(st.sampled_from(sorted(replacements)) | _letters, max_size=20)))
    expected = "".join(replacements.get(character, character) for character in text)
    assert Precompiled(charsmap(replacements)).normalize_str(text) == expected


def test_a_character_of_four_bytes_is_replaced():
    assert Precompiled(charsmap({"𠮷": "吉"})).normalize_str("𠮷野家") == "吉野家"


def test_two_keys_that_begin_alike_do_not_disturb_one_another():
    normaliser = Precompiled(charsmap({"経": "经", "縫": "缝", "終": "终"}))
    assert normaliser.normalize_str("経 縫 終 給") == "经 缝 终 給"
