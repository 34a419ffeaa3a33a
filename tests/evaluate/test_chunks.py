"""The figures of chunks, on chunks made by hand."""

import json

import pytest

from rag.errors import ConfigError, DocumentError, QueryError
from rag.evaluate.chunks import cutting, finding, in_top, retriever, within
from rag.evaluate.documents import Answered, Question, aligned, placed, read_folder
from rag.evaluate.ends import Ends
from rag.evaluate.retrieval import Parts
from rag.stores.memory import MemoryStore
from rag.text.analyse import Bm25
from rag.types import Chunk, Hit
from tests.evaluate.test_qrels import jsonl, write
from tests.retrieve.world import BigramEmbedder

TEXT = "吾輩は猫である。名前は、まだ無い。\n\nどこで生れたか。\n"
#       0       8          17 19       27


def count(texts):
    return [len(text) for text in texts]


def pieces(*spans, source=TEXT, document="a.txt", headings=(), texts=None):
    return [
        Chunk(
            f"00000000-0000-4000-8000-0000000{start:05}",
            document,
            document,
            texts[place] if texts else source[start:end],
            start,
            end,
            headings=headings,
            lang="ja",
        )
        for place, (start, end) in enumerate(spans)
    ]


def answers(*spans, source=TEXT, document="a.txt"):
    return [
        Answered(Question(str(place), "名前は？", document, source[start:end], start), start, end)
        for place, (start, end) in enumerate(spans)
    ]


def cut(*spans, budget=20, asked=(), **more):
    return cutting(pieces(*spans, **more), {"a.txt": TEXT}, answers(*asked), count, budget)


def test_chunks_of_whole_sentences_have_nothing_held_against_them():
    found = cut((0, 17), (19, 27), asked=[(9, 11), (20, 22)])
    assert (found.documents, found.characters, found.chunks, found.questions) == (1, 28, 2, 2)
    assert (found.tokens_min, found.tokens_mean, found.tokens_max) == (8, 12.5, 17)
    assert (found.spans_whole, found.mid_sentence, found.over_budget) == (2, 0, 0)
    assert (found.lost_characters, found.altered_chunks, found.cuts) == (0, 0, ())


def test_an_answer_that_a_border_parts_is_whole_in_no_chunk_unless_they_overlap():
    assert cut((0, 10), (10, 28), asked=[(8, 12), (8, 10)]).spans_whole == 1
    assert cut((0, 10), (8, 28), asked=[(8, 12), (8, 10)]).spans_whole == 2
    assert cut((0, 28), (8, 10), asked=[(0, 3), (20, 24)]).spans_whole == 2


def test_a_cut_inside_a_sentence_is_avoidable_where_the_sentence_has_room():
    inside = cut((0, 12), (12, 28), budget=16)
    assert (inside.mid_sentence, inside.mid_sentence_avoidable) == (1, 1)
    assert inside.cuts == ("a.txt@12: …吾輩は猫である。名前は、|まだ無い。\n\nどこで生れ…",)
    assert cut((0, 12), (12, 28), budget=8).mid_sentence_avoidable == 0
    headed = cut((0, 12), (12, 28), budget=12, headings=("夏目漱石",))
    assert (headed.mid_sentence, headed.mid_sentence_avoidable) == (1, 0)


def test_headings_count_towards_the_budget():
    assert cut((0, 17), (19, 27), budget=17).over_budget == 0
    assert cut((0, 17), (19, 27), budget=17, headings=("猫",)).over_budget == 1


def test_characters_are_lost_where_no_chunk_is_and_white_space_is_not_missed():
    assert cut((0, 8), (19, 27)).lost_characters == 9
    assert cut((8, 17)).lost_characters == 16
    found = cutting([], {"a.txt": TEXT, "b.txt": "\ufeff犬\r\n"}, [], count, 20)
    assert (found.lost_characters, found.chunks, found.to_json()["mid_sentence_share"]) == (26, 0, 0.0)


