"""Vectors of all calls through llama.cpp and the shipped encoder file; what was embedded once is kept.

    python embed.py data/calls.jsonl data/vectors.npz
"""

import json
import random
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ENCODER = HERE.parent / "all-minilm-l6-v2.q8_0.gguf"
sys.path.insert(0, str(HERE.parent / "convert"))
from llama_embed import LlamaEncoder  # noqa: E402  (a neighbour folder, not a package)

CHUNK = 512


def main(calls: Path, store: Path) -> None:
    texts = sorted({text_of(json.loads(line)) for line in calls.open(encoding="utf-8")})
    known = load(store)
    missing = [text for text in texts if text not in known]
    random.Random(1).shuffle(missing)
    encoder, started = LlamaEncoder(ENCODER), time.monotonic()
    for at in range(0, len(missing), CHUNK):
        chunk = missing[at : at + CHUNK]
        known.update(zip(chunk, encoder.embed(chunk)))
        save(store, known)
        print(f"{at + len(chunk)} of {len(missing)}, {time.monotonic() - started:.0f} s", flush=True)


def text_of(call: dict) -> str:
    """What the heads see: the caller's words of the call so far."""
    return " ".join(call["turns"])


def load(store: Path) -> dict[str, np.ndarray]:
    if not store.exists():
        return {}
    kept = np.load(store)
    return dict(zip(kept["texts"].tolist(), kept["vectors"]))


def save(store: Path, known: dict[str, np.ndarray]) -> None:
    part = store.with_suffix(".part.npz")
    np.savez(part, texts=np.array(list(known)), vectors=np.stack(list(known.values())).astype(np.float16))
    part.replace(store)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
