"""Documents of an evaluation folder: cut as ingesting cuts them, told in offsets of their files."""

from ingest.measuring import cut_files
from rag.assemble import embedder
from rag.settings import ChunkSettings, Settings
from rag.text.clean import clean

LINES = ["吾輩は猫である。名前はまだ無い。", "", "どこで生れたか、とんと見当がつかぬ。", ""] * 3


def cut(tmp_path, data, **settings):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    return cut_files({"a.txt": path}, embedder(Settings()), ChunkSettings(tokens=16, **settings))


def test_spans_are_those_of_the_file_with_its_byte_order_mark_and_line_ends(tmp_path):
    source = "\ufeff" + "\r\n".join(LINES)
    found = cut(tmp_path, source.encode())
    assert found.sources == {"a.txt": source}
    assert len(found.chunks) > 3
    assert all(clean(source[one.start : one.end]) == one.text for one in found.chunks)
    assert source[found.chunks[-1].start :].startswith(found.chunks[-1].text[:5])


def test_a_file_in_an_old_encoding_is_measured_in_characters(tmp_path):
    text = "\n".join(LINES)
    found = cut(tmp_path, text.encode("cp932"))
    assert found.sources == {"a.txt": text}
    assert all(text[one.start : one.end] == one.text for one in found.chunks)
    assert found.bytes == len(text.encode())
    assert found.megabytes_per_second > 0


def test_a_file_without_text_has_no_chunks(tmp_path):
    found = cut(tmp_path, b"\n")
    assert (found.chunks, found.sources, found.bytes) == ((), {"a.txt": ""}, 0)


def test_the_strategy_and_the_overlap_are_those_of_the_settings(tmp_path):
    data = "猫。犬。鳥。魚。花。月。雪。風。雨。星。".encode()
    plain, repeating = cut(tmp_path, data), cut(tmp_path, data, overlap=1)
    assert sum(len(one.text) for one in repeating.chunks) > sum(len(one.text) for one in plain.chunks)
    assert {one.ends for one in cut(tmp_path, data, strategy="fixed").chunks[:-1]} == {"character"}
