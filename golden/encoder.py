"""Makes a tiny random BERT with a tokenizer and the files of sentence-transformers, and what transformers computes with it.

    python golden/encoder.py [--out models/networks/tests/encoder]            # needs torch, transformers, tokenizers
    python golden/encoder.py --check FOLDER [--texts FILE]                  # prints what a real folder gives, for a person

`golden.json`: `texts` with their `ids` (at most the folder's `max_seq_length`), the last hidden states of the first
(`hidden`, [tokens][width]), and the vectors (`embeddings`, [texts][width]): the mean of the hidden states, divided by its
length. In f32, eager attention.
"""

import argparse
import json
import pathlib

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoModel, BertConfig, BertModel

WIDTH, LONGEST = 32, 12
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the a cat dog sat on mat two and is four sum of ##s ##ing run ! . , ?".split()
TEXTS = [
    "The cat sat on the mat.",
    "Two dogs, running!",
    "the sum of two and two is four",
    "",
    "a cat and a dog and a cat and a dog and a cat and a dog",
    "Nobody knows",
]
KIND = "sentence_transformers.models."


def tokenizer():
    own = Tokenizer(models.WordPiece({word: id for id, word in enumerate(WORDS)}, unk_token="[UNK]"))
    own.normalizer = normalizers.BertNormalizer(lowercase=True)
    own.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    own.decoder = decoders.WordPiece()
    own.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return own


def embed(model, ids):
    hidden = model(torch.tensor([ids])).last_hidden_state[0]
    mean = hidden.mean(dim=0)
    return hidden, mean / mean.norm().clamp(min=1e-12)


def rounded(values):
    return [round(value, 7) for value in values.tolist()]


def golden(folder, texts, longest):
    own = Tokenizer.from_file(str(folder / "tokenizer.json"))
    own.no_padding()
    own.enable_truncation(longest)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").float().eval()
    ids = [own.encode(text).ids for text in texts]
    with torch.no_grad():
        found = [embed(model, one) for one in ids]
    return {
        "texts": texts,
        "ids": ids,
        "hidden": [rounded(row) for row in found[0][0]],
        "embeddings": [rounded(vector) for _, vector in found],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="models/networks/tests/encoder")
    parser.add_argument("--check")
    parser.add_argument("--texts")
    asked = parser.parse_args()
    if asked.check:
        folder = pathlib.Path(asked.check)
        longest = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        texts = pathlib.Path(asked.texts).read_text().splitlines() if asked.texts else TEXTS
        print(json.dumps(golden(folder, texts, longest)["embeddings"]))
        return
    out = pathlib.Path(asked.out)
    (out / "1_Pooling").mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=LONGEST + 4,
        initializer_range=0.2,
    )
    model = BertModel(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 1:
                weight.add_(torch.rand_like(weight) - 0.5)
    model.save_pretrained(out)
    tokenizer().save(str(out / "tokenizer.json"))
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    listed = [{"idx": n, "name": name, "path": path, "type": KIND + kind} for n, (name, path, kind) in enumerate(modules)]
    (out / "modules.json").write_text(json.dumps(listed, indent=2) + "\n")
    pooling = {"word_embedding_dimension": WIDTH, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (out / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=2) + "\n")
    (out / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": LONGEST, "do_lower_case": False}) + "\n")
    (out / "golden.json").write_text(json.dumps(golden(out, TEXTS, LONGEST)) + "\n")


main()
