"""Verdicts of IFEval's reference implementation, as lm-evaluation-harness has it, on its own prompts.

    pip install lm-eval==0.4.13 langdetect nltk immutabledict
    python golden/ifeval.py input_data.jsonl answers.jsonl... --out verdicts.jsonl    # all of them
    python golden/ifeval.py input_data.jsonl answers.jsonl... --golden worlds/instructions/tests/golden.jsonl

A line of answers is {"id": KEY, "completions": [{"text": …}]}, as `autodidact generate` writes them. Every
answer is judged as it is and in the ways of `changed`, which make more instructions come out followed. NLTK's
English model of Punkt must be installed (`nltk.download("punkt_tab")`); language detection is seeded. For
the golden file it keeps three short answers for every instruction and verdict, and no text of the prompts.
"""
import argparse
import collections
import gzip
import json
import random

import langdetect
from lm_eval.tasks.ifeval import utils

langdetect.DetectorFactory.seed = 0


def lines(path):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as file:
        yield from map(json.loads, file)


def changed(text, prompt, kwargs, draw):
    """The answer, and forms of it in which other instructions are followed."""
    given = {key: value for one in kwargs for key, value in one.items() if value}
    parts = [part for part in text.split("\n") if part.strip()] or ["."]
    yield text
    yield text.upper()
    yield text.lower().replace(",", "")
    yield '"' + text.replace('"', "") + '"'
    yield given.get("prompt_to_repeat", prompt) + "\n\n" + text + "\n\n" + str(given.get("postscript_marker", "P.S.")) + " more"
    yield "<<A title>>\n" + "\n".join("* " + part for part in parts[: given.get("num_bullets", 3)])
    yield "\n***\n".join((parts * 5)[: given.get("num_paragraphs", 2)]) + "\n"
    yield "******".join([text, "Another answer: " + text[:40]]) + " " + str(given.get("end_phrase", "the end"))
    first = str(given.get("first_word", "so"))
    yield "\n\n".join(first + " " + part for part in (parts * 5)[: given.get("num_paragraphs", 3)])
    yield "```json\n" + json.dumps({"answer": parts, "n": 3}) + "\n```"
    words = list(given.get("keywords", [])) + [given["keyword"]] * given.get("frequency", 1) if "keyword" in given else list(given.get("keywords", []))
    yield " ".join(words) + " " + text + " [name] [date] [place] *one* **two** My answer is no."
    mark = given.get("section_spliter", "Section")
    yield "\n".join(f"{mark} {number + 1}\n{part}" for number, part in enumerate((parts * 4)[: given.get("num_sections", 2)]))
    letters = list(text)
    for place in draw.sample(range(len(letters)), min(len(letters), 5)):
        letters[place] = draw.choice(".!?,;\"' \n*-AaZz")
    yield "".join(letters)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prompts")
    parser.add_argument("answers", nargs="+")
    parser.add_argument("--out")
    parser.add_argument("--golden")
    asked = parser.parse_args()
    prompts = {record["key"]: record for record in lines(asked.prompts)}
    judged, kept = [], collections.Counter()
    for path in asked.answers:
        for line in lines(path):
            record = prompts[line["id"]]
            draw = random.Random(line["id"])
            for answer in line["completions"]:
                for text in changed(answer["text"], record["prompt"], record["kwargs"], draw):
                    doc = utils.InputExample(record["key"], record["instruction_id_list"], record["prompt"], record["kwargs"])
                    strict = utils.test_instruction_following_strict(doc, text).follow_instruction_list
                    loose = utils.test_instruction_following_loose(doc, text).follow_instruction_list
                    judged.append((record, text, strict, loose))
    draw = random.Random(0)
    if asked.golden:
        draw.shuffle(judged)
    with open(asked.golden or asked.out, "w") as out:
        for record, text, strict, loose in judged:
            names, kwargs = record["instruction_id_list"], record["kwargs"]
            kwargs = [{key: value for key, value in one.items() if value is not None} for one in kwargs]
            if not asked.golden:
                row = {"key": record["key"], "names": names, "kwargs": kwargs, "text": text, "strict": strict, "loose": loose}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                continue
            for name, given, one, other in zip(names, kwargs, strict, loose):
                kind = (name, one, other)
                # of short texts `langdetect` says now this, now that; of letters that are none, the reference draws others
                told = name.startswith(("language:", "change_case:english")) and len(text) < 120
                drawn = not str(given.get("letter", "a")).isalpha()
                if told or drawn:
                    continue
                if len(text) > 400 or name == "combination:repeat_prompt" or kept[kind] >= 3:
                    continue
                kept[kind] += 1
                row = {"name": name, "kwargs": given, "text": text, "strict": one, "loose": other}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{len(judged)} answers, {sum(len(strict) for _, _, strict, _ in judged)} verdicts of each kind")


if __name__ == "__main__":
    main()
