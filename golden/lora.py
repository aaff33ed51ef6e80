"""Makes the golden numbers of adapters: PEFT's on the tiny checkpoints of families.py, and what peft and torch compute with them.

    python golden/lora.py [--only qwen3] [--seed 11] [--families models/networks/tests/families] [--out models/networks/tests/adapters]

For each variant it writes the adapter's folder as PEFT does (adapter_config.json, adapter_model.safetensors) and:

    golden.json               base (the checkpoint), input_ids, logits_at, logits, log_probs, loss: as in families.py;
                              losses: of STEPS steps of AdamW over the adapter, one batch of both sequences, the first being `loss`
Of those in MERGED (DoRA, modules saved whole) there are the numbers up to log_probs, in a folder of their own. Of the others:

    gradients.safetensors     of the loss by every A and B, before the first step, under the names of the adapter's file

A and B are drawn (a new B is zero, and would hide A's part); there is no dropout. Everything is f32 with the eager attention.
"""

import argparse
import json
import pathlib
import shutil
import warnings

import peft
import torch
import transformers
from families import BATCH, LENGTH, VOCAB, log_probs_of, shorten
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

STEPS = 5
ADAMW = {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}

# Name: checkpoint, settings.
VARIANTS = {
    "qwen3": ("qwen3", {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]}),
    "gemma2-rslora": ("gemma2", {"r": 3, "lora_alpha": 6, "use_rslora": True, "target_modules": "all-linear"}),
    "gpt2": ("gpt2", {"r": 4, "lora_alpha": 4, "target_modules": ["c_attn", "mlp.c_proj"], "fan_in_fan_out": True}),
    "phi3": ("phi3", {"r": 2, "lora_alpha": 5, "target_modules": ["qkv_proj", "gate_up_proj", "down_proj"]}),
    "llama-bias": (
        "llama-llama3",
        {"r": 4, "lora_alpha": 2, "target_modules": ["o_proj", "up_proj", "k_proj"], "layers_to_transform": [1]},
    ),
    "qwen3-ranks": (
        "qwen3",
        {
            "r": 4,
            "lora_alpha": 8,
            "target_modules": ["q_proj", "v_proj", "down_proj"],
            "rank_pattern": {"layers.1.self_attn.q_proj": 2, "down_proj": 6},
            "alpha_pattern": {r"layers\.\d+\.mlp\.down_proj": 3, "v_proj": 5},
        },
    ),
}

# What is read and merged: nothing is trained of it.
MERGED = {
    "qwen3-dora": ("qwen3", {"r": 4, "lora_alpha": 8, "use_dora": True, "target_modules": "all-linear"}),
    "phi3-dora": ("phi3", {"r": 2, "lora_alpha": 5, "use_dora": True, "target_modules": ["qkv_proj", "down_proj"]}),
    "gpt2-dora": (
        "gpt2",
        {"r": 4, "lora_alpha": 4, "use_dora": True, "target_modules": ["c_attn"], "fan_in_fan_out": True},
    ),
    "qwen3-saved": (
        "qwen3",
        {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj"], "modules_to_save": ["lm_head", "embed_tokens"]},
    ),
    "yarn-saved-head": ("llama-yarn", {"r": 4, "lora_alpha": 8, "target_modules": ["v_proj"], "modules_to_save": ["lm_head"]}),
    "qwen2-saved-table": (
        "qwen2",
        {"r": 4, "lora_alpha": 8, "target_modules": ["v_proj"], "modules_to_save": ["embed_tokens"]},
    ),
}


def make(checkpoint, settings, seed):
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation="eager")
    torch.manual_seed(seed)
    config = peft.LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = peft.get_peft_model(model, config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_magnitude" in name:
                parameter.mul_(torch.empty_like(parameter).uniform_(0.6, 1.5))
            elif "lora_" in name:
                parameter.normal_(0.0, 0.3)
            elif "modules_to_save" in name:
                parameter.add_(torch.empty_like(parameter).normal_(0.0, 0.1))
    return model


def loss_of(model, input_ids):
    return -log_probs_of(model(input_ids).logits[:, :-1], input_ids[:, 1:]).mean()


def trained(model):
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def golden(model, checkpoint, seed, trains):
    generator = torch.Generator().manual_seed(seed + 1)
    input_ids = torch.randint(3, VOCAB, (BATCH, LENGTH), generator=generator)
    input_ids[:, 0] = 1
    at = [0, 1, LENGTH // 2, LENGTH - 1]
    with torch.no_grad():
        logits = model(input_ids).logits
    numbers = {
        "made_by": "golden/lora.py",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
        "seed": seed,
        "base": checkpoint.name,
        "input_ids": input_ids.tolist(),
        "logits_at": at,
        "logits": logits[0, at].tolist(),
        "log_probs": log_probs_of(logits[:, :-1], input_ids[:, 1:]).tolist(),
    }
    if not trains:
        return numbers, None
    optimizer, losses, gradients = torch.optim.AdamW(trained(model).values(), **ADAMW), [], None
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model, input_ids)
        loss.backward()
        gradients = gradients or {
            name.replace(".default", ""): parameter.grad.clone() for name, parameter in trained(model).items()
        }
        optimizer.step()
        losses.append(float(loss.detach()))
    return numbers | {"loss": losses[0], "losses": losses}, gradients


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", help="variants whose names begin so, separated by commas; all if left out")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--families", type=pathlib.Path, default=pathlib.Path("models/networks/tests/families"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("models/networks/tests/adapters"))
    parser.add_argument("--merged", type=pathlib.Path, default=pathlib.Path("models/networks/tests/adapters-merged"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name, (checkpoint, settings) in (VARIANTS | MERGED).items():
        if not name.startswith(tuple((arguments.only or "").split(","))):
            continue
        root = arguments.out if name in VARIANTS else arguments.merged
        checkpoint, folder = arguments.families / checkpoint, root / name
        model = make(checkpoint, settings, arguments.seed)
        shutil.rmtree(folder, ignore_errors=True)
        model.peft_config["default"].base_model_name_or_path = checkpoint.name
        model.save_pretrained(folder, save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)
        numbers, gradients = golden(model, checkpoint, arguments.seed, name in VARIANTS)
        if gradients:
            save_file(gradients, folder / "gradients.safetensors")
        (folder / "golden.json").write_text(json.dumps(shorten(numbers), separators=(",", ":")) + "\n")
        print(name, sum(path.stat().st_size for path in folder.iterdir()), "bytes")


if __name__ == "__main__":
    main()
