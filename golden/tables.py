"""Small Parquet files as pyarrow writes them, in the shapes of public data sets, and the same rows as JSON lines.

    python golden/tables.py            # needs pyarrow

Writes golden/tables/NAME.parquet and golden/tables/NAME.jsonl; the tests of worlds/sources read both and compare.
Writes golden/tables/lists/NAME.parquet too: lists of texts out of a dictionary that holds one of a megabyte.
"""

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet

HERE = Path(__file__).parent / "tables"


def talk(system, user, assistant):
    said = [("system", system), ("user", user), ("assistant", assistant)]
    return [{"role": role, "content": text} for role, text in said if text is not None]


TABLES = {
    # name: (rows, how the file is written)
    "messages": (
        [{"id": n, "messages": talk("Add." if n % 2 else None, f"{n} + {n}?", str(2 * n)), "score": n / 8} for n in range(40)],
        {"compression": "snappy", "row_group_size": 16},
    ),
    "choices": (
        [
            {"question": f"Which is {n}?", "choices": {"text": ["none", str(n)], "label": ["A", "B"]}, "answerKey": "B"}
            for n in range(6)
        ],
        {"compression": "gzip", "use_dictionary": False},
    ),
    "preferences": (
        [
            {"prompt": "Größe?", "chosen": talk(None, "Größe?", "zwölf ✓"), "rejected": talk(None, "Größe?", "drei"), "margin": 0.1},
            {"prompt": "Zwei?", "chosen": talk(None, "Zwei?", "2"), "rejected": [], "margin": None},
        ],
        {"compression": "zstd", "data_page_version": "2.0"},
    ),
    "instructions": (
        [{"instruction": f"Say {n}.", "input": None, "output": f"{n}", "tags": [["a"], [], None], "when": n * 10**12} for n in range(5)],
        {"compression": "lz4"},
    ),
}

HERE.mkdir(exist_ok=True)
for name, (rows, how) in TABLES.items():
    parquet.write_table(pyarrow.Table.from_pylist(rows), HERE / f"{name}.parquet", **how)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (HERE / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

# One text of a megabyte, which takes a thousand bytes in a compressed dictionary.
LONG = "a" * (1 << 20)
LISTS = {
    # a row that says it 3,000 times, and 3,000 rows of which one says it once
    "one-long-row": [[LONG] * 3000],
    "many-short-rows": [["b", "c"] if n else [LONG, "c"] for n in range(3000)],
}

(HERE / "lists").mkdir(exist_ok=True)
for name, lists in LISTS.items():
    texts = sorted({text for items in lists for text in items})
    indices = pyarrow.array([texts.index(text) for items in lists for text in items], pyarrow.int32())
    cells = pyarrow.DictionaryArray.from_arrays(indices, pyarrow.array(texts))
    offsets = [0]
    for items in lists:
        offsets.append(offsets[-1] + len(items))
    column = pyarrow.ListArray.from_arrays(pyarrow.array(offsets, pyarrow.int32()), cells)
    table = pyarrow.table({"text": column})
    parquet.write_table(table, HERE / "lists" / f"{name}.parquet", compression="gzip", dictionary_pagesize_limit=1 << 26)
