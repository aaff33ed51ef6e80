"""First steps' losses of TRL's trainers beside those of `autodidact train`, on one checkpoint, data, order and settings.

For every seed a tiny random Llama and random data are made anew: 16 examples, in batches of four, in their order, twice over. Prints the
largest difference of the losses and of what both report under the same name, and exits with 1 if a loss differs by more than 1e-4.

    python golden/trainer.py PROGRAM [--seeds 1 2 3] [--only kto orpo]
"""

import argparse
import json
import math
import os
import random
import subprocess
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

from datasets import Dataset
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
import torch
import torch.nn.functional as F
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    set_seed,
)
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

RATE, BATCH, EPOCHS, ROWS = 3e-4, 4, 2, 16
COMMON = [
    f"lr={RATE:g}", "warmup=0", 'schedule="constant"', "beta2=0.999", "weight_decay=0", f"epochs={EPOCHS}",
    'order="given"', f"batch_size={BATCH}",
]  # fmt: skip
WORDS = "sum of the numbers is answer seven eight plus minus box left right red blue then so".split()
TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}A:{% generation %}{{ m.content }}</s>{% endgeneration %}"
    "{% else %}U:{{ m.content }}\n{% endif %}{% endfor %}{% if add_generation_prompt %}A:{% endif %}"
)


def checkpoint(folder, seed):
    """A random model and a tokenizer of bytes with some merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken("<pad>", special=True), AddedToken("</s>", special=True)]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([" ".join(WORDS)] * 8, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    set_seed(seed)
    config = LlamaConfig(
        vocab_size=len(fast), hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, bos_token_id=None, eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id, initializer_range=0.15, tie_word_embeddings=False,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)


def data(seed):
    """Pairs of answers; an answer brings the space before its first word, since TRL joins texts."""
    draw = random.Random(seed)
    say = lambda least, most: " ".join(draw.choices(WORDS, k=draw.randint(least, most)))
    return [{"prompt": say(2, 9), "chosen": " " + say(1, 12), "rejected": " " + say(1, 12)} for _ in range(ROWS)]


def ours(program, model, rows, objective, settings):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows))
        file.flush()
        sets = [word for text in [*COMMON, *settings] for word in ("--set", text)]
        command = [program, "train", objective, "--model", model, "--data", file.name, "--json", *sets]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return [{"loss": step["loss"], **step.get("metrics", {})} for step in json.loads(done.stdout)["steps"]]


def theirs(trainer, config, model, rows, auto=AutoModelForCausalLM, **settings):
    tokenizer = AutoTokenizer.from_pretrained(model)
    with tempfile.TemporaryDirectory() as out:
        arguments = config(
            output_dir=out, per_device_train_batch_size=BATCH, num_train_epochs=EPOCHS, learning_rate=RATE,
            lr_scheduler_type="constant", max_grad_norm=1.0, weight_decay=0.0, logging_steps=1, use_cpu=True, bf16=False,
            gradient_checkpointing=False, report_to=[], save_strategy="no", disable_tqdm=True,
            train_sampling_strategy="sequential", **settings,
        )  # fmt: skip
        loaded = auto.from_pretrained(model, dtype="float32")
        run = trainer(model=loaded, args=arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
        run.train()
    return [line for line in run.state.log_history if "loss" in line]


def scorer(model, auto, labels, folder, seed):
    """The same body with a random head of scores, as a folder that both sides begin with."""
    set_seed(seed)
    made = auto.from_pretrained(model, num_labels=labels, dtype="float32")
    torch.nn.init.normal_(made.score.weight, std=0.3)
    made.save_pretrained(folder)
    AutoTokenizer.from_pretrained(model).save_pretrained(folder)
    return folder


def process_steps(folder, rows):
    """A process reward model in plain PyTorch: cross-entropy of two classes at the last token of what follows each step, the mean
    over all steps of a batch. Texts are laid out as TRL's PRMTrainer did."""
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
    for _ in range(EPOCHS):
        for start in range(0, len(sequences), BATCH):
            batch = sequences[start : start + BATCH]
            logits = torch.cat([model(torch.tensor([tokens])).logits[0] for tokens, _ in batch])
            loss = F.cross_entropy(logits, torch.tensor(sum([labels for _, labels in batch], [])))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            yield {"loss": loss.item()}


