"""Makes small tokenizers of every kind that is read from GGUF, and what their own libraries make of lines.

    python golden/gguf_tokenizers.py [--out models/tokens/tests/gguf]       # needs gguf, tokenizers, sentencepiece

For each it trains a tokenizer on the lines below, with the `tokenizers` library (byte-level pairs, split as the published
tokenizer.json of that name splits) or with SentencePiece, and writes `NAME.gguf`, the metadata as llama.cpp's converter
writes it beside an empty model, and `NAME.json`: `lines` with their `ids`, as that library encodes them.
"""

import argparse
import io
import json
import pathlib

import numpy
import sentencepiece
from gguf import GGUFWriter
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, trainers
from tokenizers.models import BPE

LINES = [
    "The quick brown fox jumps over the lazy dog, doesn't it? WE'LL see; they'Re not I'm.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Straße, Fuß.",
    "Voix ambiguë d'un cœur qui, au zéphyr, préfère les jattes de kiwis. L'été dernier!",
    "Съешь ещё этих мягких французских булок, да выпей же чаю. 12 345,67 ₽",
    "いろはにほへと ちりぬるを。我能吞下玻璃而不伤身体。 키스의 고유조건은 입술끼리",
    "نص حكيم له سر قاطع وذو شأن عظيم ١٢٣ 456 เป็นมนุษย์สุดประเสริฐ हिन्दी में एक वाक्य",
    "fn main() {\n    let x: Vec<u32> = (0..10).map(|n| n * 2).collect();\n\tprintln!(\"{x:?}\"); // 0x1F\n}\n",
    "def f(a, b=12):\r\n    return a**2 + b/3.14159 if a != b else {'k': [1, 22, 333, 4444, 55555]}\r\n\r\n",
    "   leading  spaces\tand tabs \n\n\n and newlines   \n  trailing   ",
    "CamelCase snake_case kebab-case SCREAMING_CASE iPhone14Pro e.g. i.e. U.S.A. 3rd 1,000,000",
    "🙂 👩‍👩‍👧 café café ½ ﬁ Ⅻ ①②③ \u00a0nbsp\u3000wide",
    "https://example.org/a/b?c=d&e=f#g user@host.net $100.00 50% (a+b)*[c-d]/{e} <tag attr='v'/>",
    "<|im_start|>user\nHello<|im_end|>\n<s> a </s>",
    "",
]
LETTERS = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CAPITALS = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
SHORT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r"\s*[\r\n]+|\s+(?!\S)|\s+"
SIGNS = r" ?[^\s\p{L}\p{N}]+[\r\n]*"
LLAMA3 = rf"{SHORT}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{SIGNS}|{REST}"
QWEN2 = rf"{SHORT}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{SIGNS}|{REST}"
PATHS = r" ?[^\s\p{L}\p{N}]+[\r\n/]*"
CASED = rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}*{LETTERS}+|[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}+{LETTERS}*"
TEKKEN = rf"{CASED}|\p{{N}}|{PATHS}|{REST}"
GPT_4O = rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}*{LETTERS}+{SHORT}?|[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}+{LETTERS}*{SHORT}?|\p{{N}}{{1,3}}|{PATHS}|{REST}"
# name: (what splits, whether texts are put into normal form C, whether words that are tokens are not taken apart)
BYTE_LEVEL = {
    "gpt-2": (None, False, False),
    "smollm": (pre_tokenizers.Digits(individual_digits=True), False, False),
    "llama-bpe": (LLAMA3, False, True),
    "qwen2": (QWEN2, True, False),
    "tekken": (TEKKEN, False, True),
    "gpt-4o": (GPT_4O, False, False),
}
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def begin(path, model):
    writer = GGUFWriter(path, "qwen2")
    for key in ["context_length", "embedding_length", "block_count", "feed_forward_length", "head_count"]:
        getattr(writer, f"add_{key}")(1)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_string("tokenizer.ggml.model", model)
    return writer


def end(writer, tokens):
    writer.add_array("tokenizer.ggml.tokens", tokens)
    writer.add_tensor("token_embd.weight", numpy.zeros((len(tokens), 1), dtype=numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def byte_level(name, split, nfc, whole, out):
    tokenizer = Tokenizer(BPE(ignore_merges=whole))
    tokenizer.normalizer = normalizers.NFC() if nfc else None
    if isinstance(split, str):
        split = pre_tokenizers.Split(Regex(split), "isolated")
        parts = [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    else:
        parts = [split] * (split is not None) + [pre_tokenizers.ByteLevel(add_prefix_space=False)]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=[AddedToken(text, special=True, normalized=False) for text in SPECIALS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.add_tokens([AddedToken("<tag", normalized=False)])
    model = json.loads(tokenizer.to_str())["model"]
    count = tokenizer.get_vocab_size()
    writer = begin(out / f"{name}.gguf", "gpt2")
    writer.add_string("tokenizer.ggml.pre", name)
    writer.add_array("tokenizer.ggml.merges", [" ".join(pair) for pair in model["merges"]])
    writer.add_array("tokenizer.ggml.token_type", [3] * len(SPECIALS) + [1] * (count - len(SPECIALS) - 1) + [4])
    for key, id in [("bos", 1), ("eos", 2), ("padding", 0)]:
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", id)
    begins = name in ("llama-bpe", "tekken")
    end(writer, [tokenizer.id_to_token(id) for id in range(count)])
    return [[1] * begins + tokenizer.encode(line).ids for line in LINES]


def pieces(name, prefix, out):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([line for line in LINES if line]),
        model_writer=model,
        model_type="bpe",
        vocab_size=800,
        byte_fallback=True,
        character_coverage=0.98,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=prefix,
        split_digits=True,
        user_defined_symbols=["<tag"],
        control_symbols=["<|im_start|>", "<|im_end|>"],
        minloglevel=2,
    )
    own = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    count = own.get_piece_size()

    def kind(id):
        tests = [(own.is_unknown, 2), (own.is_control, 3), (own.is_unused, 5), (own.is_byte, 6)]
        return next((kind for test, kind in tests if test(id)), 4 if own.id_to_piece(id) == "<tag" else 1)

    writer = begin(out / f"{name}.gguf", "llama")
    writer.add_string("tokenizer.ggml.pre", "default")
    writer.add_array("tokenizer.ggml.scores", [own.get_score(id) for id in range(count)])
    writer.add_array("tokenizer.ggml.token_type", [kind(id) for id in range(count)])
    for key, id in [("bos", 1), ("eos", 2), ("unknown", 0)]:
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", id)
    writer.add_bool("tokenizer.ggml.add_space_prefix", prefix)
    end(writer, [own.id_to_piece(id) for id in range(count)])
    # control tokens are no text to SentencePiece; here, as in llama.cpp, they are found in texts
    lines = [line for line in LINES if "<|im_start|>" not in line and "<tag" not in line]
    return lines, [[1] + own.encode(line) for line in lines]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="models/tokens/tests/gguf")
    out = pathlib.Path(parser.parse_args().out)
    out.mkdir(parents=True, exist_ok=True)
    for name, (split, nfc, whole) in BYTE_LEVEL.items():
        ids = byte_level(name, split, nfc, whole, out)
        (out / f"{name}.json").write_text(json.dumps({"lines": LINES, "ids": ids}) + "\n")
    for name, prefix in [("pieces", True), ("pieces-bare", False)]:
        lines, ids = pieces(name, prefix, out)
        (out / f"{name}.json").write_text(json.dumps({"lines": lines, "ids": ids}) + "\n")


main()
