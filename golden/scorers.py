"""Makes tiny checkpoints of models that score, and what transformers computes with them.

    python golden/scorers.py [--seed 5] [--out models/networks/tests/scorers]

`reward` is a LlamaForSequenceClassification with one label and no head of tokens, `process` a LlamaForTokenClassification with two labels.
`golden.json` holds

    input_ids   [batch][length]
    scores      [batch][length][labels] at every token; for `reward` what its last linear map gives there
    pooled      [batch][labels]         what the model itself gives for a sequence, `reward` only
"""

import argparse
import json
import pathlib

import torch
from transformers import LlamaConfig, LlamaForSequenceClassification, LlamaForTokenClassification

SHARED = {
    "vocab_size": 40, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 1, "max_position_embeddings": 32, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
    "initializer_range": 0.2, "tie_word_embeddings": False,
}  # fmt: skip
VARIANTS = {"reward": (LlamaForSequenceClassification, 1), "process": (LlamaForTokenClassification, 2)}


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("models/networks/tests/scorers"))
    arguments = parser.parse_args()
    for name, (kind, labels) in VARIANTS.items():
        torch.manual_seed(arguments.seed)
        model = kind(LlamaConfig(**SHARED, num_labels=labels)).eval()
        for own, parameter in model.named_parameters():
            if "norm" in own or own.endswith("bias"):
                parameter.uniform_(0.5, 1.5)
        ids = torch.randint(3, SHARED["vocab_size"], (2, 9))
        scores = model.score(model.model(ids).last_hidden_state)
        golden = {"input_ids": ids.tolist(), "scores": scores.tolist()}
        if name == "reward":
            golden["pooled"] = model(ids).logits.tolist()
        model.save_pretrained(arguments.out / name)
        (arguments.out / name / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
