"""Writes two files of plainly asked arithmetic, each question once, in random order.

arithmetic.jsonl has 1,200 sums, differences and products, sums.jsonl 600 sums of numbers up to 30.
"""

import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent


def write(name, pairs):
    lines = [json.dumps({"question": question, "answer": str(answer)}) for question, answer in pairs]
    (HERE / name).write_text("\n".join(lines) + "\n")


draw = random.Random(0)
sums = [(f"What is {a} + {b}?", a + b) for a in range(2, 51) for b in range(2, 51)]
differences = [(f"What is {a} - {b}?", a - b) for a in range(3, 51) for b in range(2, a)]
products = [(f"What is {a} * {b}?", a * b) for a in range(2, 22) for b in range(2, 22)]
chosen = [pair for kind in (sums, differences, products) for pair in draw.sample(kind, 400)]
draw.shuffle(chosen)
write("arithmetic.jsonl", chosen)

small = [(f"What is {a} + {b}?", a + b) for a in range(2, 31) for b in range(2, 31)]
write("sums.jsonl", random.Random(5).sample(small, 600))
