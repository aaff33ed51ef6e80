"""Loads a model folder that Autodidact wrote with transformers, unchanged, and says what transformers makes of it.

    python golden/check_saved.py FOLDER --prompt "4 7 8 8 :"     greedy continuation, in text
    python golden/check_saved.py FOLDER --ids 1,9,12 --logits    the same from token ids, with the last position's logits
    python golden/check_saved.py FOLDER --against NUMBERS.json   compares; exit status 1 if anything differs


NUMBERS.json holds any of the keys of `golden.json` (see golden/llama.py and golden/families.py): input_ids with logits
(at every position, or of the first sequence at `logits_at`) and log_probs; prompt (token ids) with continuation and
prompt_log_probs. Numbers may differ by 1e-4, tokens not at all.
One JSON object goes to stdout, remarks to stderr.
"""

import argparse
import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

TOLERANCE = 1e-4


def load(folder):
    """The model, and the tokenizer if the folder has one. Nothing is looked for outside the folder."""
    # eager attention is the only one that every family's soft caps go through
    settings = {"local_files_only": True, "dtype": torch.float32, "attn_implementation": "eager"}
    model = AutoModelForCausalLM.from_pretrained(folder, **settings).eval()
    has_tokenizer = (folder / "tokenizer.json").exists()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True) if has_tokenizer else None
    return model, tokenizer


@torch.no_grad()
def continue_greedily(model, prompt, count, ends=()):
    """Greedy decoding by full passes, up to `count` tokens or one of `ends`."""
    tokens, log_probs, logits = list(prompt), [], None
    for _ in range(count):
        logits = model(torch.tensor([tokens])).logits[0, -1]
        token = int(logits.argmax())
        log_probs.append(float(torch.log_softmax(logits, dim=-1)[token]))
        tokens.append(token)
        if token in ends:
            break
    return tokens[len(prompt) :], log_probs, logits


@torch.no_grad()
def differences(model, ours):
    """The largest difference for every key that can be compared; tokens count as 0 or infinite."""
    found = {}
    if "input_ids" in ours:
        input_ids = torch.tensor(ours["input_ids"])
        logits = model(input_ids).logits
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1).gather(-1, input_ids[:, 1:].unsqueeze(-1)).squeeze(-1)
        if "logits_at" in ours:
            logits = logits[0, ours["logits_at"]]
        for key, theirs in [("logits", logits), ("log_probs", log_probs)]:
            if key in ours:
                found[key] = largest(torch.tensor(ours[key]), theirs)
    if "prompt" in ours and "continuation" in ours:
        tokens, log_probs, _ = continue_greedily(model, ours["prompt"], len(ours["continuation"]))
        found["continuation"] = 0.0 if tokens == ours["continuation"] else float("inf")
        if "prompt_log_probs" in ours and tokens == ours["continuation"]:
            found["prompt_log_probs"] = largest(torch.tensor(ours["prompt_log_probs"]), torch.tensor(log_probs))
    return found


def largest(ours, theirs):
    if ours.shape != theirs.shape:
        return float("inf")
    difference = float((ours - theirs).abs().max())
    return difference if difference == difference else float("inf")  # a NaN agrees with nothing


def answer(model, tokenizer, arguments):
    """What transformers answers to a prompt."""
    if arguments.ids:
        ids = [int(word) for word in arguments.ids.split(",")]
    elif tokenizer:
        ids = tokenizer(arguments.prompt)["input_ids"]
    else:
        sys.exit("error: the folder has no tokenizer.json, so --prompt cannot be read; give --ids")
    ends = model.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    tokens, log_probs, logits = continue_greedily(model, ids, arguments.max_tokens, ends)
    reply = {"prompt": ids, "continuation": tokens, "prompt_log_probs": log_probs}
    if tokenizer:
        reply["text"] = tokenizer.decode(tokens, skip_special_tokens=True)
    if arguments.logits:
        reply["last_logits"] = logits.tolist()
    return reply


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--prompt", help="text, encoded by the folder's tokenizer as it stands")
    parser.add_argument("--ids", help="token ids, separated by commas")
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--logits", action="store_true", help="print the logits at the last position too")
    parser.add_argument("--against", type=pathlib.Path, metavar="NUMBERS.json")
    arguments = parser.parse_args()
    model, tokenizer = load(arguments.folder)
    reply = {"folder": str(arguments.folder), "parameters": model.num_parameters()}
    if arguments.prompt is not None or arguments.ids:
        reply |= answer(model, tokenizer, arguments)
    agree = True
    if arguments.against:
        found = differences(model, json.loads(arguments.against.read_text()))
        agree = bool(found) and all(difference <= TOLERANCE for difference in found.values())
        reply |= {"differences": {key: min(value, 1e30) for key, value in found.items()}, "agree": agree}
        if not found:
            print("hint: the file holds nothing to compare; see --help for its keys", file=sys.stderr)
    print(json.dumps(reply))
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
