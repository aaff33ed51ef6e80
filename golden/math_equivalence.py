"""Runs math-verify (the verifier of open-r1 and TRL) over our table of pairs and says what it settles as labelled.

    python3 -m venv /tmp/math-verify
    /tmp/math-verify/bin/pip install "math-verify==0.9.0"
    /tmp/math-verify/bin/python golden/math_equivalence.py

Twice: with each reference in dollar signs and each answer in \\boxed{}, as its documentation asks for, and with every
combination of plain, dollar signs and box, right if any pair of them is. What our table calls unsettled counts as settled by anything but
"right". Ours is a test: `cargo test -p autodidact-answers`.
"""

import json
import logging
import pathlib
import sys
from importlib.metadata import version

from math_verify import parse, verify

TABLE = pathlib.Path(__file__).parent.parent / "worlds/answers/tests/pairs.tsv"


def right(gold: str, answer: str, every: bool) -> bool:
    def wraps(text: str, usual: str) -> list[str]:
        return [text, f"${text}$", f"\\boxed{{{text}}}"] if every else [usual]

    golds = [parse(text) for text in wraps(gold, f"${gold}$")]
    answers = [parse(text) for text in wraps(answer, f"\\boxed{{{answer}}}")]
    return any(verify(g, a) for g in golds for a in answers if g and a)


def count(every: bool) -> dict:
    counts: dict[str, list[int]] = {}
    missed = []
    section = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            section = line[2:]
            continue
        gold, answer, expected, why = line.split("\t")
        try:
            said = right(gold, answer, every)
        except Exception as error:  # whatever it raises, it has not settled the pair
            said = None
            why += f" [{type(error).__name__}]"
        settled = said is not None and said == (expected == "right")
        tally = counts.setdefault(section, [0, 0])
        tally[0] += settled
        tally[1] += 1
        if not settled:
            missed.append(f"{gold}  |  {answer}  is {expected} ({why})")
    if "--missed" in sys.argv:
        print("\n".join(missed), file=sys.stderr)
    return {"settled": sum(tally[0] for tally in counts.values()), "sections": counts}


def main() -> None:
    logging.disable(logging.CRITICAL)
    print(json.dumps({"math-verify": version("math-verify"), "as documented": count(False), "any wrapping": count(True)}))


if __name__ == "__main__":
    main()
