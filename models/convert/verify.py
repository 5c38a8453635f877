"""The converted file through llama.cpp against the original weights in numpy: cosine on 100 sentences.

    python verify.py ../all-minilm-l6-v2.q8_0.gguf

Ends with status 1 when the worst of them is below 0.995.
"""

import sys
from pathlib import Path

import numpy as np

from llama_embed import LlamaEncoder
from reference import Reference

COSINE_MIN = 0.995
CASES = Path(__file__).parents[1] / "eval" / "cases.tsv"
EDGES = [
    "",
    "CO",
    "¿Señora, me escucha? El sótano está inundándose; ¡vengan ya!",
    "It's 15°F, the furnace (a 1998 Lennox) won't light -- call me at the shop, #4B.",
    "uh " * 120 + "the carbon monoxide alarm is going off",
]


def main(model: Path) -> int:
    sentences = hundred()
    ours = LlamaEncoder(model).embed(sentences)
    reference = Reference()
    original = np.stack([reference.embed(sentence) for sentence in sentences])
    cosines = (ours * original).sum(axis=1)
    worst = int(cosines.argmin())
    print(f"{len(sentences)} sentences: cosine min {cosines.min():.5f}, mean {cosines.mean():.5f}")
    print(f"worst: {sentences[worst][:70]!r}")
    return 0 if cosines.min() >= COSINE_MIN else 1


def hundred() -> list[str]:
    """Every ninth labelled call, filled up with the odd ones."""
    lines = [line.split("\t") for line in CASES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    calls = [columns[5].replace("|", " ") for columns in lines if len(columns) > 5]
    return calls[:: len(calls) // (100 - len(EDGES))][: 100 - len(EDGES)] + EDGES


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
