"""Writes the pictures that the tests of `ground/pictures` read, with Pillow, and what Pillow sees in them.

    python3 -m venv /tmp/pillow && /tmp/pillow/bin/pip install pillow pyarrow
    /tmp/pillow/bin/python golden/pictures.py

`same-*.png` show one picture: with colours and opacity, with a palette, and compressed otherwise. `shades.png` and `shades.jpg` are a
slope of colours, `grey.png` has one channel, `animated.png` three pictures; `pixels.json` has the bytes of `Image.convert("RGB")` of each.
`worlds/sources/tests/pictures.parquet` holds pictures as the `datasets` library does: a structure of `bytes` and `path`.
"""

import io
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
from PIL import Image

folder = Path(__file__).parent.parent / "ground/pictures/tests/golden"
folder.mkdir(parents=True, exist_ok=True)

colours = [(255, 0, 0, 255), (0, 0, 255, 128), (0, 255, 0, 255), (10, 20, 30, 0)]
same = Image.new("RGBA", (4, 3))
same.putdata([colours[(x + y) % 4] for y in range(3) for x in range(4)])
same.save(folder / "same-rgba.png")
same.save(folder / "same-other-level.png", compress_level=0)
palette = Image.new("P", (4, 3))
palette.putpalette([channel for colour in colours for channel in colour], rawmode="RGBA")
palette.putdata([(x + y) % 4 for y in range(3) for x in range(4)])
palette.save(folder / "same-palette.png", transparency=bytes(colour[3] for colour in colours))

shades = Image.new("RGB", (24, 16))
shades.putdata([(10 * x, 15 * y, 255 - 5 * (x + y)) for y in range(16) for x in range(24)])
shades.save(folder / "shades.png")
shades.save(folder / "shades.jpg", quality=95, subsampling=0)
Image.frombytes("L", (6, 5), bytes(range(0, 240, 8))).save(folder / "grey.png")

frames = [Image.new("RGB", (4, 4), (40 * n, 0, 0)) for n in range(3)]
frames[0].save(folder / "animated.png", save_all=True, append_images=frames[1:])

seen = {}
for name in ["same-rgba.png", "same-palette.png", "shades.png", "shades.jpg", "grey.png"]:
    image = Image.open(folder / name).convert("RGB")
    seen[name] = {"width": image.width, "height": image.height, "rgb": list(image.tobytes())}
(folder / "pixels.json").write_text(json.dumps(seen) + "\n")


def file_of(shade):
    file = io.BytesIO()
    Image.new("RGB", (2, 2), (shade, shade, shade)).save(file, "PNG")
    return {"bytes": file.getvalue(), "path": None}


rows = [{"image": file_of(shade), "question": "Which shade?", "answer": str(shade)} for shade in (10, 20)]
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder.parents[2] / "worlds/tests/pictures.parquet")
