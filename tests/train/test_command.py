import numpy as np
from sentence_transformers import CrossEncoder, SentenceTransformer

from rag.train.__main__ import main
from tests.train.world import write


def test_the_command_makes_an_embedder_and_then_a_reranker_from_it(tmp_path):
    data = str(write(tmp_path / "data"))
    made, reranker = str(tmp_path / "embedder"), str(tmp_path / "reranker")
    quick = ["--data", data, "--threads", "1"]
    assert main(["embedder", *quick, "--out", made, "--pieces", "12000", "--epochs", "15"]) == 0
    model = SentenceTransformer(made, device="cpu")
    english, chinese = (model.encode(texts) for texts in (["Hotel in Osaka"], ["大阪的酒店", "伦敦的天气"]))
    assert int(np.argmax(english @ chinese.T)) == 0
    assert main(["reranker", *quick, "--out", reranker, "--embedder", made, "--limit", "24"]) == 0
    scores = CrossEncoder(reranker, device="cpu").predict(
        [("大阪酒店", "大阪的酒店"), ("大阪酒店", "伦敦的天气")]
    )
    assert scores[0] > scores[1]
    assert (tmp_path / "reranker/model.onnx").is_file()
