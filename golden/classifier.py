"""Trains two small feature classifiers with PyTorch, for the tests of `models/classifiers`.

    python golden/classifier.py [--seed 5] [--out models/classifiers/tests/golden]      # needs torch, safetensors

Writes OUT/linear and OUT/hidden, folders as `autodidact` reads them, and OUT/golden.json: weighted examples, the
probabilities before training, the losses and gradient norms of ten whole-batch steps of AdamW in f64 (weights decay, biases do
not), and the weights after them.
"""

import argparse
import json
import pathlib

import torch
from safetensors.torch import save_file

FEATURES, LABELS, ROWS, STEPS, RATE, DECAY = 4, ["ash", "birch", "cedar"], 12, 10, 0.05, 0.02


def network(hidden):
    torch.manual_seed(arguments.seed + hidden)
    layers = [torch.nn.Linear(FEATURES, hidden), torch.nn.ReLU()] if hidden else []
    return torch.nn.Sequential(*layers, torch.nn.Linear(hidden or FEATURES, len(LABELS)))


def named(model, hidden):
    names = {"0.": "hidden." if hidden else "classifier.", "2.": "classifier."}
    return {names[name[:2]] + name[2:]: value.detach() for name, value in model.state_dict().items()}


def record(hidden, mean, deviation, rows, classes, weights):
    model, folder = network(hidden), arguments.out / ("hidden" if hidden else "linear")
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"features.mean": mean, "features.deviation": deviation, **named(model, hidden)}
    save_file({name: value.float().contiguous() for name, value in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    config = {"model_type": "feature-classifier", "num_features": FEATURES, "hidden_size": hidden}
    config["id2label"] = {str(place): label for place, label in enumerate(LABELS)}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    model = model.double()
    shown = (rows - mean.double()) / deviation.double()
    before = torch.softmax(model(shown), -1).tolist()
    decaying = [[value for value in model.parameters() if value.dim() == wanted] for wanted in (2, 1)]  # biases do not
    groups = [{"params": params, "weight_decay": decay} for params, decay in zip(decaying, (DECAY, 0.0))]
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        each = torch.nn.functional.cross_entropy(model(shown), classes, reduction="none")
        loss = (each * weights).sum() / weights.sum()
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.cat([value.grad.flatten() for value in model.parameters()]).norm().item())
        optimizer.step()
    after = {name: value.flatten().tolist() for name, value in named(model, hidden).items()}
    return {"before": before, "losses": losses, "norms": norms, "after": after}


def main():
    torch.manual_seed(arguments.seed)
    mean, deviation = torch.randn(FEATURES), torch.rand(FEATURES) + 0.5
    rows = 2 * torch.randn(ROWS, FEATURES, dtype=torch.float64)
    classes = torch.arange(ROWS) % len(LABELS)
    weights = 0.5 + torch.rand(ROWS, dtype=torch.float64)
    given = (mean, deviation, rows, classes, weights)
    golden = {"rows": rows.tolist(), "classes": classes.tolist(), "weights": weights.tolist(), "lr": RATE, "weight_decay": DECAY}
    golden |= {"linear": record(0, *given), "hidden": record(5, *given)}
    (arguments.out / "golden.json").write_text(json.dumps(golden) + "\n")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--seed", type=int, default=5)
parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("models/classifiers/tests/golden"))
arguments = parser.parse_args()
main()
