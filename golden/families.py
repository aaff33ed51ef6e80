"""Makes the golden numbers of every family: tiny random checkpoints, and what transformers computes with them.

    python golden/families.py [--families qwen3,gemma3] [--seed 7] [--out models/networks/tests/families]

For each variant it writes a model folder (config.json, generation_config.json, weights: one file or shards) and `golden.json`:

    input_ids            [batch][length]            what the model is shown
    logits_at            [positions]                positions of the first sequence at which logits are recorded
    logits               [positions][vocabulary]    there
    log_probs            [batch][length - 1]        of input_ids[1..] given what precedes each, natural logarithm
    loss, grad_norm                                 mean of -log_probs, and the length of its gradient over every weight
    prompt, continuation                            greedy, without a cache: the next token is the argmax of a full pass
    prompt_log_probs     [continuation]             of each token of the continuation when it was chosen
    context              (where it matters)         the length that picks the long factors of LongRoPE

Weights are ten times larger than usual, and norms and biases are not what they begin as, so that leaving one out shows.
Numbers are computed in f32 from the weights as they are stored (rounded to bf16 or f16), with the eager attention. A greedy
token that leads by less than 1e-3 is never recorded: another prompt is drawn.
"""

import argparse
import json
import pathlib
import shutil

import torch
import transformers
from transformers import AutoModelForCausalLM

VOCAB, BATCH, LENGTH, PROMPT, CONTINUATION, WINDOW = 64, 2, 24, 4, 18, 6
MARGIN = 1e-3

BASE = {
    "vocab_size": VOCAB,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "initializer_range": 0.2,
}
LAYERS = ["sliding_attention", "full_attention"]
LONG = {
    "rope_type": "longrope",
    "rope_theta": 10_000.0,
    "partial_rotary_factor": 0.75,
    "short_factor": [1.0, 1.1, 1.3],
    "long_factor": [1.0, 2.0, 5.0],
    "original_max_position_embeddings": 32,
}
LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
YARN = {"factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 8.0, "beta_slow": 1.0}


def rope(kind, theta=10_000.0, **more):
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta, **more}}


