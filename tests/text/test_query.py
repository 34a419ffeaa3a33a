import pytest

from rag.errors import QueryError
from rag.text.query import as_query
from rag.types import Query


def test_a_question_is_cleaned_stripped_and_gets_its_language():
    assert as_query(" \u3000有給休暇は\x00何日？\r\n") == Query("有給休暇は何日？", "ja")


def test_a_lone_surrogate_in_a_question_is_replaced():
    assert as_query("日本\ud800語は").text == "日本\ufffd語は"


@pytest.mark.parametrize("text", ["", "  \n", "\u3000", "\x00\x01", "\u200b\u2060", "\ufeff"])
def test_a_question_of_which_nothing_is_visible_is_refused(text):
    with pytest.raises(QueryError, match="empty"):
        as_query(text)


def test_a_question_over_the_limit_is_refused_and_one_at_the_limit_is_not():
    assert as_query("問" * 50, max_chars=50).text == "問" * 50
    with pytest.raises(QueryError, match="51 characters, the limit is 50"):
        as_query("問" * 51, max_chars=50)


def test_the_language_of_the_collection_helps_a_short_question():
    assert as_query("人口", default="ja").lang == "ja"
