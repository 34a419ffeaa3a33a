"""The chunker inside LangChain and inside LlamaIndex."""

from __future__ import annotations

import asyncio
import copy
import pickle
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import TextSplitter

from ingest.chunk import chunk_text
from ingest.faces.langchain import CJKTextSplitter
from ingest.load import parse
from rag import assemble
from rag.errors import ConfigError
from rag.settings import Settings
from tests.ingest.test_alone import PARAGRAPHS, TEXTS, lost, units

EXAMPLES = Path(__file__).parents[2] / "examples"
EMBEDDER = assemble.embedder(Settings())
REPEATED = "同じ文である。" * 12
RULES = "# 就業規則\n\n## 休暇\n\n有給休暇は最大で二十日とする。\n\n## 退職\n\n退職は三十日前に届け出る。\n"


class Vectors(Embeddings):
    """The bundled embedder as LangChain has them."""

    def embed_documents(self, texts):
        return EMBEDDER.encode_passages(texts).tolist()

    def embed_query(self, text):
        return EMBEDDER.encode_queries([text])[0].tolist()


# -- LangChain -----------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(text=TEXTS, tokens=st.integers(4, 60), overlap=st.integers(0, 2))
def test_langchain_documents_say_where_they_begin_whatever_the_text(text, tokens, overlap):
    splitter = CJKTextSplitter(tokens, overlap, length_function=units)
    found = splitter.create_documents([text])
    chunks = chunk_text(text, tokens=tokens, overlap=overlap, count=units)
    assert [one.page_content for one in found] == splitter.split_text(text)
    assert [one.metadata["start_index"] for one in found] == [one.start for one in chunks]
    for one in found:
        start = one.metadata["start_index"]
        assert text[start : start + len(one.page_content)] == one.page_content
    assert not chunks or not lost(text, chunks)


def test_a_text_that_comes_again_has_its_own_start_index():
    splitter = CJKTextSplitter(tokens=16, length_function=len)
    found = splitter.create_documents([REPEATED])
    assert [one.metadata["start_index"] for one in found] == [0, 14, 28, 42, 56, 70]
    assert len({one.id for one in found}) == 6


def test_the_start_index_can_be_left_out():
    (found,) = CJKTextSplitter(add_start_index=False).create_documents(["文。"])
    assert "start_index" not in found.metadata


@pytest.mark.parametrize("lang", PARAGRAPHS)
def test_langchain_documents_end_where_sentences_do(lang):
    found = CJKTextSplitter(tokens=30, length_function=len).create_documents([PARAGRAPHS[lang]])
    assert len(found) > 1
    assert {one.metadata["lang"] for one in found} == {lang}
    assert all(one.page_content[-1] in "。！？.!?" for one in found)
    assert {one.metadata["ends"] for one in found} <= {"sentence", "block"}


def test_metadata_of_the_source_are_kept_and_not_shared():
    source = Document(RULES, metadata={"source": "規程.md", "page": 3, "tags": ["人事"]})
    before = copy.deepcopy(source)
    found = CJKTextSplitter(tokens=24).split_documents([source])
    found[0].metadata["tags"].append("changed")
    assert source == before
    assert [one.metadata["headings"] for one in found] == ["就業規則 > 休暇", "就業規則 > 退職"]
    assert {(one.metadata["page"], one.metadata["source"]) for one in found} == {(3, "規程.md")}
    assert all(one.metadata["chunk_id"] == one.id for one in found)


def test_the_tokens_of_the_metadata_are_those_of_headings_and_text():
    for one in CJKTextSplitter(tokens=24).create_documents([RULES]):
        passage = f"{one.metadata['headings']}\n{one.page_content}"
        assert EMBEDDER.count_tokens([passage]) == [one.metadata["tokens"]]
        assert one.metadata["tokens"] <= 24


def test_the_source_says_whether_a_text_is_markdown():
    text = "# 甲\n\n文一。"
    splitter = CJKTextSplitter()
    assert splitter.create_documents([text], [{"source": "a.md"}])[0].metadata["headings"] == "甲"
    assert splitter.create_documents([text], [{"source": "a.pdf"}])[0].metadata["headings"] == "# 甲"
    assert splitter.create_documents([text])[0].metadata["headings"] == "甲"


def test_langchain_ids_stay_and_no_two_are_the_same():
    splitter = CJKTextSplitter(tokens=16, length_function=len)
    page, other = Document(REPEATED, metadata={"page": 1}), Document(REPEATED, metadata={"page": 2})
    once = [one.id for one in splitter.split_documents([page, other, page])]
    assert once == [one.id for one in splitter.split_documents([page, other, page])]
    assert len(set(once)) == len(once) == 18


def test_a_text_for_each_metadata_is_asked_for():
    with pytest.raises(ValueError, match="shorter"):
        CJKTextSplitter().create_documents(["文。", "文。"], [{}])


def test_nothing_to_read_gives_no_documents():
    assert CJKTextSplitter().create_documents(["", " \n", "\x00"]) == []


