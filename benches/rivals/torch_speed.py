"""How fast PyTorch and transformers train and decode small Llamas on this machine's processor or graphics card.

    python benches/rivals/torch_speed.py [--sizes 0.8M 5M 34M] [--device cpu] [--threads 2] [--repeats 5] [--quick]

One JSON object goes to stdout (documented in benches/README.md), progress to stderr. Figures are tokens per second: the
median of the repeats, each of which lasts about a second, after warming up.

- training: forward, backward and a fused AdamW step of LlamaForCausalLM over a batch of random tokens; every token counts.
  `bf16` is autocast over f32 weights, so that both keep f32 master weights and optimizer state.
- decoding: model.generate, greedy, with a key-value cache, from a prompt, for a fixed number of new tokens; only new
  tokens count, the time of the prompt is included. `bf16` has its weights in bf16. Both of transformers' caches are
  measured, and the faster one is reported.
"""

import argparse
import json
import pathlib
import platform
import statistics
import sys
import time

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

# vocabulary, width, layers, heads (of keys and values), feed-forward, whether head and table are one; training batch and length; decoding batch
SIZES = {
    "0.8M": {"shape": (64, 128, 4, 4, 4, 344, False), "train": (64, 64), "decode": 64},
    "5M": {"shape": (512, 256, 6, 8, 8, 688, False), "train": (32, 128), "decode": 32},
    "34M": {"shape": (8192, 512, 8, 8, 8, 1376, False), "train": (8, 256), "decode": 8},
    "91M": {"shape": (8192, 768, 12, 12, 12, 2048, True), "train": (16, 64), "decode": 16},
    "135M": {"shape": (49152, 576, 30, 9, 3, 1536, True), "train": (16, 64), "decode": 16},
    "360M": {"shape": (49152, 960, 32, 15, 5, 2560, True), "train": (16, 64), "decode": 16},
    "1B": {"shape": (128256, 2048, 16, 32, 8, 8192, True), "train": (16, 64), "decode": 16},
}
# what is measured where no sizes are asked for
USUAL = {"cpu": list(SIZES)[:5], "cuda": list(SIZES)[4:]}
PROMPT, NEW = 16, 64


def make(shape):
    vocabulary, width, layers, heads, key_value_heads, feed_forward, tied = shape
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=feed_forward,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=key_value_heads,
        max_position_embeddings=512,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    return LlamaForCausalLM(config)


def finish(settings):
    """Waits for what a card has been asked to do."""
    if settings.device == "cuda":
        torch.cuda.synchronize()


def median_rate(work, tokens, settings):
    """The median of tokens per second over repeats that each run `work` for about `settings.seconds`."""
    work()
    finish(settings)
    start = time.perf_counter()
    work()
    finish(settings)
    count = max(1, round(settings.seconds / (time.perf_counter() - start)))
    rates = []
    for _ in range(settings.repeats):
        start = time.perf_counter()
        for _ in range(count):
            work()
        finish(settings)
        rates.append(count * tokens / (time.perf_counter() - start))
    return statistics.median(rates)


def training(shape, batch, length, bf16, settings):
    model = make(shape).train().to(settings.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    tokens = torch.randint(0, shape[0], (batch, length), device=settings.device)

    def step():
        with torch.autocast(settings.device, dtype=torch.bfloat16, enabled=bf16):
            loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return median_rate(step, batch * length, settings)


def decoding(shape, batch, bf16, settings):
    model = make(shape).eval().to(settings.device, torch.bfloat16 if bf16 else torch.float32)
    prompt = torch.randint(0, shape[0], (batch, PROMPT), device=settings.device)
    mask = torch.ones_like(prompt)
    model.generation_config.pad_token_id = 0

    def rate(cache):
        @torch.no_grad()
        def generate():
            ids = model.generate(
                prompt,
                attention_mask=mask,
                do_sample=False,
                max_new_tokens=NEW,
                cache_implementation=cache,
                disable_compile=True,
            )
            assert ids.shape == (batch, PROMPT + NEW), f"generate stopped early: {tuple(ids.shape)}"

        return median_rate(generate, batch * NEW, settings)

    rates = {"dynamic": rate("dynamic"), "static": rate("static")}
    cache = max(rates, key=rates.get)
    return {"tokens_per_second": round(rates[cache], 1), "cache": cache}


def measure(name, settings):
    shape, (batch, length), rows = (SIZES[name][key] for key in ("shape", "train", "decode"))
    result = {
        "size": name,
        "parameters": make(shape).num_parameters(),
        "training": {"batch": batch, "length": length},
        "decoding": {"batch": rows, "prompt": PROMPT, "new": NEW},
    }
    for word, bf16 in [("f32", False), ("bf16", True)]:
        rate = round(training(shape, batch, length, bf16, settings), 1)
        result["training"][word] = {"tokens_per_second": rate}
        print(f"{name} training {word}: {rate:,.0f} tokens/s", file=sys.stderr)
        result["decoding"][word] = decoding(shape, rows, bf16, settings)
        faster = result["decoding"][word]
        print(f"{name} decoding {word}: {faster['tokens_per_second']:,.0f} tokens/s, {faster['cache']} cache", file=sys.stderr)
    return result


def processor():
    """The processor's name, where the system tells it."""
    information = pathlib.Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES)
    parser.add_argument("--device", choices=USUAL, default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="repeats of a fifth of a second: for trying out, not for quoting")
    settings = parser.parse_args()
    settings.seconds = 0.2 if settings.quick else 1.0
    torch.set_num_threads(settings.threads)
    report = {
        "program": "benches/rivals/torch_speed.py",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
        "device": settings.device,
        "processor": processor() if settings.device == "cpu" else torch.cuda.get_device_name(),
        "threads": settings.threads,
        "repeats": settings.repeats,
        "quick": settings.quick,
        "results": [measure(name, settings) for name in settings.sizes or USUAL[settings.device]],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
