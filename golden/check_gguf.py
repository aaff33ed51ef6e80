"""Compares what our program makes of a GGUF file with what others make of it.

    autodidact convert model.gguf OURS
    python golden/check_gguf.py model.gguf OURS [--lines FILE] [--tokens 32] [--llama]

needs torch, transformers and gguf; with `--llama`, xllamacpp. It prints how many weights are the same to the bit as
those that the `gguf` package dequantises (rows of queries and keys put in order here, by llama.cpp's converter), and as those
of `transformers`; how many lines have the same token ids as in transformers' own reading of the file and in llama.cpp; and
how many greedy tokens are the same as transformers' and llama.cpp's. Lines are those of a file, or else translations of Vim
(/usr/share/vim) and Python sources, a thousand. The exit status is 1 if anything differs from the `gguf` package, or tokens
from transformers'.
"""

import argparse
import gettext
import glob
import json
import os
import sys
import urllib.request

import numpy
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.torch import load_file
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

PROMPTS = ["What is the capital of France?", "Write a haiku about the sea.", "17 + 25 =", "def fibonacci(n):"]
PARTS = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def lines(path):
    if path:
        return open(path, encoding="utf-8").read().splitlines()
    found = []
    for file in sorted(glob.glob("/usr/share/vim/vim*/lang/*/LC_MESSAGES/vim.mo")):
        folder = file.split("/")[-3]
        if "." in folder and not folder.endswith("UTF-8"):
            continue
        try:
            texts = gettext.GNUTranslations(open(file, "rb"))._catalog.values()
        except UnicodeDecodeError:
            continue  # an old encoding
        found += [text for text in texts if len(text) > 30][10:60]
    found += open(os.__file__).read().splitlines()[:400]
    found += ["  spaces   and\ttabs\n\nlines\r\n", "1234567 + 89 = ٣٤٥ 一二三", "it's We'LL they'Re", "🙂👩‍👩‍👧 é é", "<|im_start|>user\nHi<|im_end|>"]
    return found


def same(name, ours, theirs):
    equal = sum(int((ours[key].view(torch.int32) == theirs[key].view(torch.int32)).sum()) for key in theirs)
    total = sum(value.numel() for value in theirs.values())
    print(f"{name}: {equal} of {total} weights are the same to the bit, {len(theirs)} tensors")
    return equal == total


def dequantised(path):
    reader = GGUFReader(path)
    about = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("tokenizer")}
    kind = about["general.architecture"]
    heads = {"attn_q": about[f"{kind}.attention.head_count"], "attn_k": about[f"{kind}.attention.head_count_kv"]}
    found = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        values = values.reshape([int(size) for size in reversed(tensor.shape)])
        words = tensor.name.split(".")
        if words[0] == "blk":
            if kind == "llama" and words[2] in heads:
                rows, n = values.shape[0], heads[words[2]]
                values = values.reshape(n, rows // n // 2, 2, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)
            name = f"model.layers.{words[1]}.{PARTS[words[2]]}.{words[3]}"
        else:
            name = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}[words[0]] + ".weight"
        found[name] = torch.from_numpy(numpy.ascontiguousarray(values))
    return found


def greedy(model, ids, count):
    ids = torch.tensor([ids])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False)
    return out[0, ids.shape[1] :].tolist()


class Llama:
    """llama.cpp, as the package xllamacpp serves it."""

    def __init__(self, path):
        import xllamacpp

        asked = xllamacpp.CommonParams()
        asked.model.path, asked.n_ctx, asked.n_parallel, asked.cpuparams.n_threads = path, 1024, 1, 2
        self.server = xllamacpp.Server(asked)

    def post(self, path, body):
        head = {"Content-Type": "application/json"}
        asked = urllib.request.Request(self.server.listening_address + path, data=json.dumps(body).encode(), headers=head)
        return json.loads(urllib.request.urlopen(asked).read())

    def tokenize(self, text):
        return self.post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]

    def greedy(self, ids, count):
        body = {"prompt": ids, "n_predict": count, "temperature": 0, "top_k": 1, "return_tokens": True}
        return self.post("/completion", {**body, "cache_prompt": False})["tokens"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("ours")
    parser.add_argument("--lines")
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--llama", action="store_true")
    asked = parser.parse_args()
    folder, name = os.path.split(os.path.abspath(asked.file))
    fine = True

    weights = {}
    for file in glob.glob(os.path.join(asked.ours, "*.safetensors")):
        weights.update(load_file(file))
    fine &= same("gguf", weights, dequantised(asked.file))
    theirs = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    state = {key: value for key, value in theirs.state_dict().items() if key in weights}
    fine &= same("transformers", weights, state)

    ours = PreTrainedTokenizerFast.from_pretrained(asked.ours)
    texts = lines(asked.lines)
    reading = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    equal = sum(ours(text)["input_ids"] == reading(text)["input_ids"] for text in texts)
    print(f"transformers' reading of the tokenizer: {equal} of {len(texts)} lines have the same ids")
    if next(value.contents() for key, value in GGUFReader(asked.file).fields.items() if key == "tokenizer.ggml.pre") == "smollm":
        # transformers does not look at `tokenizer.ggml.pre`: in SmolLM's own tokenizer.json every digit is apart
        parts = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        reading.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
        equal = sum(ours(text)["input_ids"] == reading(text)["input_ids"] for text in texts)
        print(f"  with digits apart: {equal} of {len(texts)}")
    if asked.llama:
        llama = Llama(asked.file)
        differ = [text for text in texts if ours(text, add_special_tokens=False)["input_ids"] != llama.tokenize(text)]
        print(f"llama.cpp: {len(texts) - len(differ)} of {len(texts)} lines have the same ids", differ[:5])

    mine = AutoModelForCausalLM.from_pretrained(asked.ours, dtype=torch.float32)
    for prompt in PROMPTS:
        ids = ours.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True, return_dict=False)
        wanted, found = greedy(theirs, ids, asked.tokens), greedy(mine, ids, asked.tokens)
        print(f"{prompt!r}: {sum(a == b for a, b in zip(wanted, found))} of {len(wanted)} greedy tokens are transformers'")
        fine &= wanted == found
        if asked.llama:
            told = llama.greedy(ids, len(wanted))
            print(f"  llama.cpp: {sum(a == b for a, b in zip(wanted, told))} of {len(wanted)}")
    sys.exit(not fine)


main()
