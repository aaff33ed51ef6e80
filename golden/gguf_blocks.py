"""Writes blocks of every quantisation type of GGUF that is read, and the numbers that the `gguf` package makes of them.

    python golden/gguf_blocks.py > models/gguf/tests/blocks.json        # needs gguf 0.19, numpy

For each type: `bytes` in hexadecimal, and `bits`, the f32 numbers as their bits in hexadecimal, both little-endian. Blocks
are random bytes, so that every bit of every field matters; scales that are no finite number are drawn again.
`q8_0` and `bf16` at the end are what the package makes of f32 numbers: the types that are written.
"""

import json

import numpy
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize

READ = "F32 F16 BF16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS".split()


def main():
    random = numpy.random.default_rng(7)
    found = {}
    for name in READ:
        kind = Type[name]
        numbers, size = GGML_QUANT_SIZES[kind]
        blocks = 3 if numbers == 32 else 32 if numbers == 1 else 1
        while True:
            data = random.integers(0, 256, blocks * size, dtype=numpy.uint8)
            with numpy.errstate(all="ignore"):
                values = dequantize(data.reshape(1, -1), kind).ravel().astype(numpy.float32)
            if numpy.isfinite(values).all():
                break
        found[name] = {"bytes": data.tobytes().hex(), "bits": values.tobytes().hex()}
    written = {}
    rows = (random.standard_normal((4, 32)) * [[1.0], [1e-3], [300.0], [0.0]]).astype(numpy.float32)
    rows[0, :4] = [127.0, 0.5, 1.5, -2.5]  # a scale of 1: halves are rounded away from 0
    for name in ["Q8_0", "BF16"]:
        data = quantize(rows, Type[name])
        written[name] = {"bits": rows.tobytes().hex(), "bytes": data.tobytes().hex()}
    print(json.dumps({"read": found, "written": written}, indent=1))


main()
