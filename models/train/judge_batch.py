"""Calls as token batches: the call, its three questions side by side, and in some batches the card."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import judge_text

PREFIX_MAX = 352
CALL_LENGTHS = (64,)
CARD_MAX = 34
BEGIN, END, PAD = 0, 1, 2
CALL, CARD = 0, 9  # segments; the questions are 1, 2, 3


@dataclass
class Example:
    call: list[int]
    letters: list[int]  # the token of the answer to each question, or -1
    card: list[int]


@dataclass
class Batch:
    """`targets` is the next token where it is trained on, else -1; `weight` says how much."""

    prefix: np.ndarray
    ids: np.ndarray
    positions: np.ndarray
    sees: np.ndarray
    targets: np.ndarray
    weight: np.ndarray


def read(path: Path, tokenizer: Tokenizer, split: str, seed: int) -> list[Example]:
    rng = random.Random(seed)
    examples = []
    for line in path.open(encoding="utf-8"):
        call = json.loads(line)
        if call["split"] != split:
            continue
        letters = judge_text.letters(call)
        card = judge_text.card(call)
        examples.append(Example(
            tokenizer.encode(judge_text.call_lines(call, rng)).ids,
            [tokenizer.encode(letter).ids[0] if letter else -1 for letter in letters.values()],
            tokenizer.encode(card).ids + [END] if card else [],
        ))
    return [example for example in examples if len(example.call) <= CALL_LENGTHS[-1]]


def batches(examples: list[Example], tokenizer: Tokenizer, rng: random.Random, size: int = 24, card_every: int = 5):
    """One pass in random order; calls of like length stand together, every fifth batch has cards."""
    by_length: dict[int, list[Example]] = {length: [] for length in CALL_LENGTHS}
    for example in examples:
        by_length[next(length for length in CALL_LENGTHS if len(example.call) <= length)].append(example)
    plan = []
    for length, group in by_length.items():
        rng.shuffle(group)
        plan += [(length, group[at : at + size]) for at in range(0, len(group) - size + 1, size)]
    rng.shuffle(plan)
    for number, (length, group) in enumerate(plan):
        yield build(group, length, tokenizer, rng, with_card=card_every > 0 and number % card_every == 0)


def build(group: list[Example], length: int, tokenizer: Tokenizer, rng: random.Random, with_card: bool,
          drop: float = 0.06, runbook: str | None = None) -> Batch:
    questions = [tokenizer.encode(question).ids for question in judge_text.BRANCHES]
    card_question = tokenizer.encode(judge_text.CARD).ids
    width = length + sum(map(len, questions)) + (len(card_question) + CARD_MAX if with_card else 0)
    ids = np.full((len(group), width), PAD, np.int32)
    segment = np.full((len(group), width), -1, np.int32)
    positions = np.zeros((len(group), width), np.int32)
    targets = np.full((len(group), width), -1, np.int32)
    weight = np.zeros((len(group), width), np.float32)
    prefix = [BEGIN] + tokenizer.encode(judge_text.prefix(judge_text.runbook(rng) if runbook is None else runbook)).ids
    prefix = prefix[:PREFIX_MAX]
    for row, example in enumerate(group):
        call = [rng.randrange(3, 4096) if rng.random() < drop else token for token in example.call]
        place(ids, segment, positions, row, 0, call, CALL, len(prefix))
        after = len(prefix) + len(call)
        at = length
        for number, question in enumerate(questions):
            place(ids, segment, positions, row, at, question, number + 1, after)
            at += len(question)
            if example.letters[number] >= 0:
                targets[row, at - 1], weight[row, at - 1] = example.letters[number], 1.0
        if with_card and 0 < len(example.card) <= CARD_MAX:
            place(ids, segment, positions, row, at, card_question + example.card, CARD, after)
            learned = slice(at + len(card_question) - 1, at + len(card_question) - 1 + len(example.card))
            targets[row, learned], weight[row, learned] = example.card, 0.1
            targets[row, : len(example.call) - 1], weight[row, : len(example.call) - 1] = example.call[1:], 0.02
    padded = np.full(PREFIX_MAX, PAD, np.int32)
    padded[: len(prefix)] = prefix
    return Batch(padded, ids, positions, sight(segment, len(prefix)), targets, weight)


def place(ids, segment, positions, row: int, at: int, tokens: list[int], which: int, position: int) -> None:
    here = slice(at, at + len(tokens))
    ids[row, here], segment[row, here] = tokens, which
    positions[row, here] = np.arange(position, position + len(tokens))


def sight(segment: np.ndarray, prefix_length: int) -> np.ndarray:
    """Who sees whom: everybody the prefix and the call before it, a question itself, padding itself only."""
    size = segment.shape[1]
    earlier = np.tril(np.ones((size, size), bool))[None]
    own = segment[:, :, None] == segment[:, None, :]
    call = (segment == CALL)[:, None, :]
    real = (segment >= 0)[:, :, None] & (segment >= 0)[:, None, :]
    inside = earlier & ((own | call) & real | np.eye(size, dtype=bool)[None])
    before = np.broadcast_to(np.arange(PREFIX_MAX) < prefix_length, (*segment.shape, PREFIX_MAX))
    return np.concatenate([before, inside], -1)
