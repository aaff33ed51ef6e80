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
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer
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


def theirs(trainer, config, model, rows, **settings):
    tokenizer = AutoTokenizer.from_pretrained(model)
    with tempfile.TemporaryDirectory() as out:
        arguments = config(
            output_dir=out, per_device_train_batch_size=len(rows), num_train_epochs=STEPS, learning_rate=RATE,
            lr_scheduler_type="constant", max_grad_norm=1.0, weight_decay=0.0, logging_steps=1, use_cpu=True, bf16=False,
            gradient_checkpointing=False, report_to=[], save_strategy="no", disable_tqdm=True, **settings,
        )  # fmt: skip
        loaded = AutoModelForCausalLM.from_pretrained(model, dtype="float32")
        run = trainer(model=loaded, args=arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
        run.train()
    return [line["loss"] for line in run.state.log_history if "loss" in line]


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
        gap = max(abs(a - b) for a, b in zip(one, other, strict=True))
        worst = max(worst, gap)
        print(f"{name:12} {gap:.1e}  ours {[round(a, 6) for a in one]}  TRL {[round(b, 6) for b in other]}", flush=True)
    sys.exit(0 if worst < 1e-4 and not math.isnan(worst) else 1)


if __name__ == "__main__":
    main()
