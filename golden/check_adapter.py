"""What our program writes, read by peft and transformers: an adapter, a merged model and a converted one have the logits that they should.

    python golden/check_adapter.py target/release/autodidact [--families models/networks/tests/families] [--adapters models/networks/tests/adapters]

For every adapter of lora.py, whose folders get a tokenizer of numbers for the while:

    trained     `train --adapter` for one step: peft loads what is written; `score --adapter` gives peft's log-probabilities
    new         `train --set lora_rank=4` on every linear map: the same
    merged      `convert --merge`: transformers loads the folder and gives the log-probabilities of peft
    bf16, f16   `convert --dtype` of that: transformers and `score` give those of the model rounded by torch

One line of JSON for each, with the largest difference; exit status 1 if one is more than 1e-4.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import peft
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM

TOLERANCE = 1e-4
SETTINGS = {"dtype": torch.float32, "attn_implementation": "eager", "local_files_only": True}
IDS = [[1, 9, 33, 12, 60, 5, 27, 44, 8, 3], [1, 50, 7, 7, 19]]


def tokenizer(folder, size=64):
    """The word of a token is its number."""
    special = ["<unk>", "<s>", "</s>"]
    words = {word: number for number, word in enumerate(special + [str(number) for number in range(3, size)])}
    found = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    found.pre_tokenizer = pre_tokenizers.Whitespace()
    found.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>"}))


@torch.no_grad()
def theirs(model):
    rows = []
    for ids in IDS:
        found = torch.log_softmax(model.eval()(torch.tensor([ids])).logits[0, :-1], -1)
        rows.append(found.gather(-1, torch.tensor(ids[1:]).unsqueeze(-1)).squeeze(-1))
    return torch.cat(rows)


def base(folder):
    return AutoModelForCausalLM.from_pretrained(folder, **SETTINGS)


class Ours:
    def __init__(self, program, place):
        self.program, self.place = program, place
        (place / "ids.jsonl").write_text("".join(json.dumps({"tokens": ids}) + "\n" for ids in IDS))
        (place / "texts.jsonl").write_text(json.dumps({"text": " ".join(map(str, IDS[0][1:]))}) + "\n")

    def run(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{arguments}: {done.stderr}")
        return done.stdout

    def scores(self, *arguments):
        lines = self.run("score", *arguments, self.place / "ids.jsonl").splitlines()
        return torch.tensor([number for line in lines for number in json.loads(line)["log_probs"][1:]])

    def train(self, model, out, *arguments):
        self.run("train", "imitate", "--model", model, "--data", self.place / "texts.jsonl", "--out", out, "--steps", 1, *arguments)
        return out


def check(ours, model, adapter):
    """Every way out, for one model and one adapter of it."""
    with_peft = lambda folder: theirs(peft.PeftModel.from_pretrained(base(model), folder))
    place = ours.place
    trained = ours.train(model, place / "trained", "--adapter", adapter, "--set", "lr=0.01")
    new = ours.train(model, place / "new", "--set", "lora_rank=4", "--set", "lr=0.1", "--set", "lora_targets=all-linear")
    for name, folder in [("read", adapter), ("trained", trained), ("new", new)]:
        yield name, with_peft(folder), ours.scores(model, "--adapter", folder)
    assert not torch.equal(with_peft(new), theirs(base(model))), "one step changes something"
    ours.run("convert", model, place / "merged", "--merge", trained, "--dtype", "f32")
    yield "merged", with_peft(trained), theirs(base(place / "merged"))
    for dtype, rounded in [("bf16", torch.bfloat16), ("f16", torch.float16)]:
        ours.run("convert", place / "merged", place / dtype, "--dtype", dtype)
        wanted = base(place / "merged")
        with torch.no_grad():  # the parameters alone: `to` would round the angles of the positions too
            [parameter.copy_(parameter.to(rounded).float()) for parameter in wanted.parameters()]
        found = AutoModelForCausalLM.from_pretrained(place / dtype, dtype="auto", attn_implementation="eager")
        assert found.dtype == rounded and (place / dtype / "tokenizer.json").exists()
        loaded = base(place / dtype)
        assert all(torch.equal(one.float(), other) for one, other in zip(found.parameters(), loaded.parameters()))
        yield dtype, theirs(wanted), theirs(loaded)
        yield f"{dtype}, ours", theirs(wanted), ours.scores(place / dtype)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program")
    parser.add_argument("--families", type=pathlib.Path, default=pathlib.Path("models/networks/tests/families"))
    parser.add_argument("--adapters", type=pathlib.Path, default=pathlib.Path("models/networks/tests/adapters"))
    arguments = parser.parse_args()
    worst = 0.0
    for adapter in sorted(arguments.adapters.iterdir()):
        name = json.loads((adapter / "golden.json").read_text())["base"]
        with tempfile.TemporaryDirectory() as place:
            place = pathlib.Path(place)
            model = shutil.copytree(arguments.families / name, place / name)
            tokenizer(model)
            for what, wanted, found in check(Ours(arguments.program, place), model, adapter):
                difference = float((wanted - found).abs().max())
                worst = max(worst, difference)
                print(json.dumps({"adapter": adapter.name, "what": what, "difference": difference}))
    sys.exit(0 if worst <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
