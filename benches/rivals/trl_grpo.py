"""How long TRL's GRPOTrainer takes for a step, and how much memory, on this machine's processor.

    python benches/rivals/trl_grpo.py [--sizes 0.8M 5M] [--threads 2] [--steps 5]

One JSON object goes to stdout, progress to stderr. A step: completions of 64 tokens to prompts of 16, eight to each and as many
as the size decodes at a time (64 at 0.8M, 16 at 91M), are sampled, rewarded, scored and learned from in one update, in f32 and with bf16's autocast. The figure is the median of the steps' own times after the first;
memory is the process's peak. Random tokens and weights: speed does not depend on what they say.
"""

import argparse
import contextlib
import json
import resource
import statistics
import sys
import tempfile
import time

import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from torch_speed import SIZES, make
from transformers import PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

GROUP, PROMPT, NEW = 8, 16, 64


def words(vocabulary):
    """A tokenizer of as many words as the model has tokens."""
    known = {f"w{number}": number for number in range(vocabulary - 2)} | {"<pad>": vocabulary - 2, "<end>": vocabulary - 1}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<end>", padding_side="left")


class Clock(TrainerCallback):
    def __init__(self):
        self.times = []

    def on_step_end(self, *_, **__):
        self.times.append(time.perf_counter())


def measure(name, settings, bf16):
    shape, answers = SIZES[name]["shape"], SIZES[name]["decode"]
    model, tokenizer = make(shape), words(shape[0])
    model.config.eos_token_id = model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.config.pad_token_id = model.generation_config.pad_token_id = tokenizer.pad_token_id
    draw = torch.Generator().manual_seed(1)
    prompt = lambda: " ".join(f"w{n}" for n in torch.randint(0, shape[0] - 2, (PROMPT,), generator=draw).tolist())
    data = Dataset.from_list([{"prompt": prompt()} for _ in range(answers // GROUP * (settings.steps + 1))])
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        arguments = GRPOConfig(
            output_dir=folder,
            per_device_train_batch_size=answers,
            num_generations=GROUP,
            max_completion_length=NEW,
            max_steps=settings.steps + 1,
            learning_rate=1e-5,
            beta=0.0,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            use_cpu=True,
            bf16=bf16,
            disable_tqdm=True,
            generation_kwargs={"min_new_tokens": NEW},
        )
        reward = lambda completions, **_: [float(len(set(text.split())) % 7) for text in completions]
        GRPOTrainer(
            model=model, args=arguments, train_dataset=data, reward_funcs=reward, processing_class=tokenizer, callbacks=[clock]
        ).train()
    seconds = [after - before for before, after in zip(clock.times, clock.times[1:])]
    precision = "bf16" if bf16 else "f32"
    return {"size": name, "precision": precision, "seconds": statistics.median(seconds), "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["0.8M"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two steps: for trying out, not for quoting")
    settings = parser.parse_args()
    settings.steps = 2 if settings.quick else settings.steps
    torch.set_num_threads(settings.threads)
    # the trainer prints its own figures; stdout is for the object
    with contextlib.redirect_stdout(sys.stderr):
        results = [measure(name, settings, bf16) for name in settings.sizes for bf16 in (False, True)]
    versions = {"trl": trl.__version__, "torch": torch.__version__, "transformers": transformers.__version__}
    json.dump({"program": "trl_grpo", **versions, "threads": settings.threads, "results": results}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
