"""Small random models of real architectures, saved in sentence-transformers format."""

import logging
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraForSequenceClassification,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3Model,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from tests.helpers.scripts import TEXTS

logging.getLogger("sentence_transformers").setLevel(logging.ERROR)

SPECIAL = ["<pad>", "<unk>", "<s>", "</s>", "<mask>"]
WIDTH = 32


def pieces(size: int = 400) -> Tokenizer:
    """A unigram tokenizer trained on the texts in every script."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    return tokenizer


def framed(max_length: int = 512) -> PreTrainedTokenizerFast:
    """The same, with special tokens around a text and between a pair."""
    tokenizer = pieces()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        pad_token="<pad>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def static(folder: Path, *, width: int = WIDTH, seed: int = 0, max_length: int | None = None) -> Path:
    """A StaticEmbedding model."""
    torch.manual_seed(seed)
    tokenizer = pieces()
    if max_length:
        tokenizer.enable_truncation(max_length)
    module = StaticEmbedding(tokenizer, embedding_dim=width)
    SentenceTransformer(modules=[module, Normalize()], device="cpu").save(str(folder))
    return folder


def bert(folder: Path, *, seed: int = 0, prompts: dict[str, str] | None = None) -> Path:
    """BERT, mean pooling."""
    config = BertConfig(**_sizes(), intermediate_size=64, max_position_embeddings=64)
    return _saved(folder, BertModel(config), 64, "mean", seed=seed, prompts=prompts)


def xlm_roberta(folder: Path) -> Path:
    """XLM-RoBERTa with 65 positions, of which 64 hold tokens, and a tokenizer that claims 65; CLS pooling."""
    config = XLMRobertaConfig(
        **_sizes(), intermediate_size=64, max_position_embeddings=65, pad_token_id=0, type_vocab_size=1
    )
    return _saved(folder, XLMRobertaModel(config), 65, "cls")


def distil_dense(folder: Path) -> Path:
    """DistilBERT, mean pooling, then a dense layer, as in distiluse."""
    config = DistilBertConfig(
        vocab_size=400, dim=WIDTH, hidden_dim=64, n_layers=2, n_heads=2, max_position_embeddings=64
    )
    dense = Dense(WIDTH, 16, activation_function=torch.nn.Tanh())
    return _saved(folder, DistilBertModel(config), 64, "mean", dense)


def qwen(folder: Path) -> Path:
    """Qwen3: a decoder, last-token pooling, an end token on every text."""
    config = Qwen3Config(
        **_sizes(), intermediate_size=64, num_key_value_heads=1, head_dim=16, max_position_embeddings=64
    )
    return _saved(folder, Qwen3Model(config), 64, "lasttoken")


def cross_bert(folder: Path, *, labels: int = 1, seed: int = 0, max_length: int = 256) -> Path:
    """A BERT cross-encoder."""
    config = BertConfig(
        **_sizes(),
        intermediate_size=64,
        max_position_embeddings=256,
        num_labels=labels,
        initializer_range=0.3,
    )
    return _cross(folder, BertForSequenceClassification, config, max_length, seed)


def cross_electra(folder: Path) -> Path:
    """An ELECTRA cross-encoder."""
    config = ElectraConfig(
        **_sizes(),
        embedding_size=16,
        intermediate_size=64,
        max_position_embeddings=256,
        num_labels=1,
        initializer_range=0.3,
    )
    return _cross(folder, ElectraForSequenceClassification, config, 256, 0)


def _sizes():
    return {"vocab_size": 400, "hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2}


def _saved(folder, model, max_length, pooling, *more, seed=0, prompts=None):
    torch.manual_seed(seed)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.4)
    model.save_pretrained(folder / "plain")
    framed(max_length).save_pretrained(folder / "plain")
    transformer = Transformer(str(folder / "plain"), processor_kwargs={"model_max_length": max_length})
    transformer.max_seq_length = max_length
    modules = [transformer, Pooling(WIDTH, pooling), *more]
    SentenceTransformer(modules=modules, device="cpu", prompts=prompts).save(str(folder / "model"))
    return folder / "model"


def _cross(folder, kind, config, max_length, seed):
    torch.manual_seed(seed)
    kind(config).save_pretrained(folder / "plain")
    framed(max_length).save_pretrained(folder / "plain")
    CrossEncoder(str(folder / "plain"), device="cpu").save_pretrained(str(folder / "model"))
    return folder / "model"