def test_a_chunk_is_altered_where_its_text_is_not_what_stands_there():
    texts = ["吾輩は猫である。名前は、まだ無い。", "どこで生れたか"]
    assert cut((0, 17), (19, 27), texts=texts).altered_chunks == 1
    source = "\ufeff一。\r\n二。"
    same = pieces((1, 7), source=source, texts=["一。\n二。"])
    assert cutting(same, {"a.txt": source}, [], count, 20).altered_chunks == 0


def test_shares_go_into_json_beside_the_counts():
    found = cut((0, 12), (12, 28), asked=[(8, 13), (0, 2), (2, 4)]).to_json()
    assert json.loads(json.dumps(found)) == found
    assert (found["spans_whole_share"], found["mid_sentence_share"]) == (0.66667, 0.5)


@pytest.mark.parametrize(
    ("before", "behind", "is_end"),
    [
        ("終わった。", "次", True),
        ("「終わった。」", "次", True),
        ("「終わった。", "」と", False),
        ("終わった｡", "次", True),
        ("本当に?!", "次", True),
        ("「東坡家事」", "を撮った", False),
        ("名前は、", "まだ", False),
        ("円周率は3.", "14", False),
        ("円周率は３．", "１４", False),
        ("終わった．", "次", True),
        ("he left.", " Then", True),
        ("see www.", "example.org", False),
        ("第一章", "\n本文", True),
        ("第一章", " \r\n本文", True),
        ("最後", "", True),
        ("갔습니다", " 그는", True),
        ("가야 하는데요", "", True),
        ("비가 온 다", "음에", False),
        ("", "", False),
    ],
)
def test_ends_are_found_by_marks_and_lines_alone(before, behind, is_end):
    assert Ends(before + behind).at(len(before)) is is_end


def test_white_space_behind_a_chunk_does_not_hide_its_end():
    assert Ends("一。 \n 二、三").at(5)


def test_the_sentence_around_a_place_is_what_stands_between_two_ends():
    ends = Ends(TEXT)
    assert ends.around(12) == "名前は、まだ無い。"
    assert ends.around(3) == "吾輩は猫である。"
    assert ends.around(20) == "どこで生れたか。"


@pytest.fixture
def ranking():
    found = pieces((19, 27), (0, 8), (8, 17))
    other = pieces((0, 17), document="b.txt")
    return tuple(Hit(one, 1.0) for one in (*other, *found))


def test_an_answer_is_found_where_a_chunk_of_its_document_holds_it(ranking):
    [answer] = answers((9, 11))
    assert [in_top(ranking, answer, k) for k in (1, 3, 4)] == [False, False, True]
    [parted] = answers((6, 11))
    assert not in_top(ranking, parted, 4)


def test_the_last_chunk_retrieved_is_cut_at_the_window(ranking):
    [answer] = answers((9, 11))
    # 17 + 8 + 8 characters stand before its chunk, and it ends 3 characters into that.
    assert [within(ranking, answer, size) for size in (33, 35, 36, 1000)] == [False, False, True, True]


def test_every_question_is_asked_of_exactly_these_chunks():
    parts = Parts(BigramEmbedder(), lambda: MemoryStore(256))
    told = []
    ask = retriever(
        pieces((0, 8), (8, 17), (19, 27)),
        parts,
        Bm25(average_length=10),
        mode="lexical",
        progress=lambda what, done: told.append((what, done)),
    )
    found = finding(ask, answers((9, 11), (0, 2)), progress=lambda what, done: told.append((what, done)))
    assert told == [("chunks", 3), ("questions", 2)]
    assert (found.in_top, found.within) == ({1: 0.5, 5: 0.5}, {500: 0.5, 1500: 0.5})
    assert found.characters[1] == 9.0
    assert found.to_json()["answer_in_top_1"] == 0.5


