"""Makes the golden numbers of the decoder: tiny random Llama checkpoints, and what transformers computes with them.

    python golden/llama.py [--seed 7] [--out models/networks/tests/golden]

For each variant it writes a model folder (config.json, generation_config.json, model.safetensors) and `golden.json`:

    input_ids            [batch][length]            what the model is shown
    logits               [batch][length][vocabulary] at every position, f32
    log_probs            [batch][length - 1]        of input_ids[1..] given what precedes each, natural logarithm
    prompt, continuation                            greedy, without a cache: the next token is the argmax of a full pass
    prompt_log_probs     [continuation]             of each token of the continuation when it was chosen

The seed decides everything: the same versions write the same files on the same machine. On another machine or version the
last bits of the logits may differ; the test's tolerance is 1e-4.
"""

import argparse
import json
import pathlib

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

SHARED = {
    "vocab_size": 50,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "initializer_range": 0.2,  # ten times the usual: differences show in the logits
}

VARIANTS = {
    # The output head is the embedding table; two query heads share each head of keys and values.
    "tied-grouped": {"tie_word_embeddings": True, "num_key_value_heads": 2, "rms_norm_eps": 1e-5},
    # A head of its own, a head of keys and values per query head, and Llama 3's rotary base.
    "untied-theta": {
        "tie_word_embeddings": False,
        "num_key_value_heads": 4,
        "rms_norm_eps": 1e-6,
        "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0},
    },
}

BATCH, LENGTH, PROMPT, CONTINUATION = 2, 24, 5, 16


def make(settings, seed):
    """A random model whose RMSNorm gains are not 1, so that leaving one out shows."""
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(**SHARED, **settings)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.uniform_(0.5, 1.5)
    return model


def log_probs_of(logits, tokens):
    """The log-probability of each token under the logits of the position before it."""
    return torch.log_softmax(logits, dim=-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)


@torch.no_grad()
def continue_greedily(model, prompt, count):
    """Greedy decoding by full passes: nothing cached, nothing hidden in a generation loop."""
    tokens, log_probs = list(prompt), []
    for _ in range(count):
        logits = model(torch.tensor([tokens])).logits[0, -1]
        token = int(logits.argmax())
        log_probs.append(float(torch.log_softmax(logits, dim=-1)[token]))
        tokens.append(token)
    return tokens[len(prompt) :], log_probs


@torch.no_grad()
def golden(model, seed):
    generator = torch.Generator().manual_seed(seed + 1)
    input_ids = torch.randint(3, SHARED["vocab_size"], (BATCH, LENGTH), generator=generator)
    input_ids[:, 0] = SHARED["bos_token_id"]
    logits = model(input_ids).logits
    prompt = input_ids[0, :PROMPT].tolist()
    continuation, prompt_log_probs = continue_greedily(model, prompt, CONTINUATION)
    return {
        "made_by": "golden/llama.py",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "seed": seed,
        "input_ids": input_ids.tolist(),
        "logits": logits.tolist(),
        "log_probs": log_probs_of(logits[:, :-1], input_ids[:, 1:]).tolist(),
        "prompt": prompt,
        "continuation": continuation,
        "prompt_log_probs": prompt_log_probs,
    }


def shorten(value):
    """Floats with the nine digits that name an f32 exactly; everything else as it is."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [shorten(item) for item in value]
    if isinstance(value, dict):
        return {key: shorten(item) for key, item in value.items()}
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("models/networks/tests/golden"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # so that sums are taken in one order
    torch.use_deterministic_algorithms(True)
    for name, settings in VARIANTS.items():
        folder = arguments.out / name
        model = make(settings, arguments.seed)
        model.save_pretrained(folder)
        numbers = json.dumps(shorten(golden(model, arguments.seed)), separators=(",", ":"))
        (folder / "golden.json").write_text(numbers + "\n")
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
        print(folder, sizes)


if __name__ == "__main__":
    main()
