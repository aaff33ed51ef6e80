"""Five steps of PyTorch's optimizers on a small matrix and a vector.

    python golden/optimizers.py > engine/learn/src/optimizer/golden.json

Matrices lie `[in, out]`, as the program's. PyTorch's Muon computes in bf16, so that it agrees to about two digits only.
"""

import json

import torch

torch.manual_seed(20261124)
STEPS = 5
RATES = [0.01, 0.02, 0.02, 0.015, 0.005]
MATRIX, VECTOR = torch.randn(6, 4), torch.randn(5)
GRADIENTS = [(torch.randn(6, 4), torch.randn(5)) for _ in range(STEPS)]


def run(name, make, matrix_only=False):
    weights = [torch.nn.Parameter(MATRIX.clone())] + ([] if matrix_only else [torch.nn.Parameter(VECTOR.clone())])
    optimizer = make(weights)
    after = []
    for rate, gradients in zip(RATES, GRADIENTS):
        for group in optimizer.param_groups:
            group["lr"] = rate
        for weight, gradient in zip(weights, gradients):
            weight.grad = gradient.clone()
        optimizer.step()
        after.append([weight.detach().flatten().tolist() for weight in weights])
    return {"rule": name, "after": after}


cases = [
    run("adamw", lambda w: torch.optim.AdamW(w, betas=(0.9, 0.98), weight_decay=0.1)),
    run("sgd", lambda w: torch.optim.SGD(w, lr=0.1, momentum=0.9)),
    run("adafactor", lambda w: torch.optim.Adafactor(w, weight_decay=0.1)),
    run("muon", lambda w: torch.optim.Muon(w, momentum=0.9, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"), True),
]
print(
    json.dumps({
        "matrix": MATRIX.flatten().tolist(), "vector": VECTOR.tolist(), "rates": RATES,
        "gradients": [[g.flatten().tolist() for g in pair] for pair in GRADIENTS], "cases": cases,
    })
)  # fmt: skip