def test_a_tokenizer_of_ones_own_counts():
    transformers = pytest.importorskip("transformers", reason="needs the extra models")
    from tests.ingest.test_chunk import TOKENIZER

    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=TOKENIZER)
    splitter = CJKTextSplitter.from_huggingface_tokenizer(fast, tokens=20, overlap=1)
    found = splitter.split_text("これは文であるという話です。" * 9)
    assert len(found) > 1
    assert all(len(fast.tokenize(one)) <= 20 for one in found)


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"overlap": -1}, {"strategy": "magic"}])
def test_what_does_not_exist_is_refused_when_a_splitter_is_made(wrong):
    with pytest.raises(ConfigError):
        CJKTextSplitter(**wrong)


@pytest.mark.parametrize("strategy", ["structure", "fixed", "semantic", "page"])
def test_langchain_has_every_strategy(strategy):
    found = CJKTextSplitter(tokens=40, strategy=strategy).split_text(RULES)
    assert "".join("".join(found).split()) == "".join(RULES.split())


def test_a_splitter_transforms_documents_and_a_store_finds_them():
    splitter: TextSplitter = CJKTextSplitter(tokens=40)
    texts = {
        path.name: parse(path.read_bytes(), name=path.name).text
        for path in sorted(EXAMPLES.glob("*/*.[mt][dx]*"))
    }
    sources = [Document(text, metadata={"source": name}) for name, text in texts.items()]
    made = splitter.transform_documents(sources)
    assert made == asyncio.run(splitter.atransform_documents(sources))
    store = InMemoryVectorStore.from_documents(made, Vectors())
    store.add_documents(made)
    assert len(store.store) == len(made) > len(sources) > 4
    (best,) = store.similarity_search("年次有給休暇は何日ですか", k=1)
    text, start = texts[best.metadata["source"]], best.metadata["start_index"]
    assert best.metadata["source"] == "就業規則.md"
    assert text[start : start + len(best.page_content)] == best.page_content


# -- LlamaIndex ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def llama():
    pytest.importorskip("llama_index.core", reason="needs the extra llamaindex")
    from ingest.faces import llamaindex

    return llamaindex


@pytest.fixture(scope="module")
def schema(llama):
    from llama_index.core import schema

    return schema


@settings(max_examples=60)
@given(
    text=TEXTS.map(lambda text: text.encode("utf-8", "replace").decode()),
    tokens=st.integers(4, 60),
    overlap=st.integers(0, 2),
)
def test_llamaindex_nodes_say_where_they_stand_whatever_the_text(llama, schema, text, tokens, overlap):
    parser = llama.CJKNodeParser(tokens=tokens, overlap=overlap, count=units, include_metadata=False)
    nodes = parser.get_nodes_from_documents([schema.Document(text=text)])
    chunks = chunk_text(text, tokens=tokens, overlap=overlap, count=units)
    assert [(one.start_char_idx, one.end_char_idx, one.text) for one in nodes] == [
        (one.start, one.end, one.text) for one in chunks
    ]
    assert not chunks or not lost(text, chunks)


def test_nodes_know_their_source_and_their_neighbours(llama, schema):
    first, second = schema.Document(text=REPEATED, id_="甲"), schema.Document(text=RULES, id_="乙")
    nodes = llama.CJKNodeParser(tokens=24).get_nodes_from_documents([first, second])
    assert [one.ref_doc_id for one in nodes] == sorted((one.ref_doc_id for one in nodes), reverse=True)
    by_id = {one.node_id: one for one in nodes}
    assert len(by_id) == len(nodes)
    for one, two in pairwise(nodes):
        beside = one.ref_doc_id == two.ref_doc_id
        assert (one.next_node.node_id if one.next_node else None) == (two.node_id if beside else None)
        assert (two.prev_node.node_id if two.prev_node else None) == (one.node_id if beside else None)
    assert nodes[0].source_node.node_id == "甲"


def test_overlapping_nodes_of_repeated_text_stand_where_they_were_cut(llama, schema):
    parser = llama.CJKNodeParser(tokens=30, overlap=1, count=len, include_metadata=False)
    nodes = parser([schema.Document(text=REPEATED)])
    assert [one.start_char_idx for one in nodes] == [
        one.start for one in chunk_text(REPEATED, tokens=30, overlap=1, count=len)
    ]
    assert all(two.start_char_idx < one.end_char_idx for one, two in pairwise(nodes))


def test_a_model_is_shown_the_headings_and_the_metadata_of_the_document_alone(llama, schema):
    document = schema.Document(
        text=RULES,
        metadata={"file_path": "規程/就業規則.md", "owner": "人事部"},
        excluded_embed_metadata_keys=["file_path"],
    )
    node = llama.CJKNodeParser(tokens=64)([document])[0]
    assert node.metadata["headings"] == "就業規則 > 休暇"
    assert node.metadata["lang"] == "ja" and node.metadata["ends"] == "block"
    embedded = node.get_content(metadata_mode=schema.MetadataMode.EMBED)
    assert embedded == f"owner: 人事部\nheadings: 就業規則 > 休暇\n\n{node.text}"
    assert "tokens" not in node.get_content(metadata_mode=schema.MetadataMode.LLM)


