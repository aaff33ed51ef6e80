"""How fast llama.cpp decodes small Llamas on this machine's processor.

    python benches/rivals/llama_speed.py [--sizes 135M] [--threads 2] [--repeats 5] [--quick]

One JSON object goes to stdout in the form of torch_speed.py's (without training), progress to stderr. The weights are random; they are
written as GGUF in F32 and in BF16, and each file is loaded by llama.cpp through its library (llama-cpp-python). Decoding is greedy, as many
sequences at a time as in torch_speed.py, each from a prompt of its own; only new tokens count, the time of the prompts is included. Every
step is one llama_decode of one token a sequence, and the likeliest token of each row of logits is found with NumPy.
"""

import argparse
import ctypes
import json
import platform
import sys
import tempfile
import time

import gguf
import llama_cpp
import numpy
from torch_speed import NEW, PROMPT, SIZES, median_rate, processor


def write(path, shape, kind):
    """A Llama of this shape with random weights."""
    vocabulary, width, layers, heads, key_value_heads, feed_forward, tied = shape
    head = width // heads
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(512)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(key_value_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(vocabulary)
    writer.add_tokenizer_model("no_vocab")
    random = numpy.random.default_rng(0)

    def matrix(name, rows, columns):
        numbers = (random.standard_normal((rows, columns)) * columns**-0.5).astype(numpy.float32)
        numbers = gguf.quantize(numbers, gguf.GGMLQuantizationType[kind])
        writer.add_tensor(name, numbers, raw_dtype=gguf.GGMLQuantizationType[kind])

    def gain(name):
        writer.add_tensor(name, numpy.ones(width, dtype=numpy.float32))

    matrix("token_embd.weight", vocabulary, width)
    for layer in range(layers):
        block = f"blk.{layer}."
        gain(block + "attn_norm.weight")
        matrix(block + "attn_q.weight", heads * head, width)
        matrix(block + "attn_k.weight", key_value_heads * head, width)
        matrix(block + "attn_v.weight", key_value_heads * head, width)
        matrix(block + "attn_output.weight", width, heads * head)
        gain(block + "ffn_norm.weight")
        matrix(block + "ffn_gate.weight", feed_forward, width)
        matrix(block + "ffn_up.weight", feed_forward, width)
        matrix(block + "ffn_down.weight", width, feed_forward)
    gain("output_norm.weight")
    if not tied:
        matrix("output.weight", vocabulary, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def fill(batch, rows):
    """Rows of (token, position, sequence, whether its logits are wanted)."""
    batch.n_tokens = len(rows)
    for place, (token, position, sequence, wanted) in enumerate(rows):
        batch.token[place] = int(token)
        batch.pos[place] = position
        batch.n_seq_id[place] = 1
        batch.seq_id[place][0] = sequence
        batch.logits[place] = wanted


def likeliest(context, rows, vocabulary):
    """The likeliest token of each of these rows."""
    row = lambda place: numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, place), shape=(vocabulary,))
    return [int(row(place).argmax()) for place in rows]


def decoding(path, vocabulary, sequences, settings):
    parameters = llama_cpp.llama_model_default_params()
    parameters.n_gpu_layers = 0
    model = llama_cpp.llama_model_load_from_file(path.encode(), parameters)
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = sequences * (PROMPT + NEW) + 64
    parameters.n_batch = parameters.n_ubatch = 512
    parameters.n_seq_max = sequences
    parameters.n_threads = parameters.n_threads_batch = settings.threads
    if hasattr(parameters, "kv_unified"):
        parameters.kv_unified = True
    context = llama_cpp.llama_init_from_model(model, parameters)
    assert context, "llama.cpp could not make a context"
    batch = llama_cpp.llama_batch_init(sequences * PROMPT, 0, 1)
    prompts = numpy.random.default_rng(1).integers(0, vocabulary, (sequences, PROMPT))

    def decode():
        failed = llama_cpp.llama_decode(context, batch)
        assert failed == 0, f"llama_decode said {failed}"

    def generate():
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        places = [(sequence, position) for sequence in range(sequences) for position in range(PROMPT)]
        fill(batch, [(prompts[s][p], p, s, p == PROMPT - 1) for s, p in places])
        decode()
        tokens = likeliest(context, range(PROMPT - 1, sequences * PROMPT, PROMPT), vocabulary)
        for step in range(1, NEW):
            fill(batch, [(tokens[s], PROMPT + step - 1, s, True) for s in range(sequences)])
            decode()
            tokens = likeliest(context, range(sequences), vocabulary)

    rate = median_rate(generate, sequences * NEW, settings)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return round(rate, 1)


def measure(name, settings):
    shape, sequences = SIZES[name]["shape"], SIZES[name]["decode"]
    result = {"size": name, "decoding": {"batch": sequences, "prompt": PROMPT, "new": NEW}}
    for word, kind in [("f32", "F32"), ("bf16", "BF16")]:
        with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
            write(file.name, shape, kind)
            rate = decoding(file.name, shape[0], sequences, settings)
        result["decoding"][word] = {"tokens_per_second": rate}
        print(f"{name} decoding {word}: {rate:,.0f} tokens/s", file=sys.stderr)
    return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["135M"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="repeats of a fifth of a second: for trying out, not for quoting")
    settings = parser.parse_args()
    settings.seconds, settings.device = (0.2 if settings.quick else 1.0), "cpu"
    silent = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)
    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    report = {
        "program": "benches/rivals/llama_speed.py",
        "llama_cpp": llama_cpp.__version__,
        "python": platform.python_version(),
        "device": "cpu",
        "processor": processor(),
        "threads": settings.threads,
        "repeats": settings.repeats,
        "quick": settings.quick,
        "results": [measure(name, settings) for name in settings.sizes],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
