"""Makes tiny random models of the architectures that are read from GGUF, and what transformers computes with them.

    python golden/gguf_models.py [--out models/networks/tests/gguf]        # needs torch, transformers, gguf

For each it writes `NAME.gguf`, as llama.cpp's converter lays such models out (rows of queries and keys interleaved, norms of
Gemma with their 1, rotary scalings as keys or tensors), matrices in Q8_0 and the rest in F32, and `NAME.json`:

    config        the config.json that transformers writes for the model
    input_ids     [length]
    logits        [positions][vocabulary]   at the last three positions, of the dequantised weights, in f32, eager attention
"""

import argparse
import json
import math
import pathlib

import numpy
import torch
import transformers
from gguf import GGMLQuantizationType as Type, GGUFWriter
from gguf.quants import dequantize, quantize
from transformers import AutoModelForCausalLM

VOCAB, WIDTH, INNER, LAYERS, HEADS, SHARED, LENGTH = 48, 32, 64, 2, 4, 2, 20
HEAD = WIDTH // HEADS
BASE = {
    "vocab_size": VOCAB,
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": SHARED,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "initializer_range": 0.2,
    "tie_word_embeddings": True,
    "attn_implementation": "eager",
}
GEMMA = {"head_dim": HEAD, "query_pre_attn_scalar": HEAD, "sliding_window": 6}
LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
YARN = {"factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 8.0, "beta_slow": 1.0}
LONG = {
    "short_factor": [1.0 + n / 8 for n in range(HEAD // 2)],
    "long_factor": [1.0 + n for n in range(HEAD // 2)],
    "original_max_position_embeddings": 32,
    "attention_factor": 1.25,
}


def rope(kind, theta=10_000.0, **more):
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta, **more}}


# name: (architecture in GGUF, configuration class, its fields)
MODELS = {
    "llama": ("llama", "LlamaConfig", {"tie_word_embeddings": False}),
    "llama3": ("llama", "LlamaConfig", rope("llama3", 500_000.0, **LLAMA3)),
    "yarn": ("llama", "LlamaConfig", rope("yarn", **YARN)),
    "qwen2": ("qwen2", "Qwen2Config", {}),
    "qwen3": ("qwen3", "Qwen3Config", {"head_dim": 16}),
    "gemma2": ("gemma2", "Gemma2Config", GEMMA),
    "gemma3": ("gemma3", "Gemma3TextConfig", GEMMA),
    "phi3": (
        "phi3",
        "Phi3Config",
        {"tie_word_embeddings": False, "sliding_window": None, "original_max_position_embeddings": 32, **rope("longrope", **LONG)},
    ),
    "olmo2": ("olmo2", "Olmo2Config", {}),
    "smollm3": ("smollm3", "SmolLM3Config", {"num_hidden_layers": 4, "no_rope_layer_interval": 4}),
    "gemma": ("gemma", "GemmaConfig", {"head_dim": HEAD}),
}
PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.qkv_proj": "attn_qkv",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.gate_up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
INTERLEAVED = {"llama", "smollm3"}


def inside(name, kind):
    """The name in the file."""
    whole = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    stem, end = name.rsplit(".", 1)
    if stem in whole:
        return f"{whole[stem]}.{end}"
    _, _, number, part = stem.split(".", 3)
    around = kind in ("gemma2", "gemma3", "olmo2")
    parts = {**PARTS, "post_attention_layernorm": "post_attention_norm" if around else "ffn_norm"}
    return f"blk.{number}.{parts[part]}.{end}"


def permuted(values, heads):
    """Llama's queries and keys as llama.cpp's converter lays them out."""
    return values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def write(path, kind, model):
    config = model.config
    writer = GGUFWriter(path, kind)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(getattr(config, "head_dim", None) or HEAD)
    writer.add_value_length(getattr(config, "head_dim", None) or HEAD)
    writer.add_vocab_size(config.vocab_size)
    for name, id in [("bos", config.bos_token_id), ("eos", config.eos_token_id), ("padding", config.pad_token_id)]:
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", id)
    found = config.rope_parameters
    full = found.get("full_attention", found)
    writer.add_rope_freq_base(full["rope_theta"])
    if full["rope_type"] == "yarn":
        writer.add_string(f"{kind}.rope.scaling.type", "yarn")
        writer.add_float32(f"{kind}.rope.scaling.factor", full["factor"])
        writer.add_uint32(f"{kind}.rope.scaling.original_context_length", full["original_max_position_embeddings"])
        writer.add_float32(f"{kind}.rope.scaling.yarn_beta_fast", full["beta_fast"])
        writer.add_float32(f"{kind}.rope.scaling.yarn_beta_slow", full["beta_slow"])
    if full["rope_type"] == "llama3":
        divisors = []
        for frequency in 1.0 / full["rope_theta"] ** (numpy.arange(0, HEAD, 2) / HEAD):
            length, low = 2 * math.pi / frequency, full["original_max_position_embeddings"]
            smooth = (low / length - 1.0) / 3.0
            middle = 1 / ((1 - smooth) / full["factor"] + smooth)
            divisors.append(1.0 if length < low / 4 else full["factor"] if length > low else middle)
        writer.add_tensor("rope_freqs.weight", numpy.array(divisors, dtype=numpy.float32))
    if full["rope_type"] == "longrope":
        writer.add_uint32(f"{kind}.rope.scaling.original_context_length", full["original_max_position_embeddings"])
        writer.add_float32(f"{kind}.rope.scaling.attn_factor", full["attention_factor"])
        writer.add_tensor("rope_factors_long.weight", numpy.array(full["long_factor"], dtype=numpy.float32))
        writer.add_tensor("rope_factors_short.weight", numpy.array(full["short_factor"], dtype=numpy.float32))
    if kind in ("gemma2", "gemma3"):
        writer.add_sliding_window(config.sliding_window)
    if kind == "gemma2":
        writer.add_float32("gemma2.attn_logit_softcapping", config.attn_logit_softcapping)
        writer.add_float32("gemma2.final_logit_softcapping", config.final_logit_softcapping)
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    state = model.state_dict()
    if config.tie_word_embeddings:
        state.pop("lm_head.weight", None)
    with torch.no_grad():
        for name, tensor in state.items():
            name, values = inside(name, kind), tensor.numpy().astype(numpy.float32)
            part = name.split(".")[-2]
            if kind.startswith("gemma") and name.endswith("norm.weight"):
                values = values + numpy.float32(1)
            if kind in INTERLEAVED and part in heads:
                values = permuted(values, heads[part])
            if values.ndim == 1:
                writer.add_tensor(name, values)
                continue
            data = quantize(numpy.ascontiguousarray(values), Type.Q8_0)
            writer.add_tensor(name, data, raw_dtype=Type.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="models/networks/tests/gguf")
    out = pathlib.Path(parser.parse_args().out)
    out.mkdir(parents=True, exist_ok=True)
    for seed, (name, (kind, config, fields)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(getattr(transformers, config)(**{**BASE, **fields})).float().eval()
        with torch.no_grad():
            for _, weight in model.named_parameters():
                # norms and biases are not what they begin as, so that leaving one out shows
                if weight.dim() == 1:
                    weight.add_(torch.rand_like(weight) - 0.5)
                else:
                    rounded = dequantize(quantize(weight.numpy(), Type.Q8_0), Type.Q8_0)
                    weight.copy_(torch.from_numpy(rounded))
            if kind.startswith("gemma"):
                for key, weight in model.named_parameters():
                    if key.endswith("norm.weight"):
                        weight.copy_(torch.from_numpy((weight.numpy() + numpy.float32(1)) - numpy.float32(1)))
            ids = torch.randint(3, VOCAB, (1, LENGTH))
            logits = model(ids).logits[0, -3:]
        write(str(out / f"{name}.gguf"), kind, model)
        config = json.loads(model.config.to_json_string(use_diff=False))
        config["architectures"] = [type(model).__name__]
        kept = {key: value for key, value in config.items() if value is not None and not key.startswith("_")}
        golden = {"config": kept, "input_ids": ids[0].tolist(), "logits": [[round(x, 6) for x in row] for row in logits.tolist()]}
        (out / f"{name}.json").write_text(json.dumps(golden) + "\n")
        print(name)


main()
