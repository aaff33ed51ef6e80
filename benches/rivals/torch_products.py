"""How fast PyTorch (oneDNN, on most processors) computes the matrix products that training a small Llama consists of.

    python benches/rivals/torch_products.py [--sizes 0.8M 5M 34M 91M] [--threads 2] [--quick]

One JSON object goes to stdout: {"program", "torch", "threads", "results": [{"shape": [tokens, inputs, outputs], "of", "f32", "bf16"}]},
in GFLOP/s, the best of twenty timings. `of` is a linear layer's `outputs`, or the gradient of its `inputs` or `weights`.
In bf16 both operands are bf16 already, and so is the result: what autocast's casts cost is not in it.
"""

import argparse
import json
import time

import torch
from torch_speed import SIZES

PRECISIONS = {"f32": torch.float32, "bf16": torch.bfloat16}


def shapes(name):
    """Attention's, both of the feed-forward network, and the head's."""
    vocabulary, width, _, _, _, inner, _ = SIZES[name]["shape"]
    sequences, length = SIZES[name]["train"]
    return [(sequences * length, *rest) for rest in [(width, width), (width, inner), (inner, width), (width, vocabulary)]]


def gflops(a, b, repeats):
    """The best of twenty timings of `a @ b`."""
    rows, deep, columns = a.shape[0], a.shape[1], b.shape[1]
    count = max(1, (1 << 28) // (rows * deep * columns))
    out = torch.empty(rows, columns, dtype=a.dtype)
    best = float("inf")
    torch.mm(a, b, out=out)
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(count):
            torch.mm(a, b, out=out)
        best = min(best, time.perf_counter() - start)
    return 2 * rows * deep * columns * count / best / 1e9


def measured(shape, repeats):
    tokens, inputs, outputs = shape
    results = [{"shape": shape, "of": of} for of in ["outputs", "inputs", "weights"]]
    for word, dtype in PRECISIONS.items():
        x, w, dy = (torch.randn(*size, dtype=dtype) for size in [(tokens, inputs), (inputs, outputs), (tokens, outputs)])
        for result, (a, b) in zip(results, [(x, w), (dy, w.t()), (x.t(), dy)]):
            result[word] = gflops(a, b, repeats)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES)[:4])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--quick", action="store_true", help="one timing of each")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    wanted = list(dict.fromkeys(shape for name in settings.sizes for shape in shapes(name)))
    with torch.no_grad():
        results = [result for shape in wanted for result in measured(shape, 1 if settings.quick else 20)]
    said = {"program": "PyTorch", "torch": torch.__version__, "threads": settings.threads, "results": results}
    print(json.dumps(said))


main()