def test_a_node_without_headings_shows_none(llama, schema):
    (node,) = llama.CJKNodeParser()([schema.Document(text="文。")])
    assert node.get_content(metadata_mode=schema.MetadataMode.EMBED) == "文。"
    assert node.metadata["headings"] == ""


def test_a_node_with_its_metadata_is_within_the_budget(llama, schema):
    text = "\n\n".join(PARAGRAPHS.values())
    document = schema.Document(text=text, metadata={"file_path": "a.md", "owner": "総務部", "year": 2024})
    nodes = llama.CJKNodeParser(tokens=60)([document])
    sizes = EMBEDDER.count_tokens([one.get_content(metadata_mode=schema.MetadataMode.EMBED) for one in nodes])
    assert len(nodes) > 3 and max(sizes) <= 60


def test_metadata_larger_than_the_budget_leave_half_of_it_to_the_text(llama, schema):
    document = schema.Document(text=REPEATED, metadata={"note": "長い備考。" * 50})
    nodes = llama.CJKNodeParser(tokens=40, count=len)([document])
    assert max(len(one.text) for one in nodes) in range(14, 21)


def test_a_parser_survives_being_a_dictionary_and_being_pickled(llama, schema):
    parser = llama.CJKNodeParser(tokens=40, overlap=1, strategy="structure", include_prev_next_rel=False)
    data = parser.to_dict()
    assert data["class_name"] == parser.class_name() == "CJKNodeParser"
    assert not {"embedder", "count"} & set(data)
    again = llama.CJKNodeParser.from_dict(data)
    assert again.to_dict() == data == pickle.loads(pickle.dumps(parser)).to_dict()
    document = schema.Document(text=RULES * 3, id_="甲")
    assert [one.node_id for one in again([document])] == [one.node_id for one in parser([document])]


def test_a_function_that_counted_is_asked_for_again(llama):
    data = llama.CJKNodeParser(count=units).to_dict()
    assert llama.CJKNodeParser.from_dict(data, count=units).count is units
    with pytest.raises(ValueError, match=r"counted by units"):
        llama.CJKNodeParser.from_dict(data)


def test_ids_are_made_by_a_function_where_one_is_given(llama, schema):
    def numbered(number, document):
        return f"{document.node_id}-{number}"

    parser = llama.CJKNodeParser(tokens=16, count=len, id_func=numbered)
    nodes = parser([schema.Document(text=REPEATED, id_="甲")])
    assert [one.node_id for one in nodes] == [f"甲-{number}" for number in range(len(nodes))]
    with pytest.raises(ValueError, match="numbered"):
        llama.CJKNodeParser.from_dict(parser.to_dict(), count=len)


def test_an_ingestion_pipeline_embeds_nodes_once_and_an_index_finds_them(llama, schema):
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
    from llama_index.core.storage.docstore import SimpleDocumentStore

    class Bundled(BaseEmbedding):
        def _get_text_embedding(self, text):
            return EMBEDDER.encode_passages([text])[0].tolist()

        def _get_query_embedding(self, query):
            return EMBEDDER.encode_queries([query])[0].tolist()

        async def _aget_query_embedding(self, query):
            return self._get_query_embedding(query)

    pipeline = IngestionPipeline(
        transformations=[llama.CJKNodeParser(tokens=60), Bundled()],
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.DUPLICATES_ONLY,
    )
    documents = [
        schema.Document(text=path.read_text("utf-8"), id_=path.name, metadata={"file_path": str(path)})
        for path in sorted(EXAMPLES.glob("*/*.md"))
    ]
    nodes = pipeline.run(documents=documents)
    assert len(nodes) > len(documents) >= 4
    assert pipeline.run(documents=documents) == []
    index = VectorStoreIndex(nodes=nodes, embed_model=Bundled())
    (found,) = index.as_retriever(similarity_top_k=1).retrieve("年次有給休暇は何日ですか")
    assert found.node.ref_doc_id == "就業規則.md"
    text = next(one.text for one in documents if one.id_ == "就業規則.md")
    assert text[found.node.start_char_idx : found.node.end_char_idx] == found.node.text


def test_nodes_are_parsed_without_blocking(llama, schema):
    document = schema.Document(text=RULES, id_="甲")
    parser = llama.CJKNodeParser()
    assert [one.node_id for one in asyncio.run(parser.acall([document]))] == [
        one.node_id for one in parser([document])
    ]


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"overlap": -1}, {"strategy": "magic"}])
def test_what_does_not_exist_is_refused_when_a_parser_is_made(llama, wrong):
    with pytest.raises(ConfigError):
        llama.CJKNodeParser(**wrong)
