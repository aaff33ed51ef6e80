"""First steps' losses of TRL's trainers beside those of `autodidact train`, on one checkpoint, data and settings.

Every batch is the whole data, so that no order can differ. Prints both columns and the largest difference; the exit
status is 1 if it exceeds 1e-4.

    python golden/trainer.py PROGRAM MODEL PAIRS.jsonl
"""

import json
import math
import os
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

from datasets import Dataset
import torch
import torch.nn.functional as F
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    set_seed,
)
from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer

STEPS = 5
RATE = 1e-4
COMMON = ["lr=%g" % RATE, "warmup=0", 'schedule="constant"', "beta2=0.999", "weight_decay=0", f"epochs={STEPS}"]


def ours(program, model, rows, objective, settings):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as data:
        data.write("".join(json.dumps(row) + "\n" for row in rows))
        data.flush()
        sets = [word for text in [*COMMON, f"batch_size={len(rows)}", *settings] for word in ("--set", text)]
        command = [program, "train", objective, "--model", model, "--data", data.name, "--json", *sets]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [step["loss"] for step in json.loads(done.stdout)["steps"]]


def theirs(trainer, config, model, rows, auto=AutoModelForCausalLM, **settings):
    tokenizer = AutoTokenizer.from_pretrained(model)
    with tempfile.TemporaryDirectory() as out:
        arguments = config(
            output_dir=out, per_device_train_batch_size=len(rows), num_train_epochs=STEPS, learning_rate=RATE,
            lr_scheduler_type="constant", max_grad_norm=1.0, weight_decay=0.0, logging_steps=1, use_cpu=True, bf16=False,
            gradient_checkpointing=False, report_to=[], save_strategy="no", disable_tqdm=True, **settings,
        )  # fmt: skip
        loaded = auto.from_pretrained(model, dtype="float32")
        run = trainer(model=loaded, args=arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
        run.train()
    return [line["loss"] for line in run.state.log_history if "loss" in line]


def scorer(model, auto, labels, folder):
    """The same body with a random head of scores, as a folder that both sides begin with."""
    set_seed(11)
    made = auto.from_pretrained(model, num_labels=labels, dtype="float32")
    torch.nn.init.normal_(made.score.weight, std=0.3)
    made.save_pretrained(folder)
    AutoTokenizer.from_pretrained(model).save_pretrained(folder)
    return folder


def process_losses(folder, rows):
    """A process reward model in plain PyTorch: cross-entropy of two classes at the last token of what follows each step, the mean
    over all steps. Texts are laid out as TRL's PRMTrainer does."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForTokenClassification.from_pretrained(folder, dtype="float32")
    ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
    sequences = []
    for row in rows:
        tokens = tokenizer(row["prompt"])["input_ids"]
        labels = [-100] * len(tokens)
        for step, label in zip(row["completions"], row["labels"]):
            own = ids(step) + ids("\n")
            tokens, labels = tokens + own, labels + [-100] * (len(own) - 1) + [int(label)]
        sequences.append((tokens, labels))
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    losses = []
    for _ in range(STEPS):
        logits = torch.cat([model(torch.tensor([tokens])).logits[0] for tokens, _ in sequences])
        loss = F.cross_entropy(logits, torch.tensor(sum([labels for _, labels in sequences], [])))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def report(name, one, other):
    gap = max(abs(a - b) for a, b in zip(one, other, strict=True))
    print(f"{name:12} {gap:.1e}  ours {[round(a, 6) for a in one]}  TRL {[round(b, 6) for b in other]}", flush=True)
    return gap


def scorers(program, model, pairs):
    """Reward models beside TRL's, process reward models beside the plain script."""
    with tempfile.TemporaryDirectory() as folder:
        scorer(model, AutoModelForSequenceClassification, 1, folder)
        for name, settings, own in [
            ("reward", [], {}),
            ("centred", ["center=0.01"], {"center_rewards_coefficient": 0.01}),
            ("margin", ['gap="margin"'], {}),
        ]:
            rows = [{**pair, "margin": 0.1 * i} for i, pair in enumerate(pairs)] if name == "margin" else pairs
            auto = AutoModelForSequenceClassification
            yield report(
                name, ours(program, folder, rows, "reward", settings), theirs(RewardTrainer, RewardConfig, folder, rows, auto, **own)
            )
    with tempfile.TemporaryDirectory() as folder:
        scorer(model, AutoModelForTokenClassification, 2, folder)
        steps = [[step for step in pair["chosen"].split(" ;") if step] for pair in pairs]
        rows = [
            {"prompt": pair["prompt"], "completions": own, "labels": [n % 3 != 1 for n in range(len(own))]}
            for pair, own in zip(pairs, steps)
        ]
        yield report("process", ours(program, folder, rows, "value", ["measure=classes"]), process_losses(folder, rows))


def main():
    program, model, path = sys.argv[1:]
    pairs = [json.loads(line) for line in open(path, encoding="utf-8")][:16]
    imitated = [{"prompt": p["prompt"], "completion": p["chosen"]} for p in pairs]
    # TRL joins texts, so that a completion brings the space before its first word.
    pairs = [{**p, "chosen": " " + p["chosen"], "rejected": " " + p["rejected"]} for p in pairs]
    imitated = [{"prompt": p["prompt"], "completion": p["chosen"]} for p in pairs]
    prefer = lambda *settings: ("prefer", pairs, settings)
    cases = {
        "sft": (("imitate", imitated, []), (SFTTrainer, SFTConfig, imitated, {})),
        "dpo": (prefer("beta=0.1"), (DPOTrainer, DPOConfig, pairs, {"beta": 0.1})),
        "dpo, hinge": (prefer("loss=hinge"), (DPOTrainer, DPOConfig, pairs, {"loss_type": "hinge"})),
        "dpo, ipo": (prefer("loss=ipo"), (DPOTrainer, DPOConfig, pairs, {"loss_type": "ipo"})),
        "dpo, robust": (
            prefer("loss=robust", "smoothing=0.2"),
            (DPOTrainer, DPOConfig, pairs, {"loss_type": "robust", "label_smoothing": 0.2}),
        ),
        "simpo": (
            prefer("beta=2.0", "margin=1.0", "per_token=true", 'reference="none"'),
            (CPOTrainer, CPOConfig, pairs, {"loss_type": "simpo", "beta": 2.0, "simpo_gamma": 1.0, "cpo_alpha": 0.0}),
        ),
    }
    worst = 0.0
    for name, ((objective, rows, settings), (trainer, config, their_rows, their_settings)) in cases.items():
        one = ours(program, model, rows, objective, settings)
        other = theirs(trainer, config, model, their_rows, **their_settings)
        worst = max(worst, report(name, one, other))
    worst = max(worst, *scorers(program, model, pairs))
    sys.exit(0 if worst < 1e-4 and not math.isnan(worst) else 1)


if __name__ == "__main__":
    main()
