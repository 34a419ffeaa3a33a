"""Settings: precedence, refusals, origins, and the files in config/."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rag import catalogue
from rag.errors import ConfigError
from rag.settings import (
    Settings,
    config_dir,
    default_yaml,
    flatten,
    from_text,
    load,
    load_with_origins,
)

PROFILES = ("offline", "balanced", "quality")


def settings(path=None, *, env=None, profile=None, **flags):
    overrides = {key.replace("__", "."): value for key, value in flags.items()}
    return load(path, overrides=overrides, environ=env or {}, profile=profile)


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    return path


def test_nothing_set_gives_the_defaults():
    assert settings() == Settings()


def test_the_default_file_is_what_the_code_says():
    file = config_dir() / "default.yaml"
    assert file.read_text("utf-8") == default_yaml(), (
        "write it again: python -c 'from rag.settings import default_yaml; print(default_yaml(), end=str())'"
    )


def test_the_default_file_read_back_is_the_defaults():
    assert settings(config_dir() / "default.yaml") == Settings()


def test_the_default_file_names_and_explains_every_setting():
    lines = [line for line in default_yaml().splitlines() if ":" in line]
    for key, _ in flatten(Settings()):
        assert any(line.strip(" #").startswith(f"{key.rpartition('.')[2]}:") for line in lines), key
    assert all(len(line.partition(" # ")[2]) > 3 for line in lines)


def test_flag_beats_variable_beats_file_beats_profile_beats_default(tmp_path):
    path = write(tmp_path, "retrieve: {top_k: 3, depth: 30}")
    env = {"CJKRAG_RETRIEVE__TOP_K": "4"}
    assert settings(path, profile="quality").retrieve.top_k == 3
    assert settings(path, env=env, profile="quality").retrieve.top_k == 4
    assert settings(path, env=env, retrieve__top_k=5).retrieve.top_k == 5
    merged = settings(path, env=env, profile="quality", retrieve__top_k=5)
    assert (merged.retrieve.depth, merged.embed.model, merged.chain) == (30, "BAAI/bge-m3", "langchain")


def test_every_value_says_where_it_comes_from(tmp_path):
    path = write(tmp_path, "chunk: {tokens: 128}")
    _, origins = load_with_origins(
        path,
        overrides={"collection": "laws"},
        environ={"CJKRAG_LEXICAL__B": "0.5"},
        profile="balanced",
    )
    found = {origin.key: (origin.value, origin.origin) for origin in origins}
    assert found["collection"] == ("laws", "flag")
    assert found["lexical.b"] == (0.5, "environment")
    assert found["chunk.tokens"] == (128, str(path))
    assert found["embed.model"] == ("hotchpotch/bekko-embedding-v1-a25m", "profile balanced")
    assert found["retrieve.top_k"] == (8, "default")
    assert set(found) == {key for key, _ in flatten(Settings())}


def test_a_none_flag_is_no_flag():
    assert settings(retrieve__top_k=None) == Settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("retreive: {top_k: 3}", "retreive"),
        ("retrieve: {topk: 3}", "retrieve.topk"),
        ("colection: x", "colection"),
        ("retrieve: {fusion: {beta: 3}}", "retrieve.fusion.beta"),
    ],
)
def test_an_unknown_key_is_refused_by_name(tmp_path, text, told):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match="unknown setting") as caught:
        settings(path)
    assert told.partition(".")[0] in str(caught.value)
    assert told.rpartition(".")[2] in str(caught.value)


def test_an_unknown_variable_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"retrieve\.topk"):
        settings(env={"CJKRAG_RETRIEVE__TOPK": "3"})


def test_variables_of_others_are_left_alone():
    assert settings(env={"PATH": "/bin", "CJK": "1", "RAG_RETRIEVE__TOP_K": "1"}) == Settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retrieve.top_k", 0),
        ("retrieve.top_k", "many"),
        ("chunk.tokens", 3),
        ("lexical.b", 1.5),
        ("store.kind", "faiss"),
        ("retrieve.mode", "magic"),
        ("serve.port", 70_000),
        ("embed.dimension", 1),
        ("collection", ""),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_key_value_and_origin(key, value):
    with pytest.raises(ConfigError) as caught:
        load(overrides={key: value}, environ={})
    assert key in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "flag" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1, 2]", "list"),
        ("retrieve: [", "YAML"),
        ("retrieve: 3\nretrieve.top_k: 4", "retrieve"),
    ],
)
def test_a_file_that_is_no_mapping_of_sections_is_refused(tmp_path, text, told):
    with pytest.raises(ConfigError, match=told):
        settings(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        settings(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        settings(env={"CJKRAG_CONFIG": str(tmp_path / "nowhere.yaml")})


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes("collection: 法令".encode("cp932"))
    with pytest.raises(ConfigError, match="YAML"):
        settings(path)


def test_the_file_can_be_named_by_a_variable(tmp_path):
    path = write(tmp_path, "collection: 법령")
    assert settings(env={"CJKRAG_CONFIG": str(path)}).collection == "법령"


def test_an_empty_file_and_an_empty_section_change_nothing(tmp_path):
    assert settings(write(tmp_path, "")) == Settings()
    assert settings(write(tmp_path, "retrieve:\nembed:\n  model: bundled\n")) == Settings()


def test_the_data_folder_has_its_own_variable(tmp_path):
    assert settings(env={"CJKRAG_DATA_DIR": str(tmp_path)}).data_dir == tmp_path
    assert settings(env={"CJKRAG_DATA_DIR": ""}) == Settings()


@pytest.mark.parametrize("name", ["2024", "no", "on", "1e3", "null ", "法令", "a: b"])
def test_a_collection_may_be_called_like_a_number_or_a_truth_value(name):
    assert settings(env={"CJKRAG_COLLECTION": name}).collection == name


@given(st.text(min_size=1, max_size=100).filter(lambda text: text != "null"))
def test_the_text_of_a_text_setting_is_taken_as_it_is(text):
    assert from_text("collection", text) == text


def test_the_text_of_other_settings_is_read_as_yaml():
    assert from_text("retrieve.top_k", "5") == 5
    assert from_text("embed.trust_remote_code", "true") is True
    assert from_text("ingest.exclude", "['*.bak', tmp/**]") == ["*.bak", "tmp/**"]
    assert from_text("answer.base_url", "") is None
    assert from_text("serve.url", "null") is None
    assert from_text("no.such", "5") == 5
    assert from_text("retrieve.top_k", "[") == "["


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().retrieve.top_k = 3


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(ConfigError, match="balanced, offline, quality"):
        settings(profile="best")


def test_the_offline_profile_is_the_default():
    assert settings(profile="offline") == Settings()


@pytest.mark.parametrize("profile", PROFILES)
def test_models_of_a_profile_are_in_the_catalogue_and_may_be_used_by_all(profile):
    chosen = settings(profile=profile)
    for name, kind in ((chosen.embed.model, "embedder"), (chosen.retrieve.rerank.model, "reranker")):
        if name not in {"bundled", "none"}:
            card = catalogue.card(name)
            assert card is not None
            assert card.kind == kind
            assert not card.noncommercial
            assert not card.custom_code
            assert chosen.chunk.tokens <= (card.max_tokens or chosen.chunk.tokens)


@pytest.mark.parametrize("profile", PROFILES)
def test_models_that_a_profile_suggests_in_its_comments_are_in_the_catalogue(profile):
    text = (config_dir() / "profiles" / f"{profile}.yaml").read_text("utf-8")
    words = [word.strip(",.") for line in text.splitlines() if line.startswith("#") for word in line.split()]
    named = [word for word in words if word.count("/") == 1 and not word.endswith("yaml")]
    assert [name for name in named if catalogue.card(name) is None] == []


def test_each_profile_holds_only_known_settings():
    known = {key for key, _ in flatten(Settings())}
    for file in (config_dir() / "profiles").glob("*.yaml"):
        content = yaml.safe_load(file.read_text("utf-8"))
        keys = {f"{section}.{name}" for section, values in content.items() for name in values}
        assert {key for key in keys if not any(other.startswith(key) for other in known)} == set(), file
