"""The judge's own byte-level BPE of 4096 tokens, trained on what it will read. " A" to " H" are one token each.

    python judge_vocab.py data/calls.jsonl data/judge-vocab.json
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import judge_text

SIZE = 4096
BEGIN, END, PAD = "<|begin|>", "<|end|>", "<|pad|>"


def main(calls: Path, target: Path) -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=SIZE, special_tokens=[BEGIN, END, PAD],
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts(calls), trainer)
    for letter in "ABCDEFGH":
        if len(tokenizer.encode(" " + letter).ids) != 1:
            raise SystemExit(f"' {letter}' is not a single token: give it more weight in texts()")
    tokenizer.save(str(target))
    print(f"{target}: {tokenizer.get_vocab_size()} tokens")


def texts(calls: Path):
    rng = random.Random(7)
    for number, line in enumerate(calls.open(encoding="utf-8")):
        call = json.loads(line)
        yield judge_text.call_lines(call, rng)
        yield judge_text.card(call) or ""
        if number % 20 == 0:
            yield judge_text.prefix(judge_text.runbook(rng))
            yield "Severity: A Service: B Action: C Card: D E F G H"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