def cases(program, model, seed, folder):
    pairs = data(seed)
    imitated = [{"prompt": p["prompt"], "completion": p["chosen"]} for p in pairs]
    said = lambda role, text: {"role": role, "content": text.strip()}
    chats = [{"messages": [said("user", p["prompt"]), said("assistant", p["chosen"])]} for p in pairs]
    draw = random.Random(seed)
    labelled = [{"prompt": p["prompt"], "completion": p[side], "label": side == "chosen"}
                for p in pairs for side in [draw.choice(["chosen", "rejected"])]]  # fmt: skip

    def beside(objective, rows, settings, trainer, config, **their_settings):
        return lambda: (
            ours(program, model, rows, objective, settings),
            theirs(trainer, config, model, rows, **their_settings),
        )

    prefer = lambda settings, trainer, config, **their: beside("prefer", pairs, settings, trainer, config, **their)
    dpo = lambda settings, **their: prefer(settings, DPOTrainer, DPOConfig, **their)
    free = ['reference="none"']
    cpo = lambda settings, **their: prefer([*free, *settings], CPOTrainer, CPOConfig, **their)
    return {
        "sft": beside("imitate", imitated, ["figures=true"], SFTTrainer, SFTConfig),
        "sft, chats": beside("imitate", chats, ["figures=true"], SFTTrainer, SFTConfig, assistant_only_loss=True),
        "dpo": dpo(["beta=0.1"], beta=0.1),
        "dpo, hinge": dpo(["loss=hinge"], loss_type="hinge"),
        "dpo, ipo": dpo(["loss=ipo"], loss_type="ipo"),
        "dpo, robust": dpo(["loss=robust", "smoothing=0.2"], loss_type="robust", label_smoothing=0.2),
        "dpo, mean per token": dpo(["per_token=true"], loss_type="sigmoid_norm"),
        "dpo with sft": dpo(["nll=0.5", "nll_over=tokens"], loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.5]),
        "dpo, mixing": dpo(["mix_every=2", "mix=0.6"], sync_ref_model=True, ref_model_sync_steps=2, ref_model_mixup_alpha=0.6),
        "simpo": cpo(["beta=2.0", "margin=1.0", "per_token=true"], loss_type="simpo", beta=2.0, simpo_gamma=1.0, cpo_alpha=0.0),
        "cpo": cpo(["nll=1", "nll_over=tokens"], loss_type="sigmoid", cpo_alpha=1.0),
        "cpo, hinge": cpo(["nll=1", "nll_over=tokens", "loss=hinge"], loss_type="hinge", cpo_alpha=1.0),
        "cpo, ipo": cpo(["nll=0.5", "nll_over=tokens", "loss=ipo"], loss_type="ipo", cpo_alpha=0.5),
        "orpo": prefer([*free, "loss=odds", "nll=1", "nll_over=with-prompts"], ORPOTrainer, ORPOConfig, beta=0.1),
        "kto": beside("kto", labelled, ["beta=0.1"], KTOTrainer, KTOConfig, beta=0.1),
        "kto, weighted": beside(
            "kto", labelled, ["beta=0.5", "undesirable=1.4"], KTOTrainer, KTOConfig, beta=0.5, undesirable_weight=1.4
        ),
        **scorers(program, model, seed, folder, pairs),
    }


def scorers(program, model, seed, folder, pairs):
    """Reward models beside TRL's, process reward models beside the plain script."""
    auto = AutoModelForSequenceClassification
    scored = scorer(model, auto, 1, os.path.join(folder, "reward"), seed)
    token = scorer(model, AutoModelForTokenClassification, 2, os.path.join(folder, "process"), seed)
    steps = [
        {"prompt": p["prompt"], "completions": p["chosen"].split(), "labels": [n % 3 != 1 for n in range(len(p["chosen"].split()))]}
        for p in pairs
    ]
    margins = [{**pair, "margin": 0.1 * i} for i, pair in enumerate(pairs)]

    def reward(rows, settings, **their):
        return lambda: (
            ours(program, scored, rows, "reward", settings),
            theirs(RewardTrainer, RewardConfig, scored, rows, auto, **their),
        )

    return {
        "reward": reward(pairs, []),
        "reward, centred": reward(pairs, ["center=0.01"], center_rewards_coefficient=0.01),
        "reward, margins": reward(margins, ['gap="margin"']),
        "process": lambda: (ours(program, token, steps, "value", ["measure=classes"]), list(process_steps(token, steps))),
    }


def compare(name, one, other):
    """The largest difference of the losses; what else has the same name on both sides is printed."""
    assert len(one) == len(other) == EPOCHS * ROWS // BATCH, (name, len(one), len(other))
    gap = max(abs(a["loss"] - b["loss"]) for a, b in zip(one, other))
    shared = sorted((set(one[0]) & set(other[0])) - {"loss"})
    gaps = {key: max(abs(a[key] - b[key]) for a, b in zip(one, other) if key in a and key in b) for key in shared}
    print(f"  {name:20} {gap:.1e}   " + ", ".join(f"{key} {value:.0e}" for key, value in gaps.items()), flush=True)
    return gap


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", nargs="+", help="cases whose names begin with one of these")
    arguments = parser.parse_args()
    worst = 0.0
    for seed in arguments.seeds:
        print(f"seed {seed}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            model = os.path.join(folder, "model")
            checkpoint(model, seed)
            for name, run in cases(arguments.program, model, seed, folder).items():
                if not arguments.only or name.startswith(tuple(arguments.only)):
                    gap = compare(name, *run())
                    worst = max(worst, math.inf if math.isnan(gap) else gap)
    print(f"the largest difference of a loss is {worst:.1e}")
    raise SystemExit(0 if worst < 1e-4 else 1)


if __name__ == "__main__":
    main()