# Name: architecture without its ending, settings, how it is stored.
VARIANTS = {
    "llama-llama3": ("Llama", {"attention_bias": True, "mlp_bias": True, **rope("llama3", 500.0, **LLAMA3)}, "bf16 v4"),
    "llama-yarn": ("Llama", {"tie_word_embeddings": True, **rope("yarn", **YARN)}, "f16"),
    "llama-linear": ("Llama", {"num_hidden_layers": 1, **rope("linear", factor=3.0)}, "bf16 v4"),
    "llama-dynamic": ("Llama", {"num_hidden_layers": 1, **rope("dynamic", factor=2.0)}, "bf16"),
    "mistral": ("Mistral", {"sliding_window": WINDOW, "head_dim": 16}, "bf16 sharded"),
    "qwen2": (
        "Qwen2",
        {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1, "tie_word_embeddings": True},
        "bf16 v4",
    ),
    "qwen3": (
        "Qwen3",
        {"head_dim": 16, "attention_bias": True, "use_sliding_window": True, "sliding_window": WINDOW, "layer_types": LAYERS},
        "bf16",
    ),
    "smollm3": (
        "SmolLM3",
        {"no_rope_layers": [1, 0], "use_sliding_window": True, "sliding_window": WINDOW, "tie_word_embeddings": True},
        "bf16",
    ),
    "gemma2": (
        "Gemma2",
        {
            "head_dim": 16,
            "query_pre_attn_scalar": 24,
            "sliding_window": WINDOW,
            "attn_logit_softcapping": 2.0,
            "final_logit_softcapping": 3.0,
        },
        "bf16",
    ),
    "gemma3": (
        "Gemma3",
        {
            "head_dim": 16,
            "query_pre_attn_scalar": 24,
            "sliding_window": WINDOW,
            "layer_types": LAYERS,
            "rope_parameters": {
                "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 10_000.0},
            },
        },
        "bf16",
    ),
    "gemma3-v4": ("Gemma3", {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": WINDOW, "layer_types": LAYERS}, "f16 v4"),
    "phi3": ("Phi3", {"sliding_window": WINDOW, "rope_parameters": LONG}, "bf16 v4"),
    "phi3-long": (
        "Phi3",
        {"num_hidden_layers": 1, "rope_parameters": {**LONG, "original_max_position_embeddings": 8}},
        "bf16",
    ),
    "olmo2": ("Olmo2", {"attention_bias": True}, "bf16"),
    "gpt2": ("GPT2", {}, "bf16"),
    "gpt2-untied": ("GPT2", {"num_hidden_layers": 1, "n_inner": 48, "scale_attn_weights": False, "tie_word_embeddings": False}, "f32"),
    "gemma": ("Gemma", {"head_dim": 16, "attention_bias": True}, "bf16"),
}


def make(architecture, settings, kind, seed):
    """A random model whose norms and biases are drawn too, and whose weights are what the file will hold."""
    torch.manual_seed(seed)
    settings = {**BASE, **settings}
    if architecture == "GPT2":
        names = {"hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head"}
        settings = {names.get(key, key): value for key, value in settings.items()}
        settings["n_positions"] = settings.pop("max_position_embeddings")
        del settings["intermediate_size"], settings["num_key_value_heads"]
    if architecture == "Phi3":
        settings["original_max_position_embeddings"] = settings["rope_parameters"]["original_max_position_embeddings"]
    text = "TextConfig" if architecture == "Gemma3" else "Config"
    config = getattr(transformers, architecture + text)(**settings, attn_implementation="eager")
    ending = "LMHeadModel" if architecture == "GPT2" else "ForCausalLM"
    model = getattr(transformers, architecture + ending)(config).eval()
    centre = 0.0 if architecture.startswith("Gemma") else 1.0
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.uniform_(-0.5, 0.5)
            elif "norm" in name or ".ln_" in name:
                parameter.uniform_(centre - 0.5, centre + 0.5)
            parameter.copy_(parameter.to(dtype_of(kind)).float())
    return model


def dtype_of(kind):
    return {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[kind.split()[0]]


def write(model, folder, kind):
    """The folder as save_pretrained writes it, in the stored dtype; then, where asked, its config in transformers 4's words."""
    shutil.rmtree(folder, ignore_errors=True)
    stored = type(model)(model.config).to(dtype_of(kind))
    stored.load_state_dict(model.state_dict())
    stored.config.dtype = dtype_of(kind)
    stored.save_pretrained(folder, **({"max_shard_size": "20KB"} if "sharded" in kind else {}))
    if "v4" in kind:
        path = folder / "config.json"
        path.write_text(json.dumps(version_4(json.loads(path.read_text())), indent=2) + "\n")


def version_4(config):
    """A config.json in the dialect of transformers 4: flat rotary settings, torch_dtype, no list of layer types."""
    config["torch_dtype"] = config.pop("dtype")
    layers = config.pop("layer_types", None)
    config["transformers_version"] = "4.45.0"
    parameters = config.pop("rope_parameters")
    if "full_attention" in parameters:
        config["rope_local_base_freq"] = parameters["sliding_attention"]["rope_theta"]
        config["sliding_window_pattern"] = layers.index("full_attention") + 1
        parameters = parameters["full_attention"]
    config["rope_theta"] = parameters.pop("rope_theta")
    if (share := parameters.pop("partial_rotary_factor", 1.0)) != 1.0:
        config["partial_rotary_factor"] = share
    config["rope_scaling"] = None if parameters["rope_type"] == "default" else parameters
    if parameters["rope_type"] == "longrope":
        config["rope_scaling"] = {"type": "longrope", **{key: parameters[key] for key in ("short_factor", "long_factor")}}
    return config


def log_probs_of(logits, tokens):
    """The log-probability of each token under the logits of the position before it."""
    return torch.log_softmax(logits, dim=-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)


@torch.no_grad()
def continue_greedily(model, prompt, count):
    """Greedy decoding by full passes; None where a choice is too close to call."""
    tokens, log_probs = list(prompt), []
    for _ in range(count):
        logits = model(torch.tensor([tokens])).logits[0, -1]
        best = logits.topk(2)
        if float(best.values[0] - best.values[1]) < MARGIN:
            return None
        token = int(best.indices[0])
        log_probs.append(float(torch.log_softmax(logits, dim=-1)[token]))
        tokens.append(token)
    return tokens[len(prompt) :], log_probs


def golden(model, name, seed):
    generator = torch.Generator().manual_seed(seed + 1)
    input_ids = torch.randint(3, VOCAB, (BATCH, LENGTH), generator=generator)
    input_ids[:, 0] = 1
    logits = model(input_ids).logits
    log_probs = log_probs_of(logits[:, :-1], input_ids[:, 1:])
    loss = -log_probs.mean()
    loss.backward()
    squares = [float(p.grad.double().square().sum()) for p in model.parameters() if p.grad is not None]
    numbers = {
        "made_by": "golden/families.py",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "seed": seed,
        "input_ids": input_ids.tolist(),
        "logits_at": [0, 1, LENGTH // 2, LENGTH - 1],
        "log_probs": log_probs.tolist(),
        "loss": float(loss),
        "grad_norm": sum(squares) ** 0.5,
    }
    numbers["logits"] = logits[0, numbers["logits_at"]].tolist()
    if name == "phi3-long":
        return numbers | {"context": 64}  # greedy decoding would change its factors on the way
    while True:
        prompt = [1, *torch.randint(3, VOCAB, (PROMPT - 1,), generator=generator).tolist()]
        if found := continue_greedily(model, prompt, CONTINUATION):
            return numbers | {"prompt": prompt, "continuation": found[0], "prompt_log_probs": found[1]}


def check(folder, numbers):
    """The folder, read by transformers, gives the numbers: a config that was rewritten says the same."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        logits = model(torch.tensor(numbers["input_ids"][:1])).logits[0, numbers["logits_at"]]
    worst = float((logits - torch.tensor(numbers["logits"])).abs().max())
    assert worst < 1e-5, f"{folder} reads back {worst} away"


def shorten(value):
    """Floats with seven digits: the tolerance is 1e-4."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [shorten(item) for item in value]
    if isinstance(value, dict):
        return {key: shorten(item) for key, item in value.items()}
    return value


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--families", help="variants whose names begin so, separated by commas; all if left out")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("models/networks/tests/families"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # so that sums are taken in one order
    torch.use_deterministic_algorithms(True)
    wanted = tuple((arguments.families or "").split(","))
    for name, (architecture, settings, kind) in VARIANTS.items():
        if not name.startswith(wanted):
            continue
        folder = arguments.out / name
        model = make(architecture, settings, kind, arguments.seed)
        write(model, folder, kind)
        numbers = shorten(golden(model, name, arguments.seed))
        check(folder, numbers)
        (folder / "golden.json").write_text(json.dumps(numbers, separators=(",", ":")) + "\n")
        print(name, sum(path.stat().st_size for path in folder.iterdir()), "bytes")


if __name__ == "__main__":
    main()
