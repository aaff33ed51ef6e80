"""Writes arithmetic.jsonl: 1,200 plainly asked sums, differences and products, each once, in random order."""

import json
import pathlib
import random

draw = random.Random(0)
sums = [(f"What is {a} + {b}?", a + b) for a in range(2, 51) for b in range(2, 51)]
differences = [(f"What is {a} - {b}?", a - b) for a in range(3, 51) for b in range(2, a)]
products = [(f"What is {a} * {b}?", a * b) for a in range(2, 22) for b in range(2, 22)]
chosen = [pair for kind in (sums, differences, products) for pair in draw.sample(kind, 400)]
draw.shuffle(chosen)
lines = [json.dumps({"question": question, "answer": str(answer)}) for question, answer in chosen]
pathlib.Path(__file__).with_suffix(".jsonl").write_text("\n".join(lines) + "\n")