def test_a_question_that_is_too_long_is_named():
    ask = retriever(pieces((0, 8)), Parts(BigramEmbedder(), lambda: MemoryStore(256)), Bm25())
    with pytest.raises(QueryError, match="'0'"):
        finding(ask, answers((9, 11)), max_query_chars=2)


# -- folders


def record(**changes):
    return {"id": "q", "question": "名前は？", "doc": "a.txt", "answer": "無い", "start": 14, **changes}


def folder(tmp_path, records, *, name="questions.jsonl"):
    write(tmp_path / "docs" / "a.txt", TEXT)
    write(tmp_path / name, records if isinstance(records, str) else jsonl(records))
    return tmp_path


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.jsonl.gz"])
def test_documents_and_questions_are_read(tmp_path, name):
    write(tmp_path / "docs" / "b.txt", "犬")
    found = read_folder(folder(tmp_path, [record(title="猫")], name=name))
    assert list(found.files) == ["a.txt", "b.txt"]
    assert found.questions == [Question("q", "名前は？", "a.txt", "無い", 14, 1)]


def test_names_of_documents_are_compared_composed(tmp_path):
    write(tmp_path / "docs" / "か\u3099.txt", "犬")
    found = read_folder(folder(tmp_path, [record(doc="が.txt"), record(id=2)]))
    assert [one.document for one in found.questions] == ["が.txt", "a.txt"]


def test_questions_without_an_id_are_told_apart_by_their_lines(tmp_path):
    lines = [{key: value for key, value in record().items() if key != "id"}] * 2
    assert [one.id for one in read_folder(folder(tmp_path, lines)).questions] == ["line 1", "line 2"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: expected an object"),
        ([record(), record(id="p", start="3")], 'line 2: "start" is a whole number'),
        ([record(start=-1)], 'line 1: "start"'),
        ([record(start=True)], 'line 1: "start"'),
        ([record(), {"id": "p"}], 'line 2: "question" is a text'),
        ([record(answer=" ")], 'line 1: "answer"'),
        ([record(doc="../a.txt")], "line 1: the document '../a.txt' is not in"),
        ([record(id=True)], 'line 1: "id"'),
        ([record(), record()], "line 2: \"id\" 'q' stands there twice"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, lines, message):
    with pytest.raises(DocumentError, match=r"questions\.jsonl: ") as caught:
        read_folder(folder(tmp_path, lines))
    assert message in str(caught.value)


def test_what_is_missing_from_a_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"docs/\*.txt"):
        read_folder(tmp_path)
    write(tmp_path / "docs" / "a.txt", TEXT)
    with pytest.raises(ConfigError, match=r"needs questions.jsonl"):
        read_folder(tmp_path)
    with pytest.raises(ConfigError, match="no question"):
        read_folder(folder(tmp_path, "\n"))


@pytest.mark.parametrize("start", [7, 6, 5, 4], ids=["as it is", "mark", "line ends", "both left out"])
def test_an_answer_is_placed_however_its_file_was_read(start):
    source = "\ufeff一\r\n二\r\n犬。"
    [found] = placed([Question("q", "？", "a.txt", "犬", start)], {"a.txt": source})
    assert (found.start, found.end) == (7, 8)


def test_answers_that_stand_elsewhere_are_left_out_and_none_at_all_is_an_error():
    right, wrong = Question("q", "？", "a.txt", "無い", 14), Question("p", "？", "a.txt", "無い", 3)
    assert [one.question for one in placed([wrong, right], {"a.txt": TEXT})] == [right]
    with pytest.raises(ConfigError, match="no answer"):
        placed([wrong], {"a.txt": TEXT})


def test_a_text_is_aligned_with_what_it_was_read_from():
    assert list(aligned(TEXT, TEXT)) == list(range(len(TEXT)))
    assert aligned("\ufeff一\r\n\x00二\r三", "一\n二\n三") == [1, 2, 5, 6, 7]
    with pytest.raises(DocumentError, match="犬"):
        aligned("一二", "一犬")
