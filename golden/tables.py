"""Small Parquet files as pyarrow writes them, in the shapes of public data sets, and the same rows as JSON lines.

    python golden/tables.py            # needs pyarrow

Writes golden/tables/NAME.parquet and golden/tables/NAME.jsonl; the tests of worlds/sources read both and compare.
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
