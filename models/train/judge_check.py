"""The exported judge through llama.cpp against the trained weights, its figures, and its temperatures.

    python judge_check.py data/judge-calls.jsonl data/judge-vocab.json data/judge.npz ../nightdesk-mini-judge.gguf

Writes the sidecar (`.json` beside the file): one temperature for each question, fitted on the odd dev calls; all printed
figures are of the even ones. Ends with status 1 when llama.cpp and the trained weights disagree.
"""

import json
import random
import sys
from pathlib import Path

import numpy as np
import xllamacpp
from scipy.optimize import minimize_scalar
from tokenizers import Tokenizer

import judge_batch
import judge_text
from judge_train import arrays, question_logits

NAMES = ("severity", "service", "action")
SAME_SHARE_MIN = 0.95
DEV_CALLS = 480


def main(calls: Path, vocab: Path, weights_file: Path, model: Path) -> int:
    tokenizer = Tokenizer.from_file(str(vocab))
    weights = nested(np.load(weights_file))
    examples = judge_batch.read(calls, tokenizer, "dev", seed=2)
    random.Random(10).shuffle(examples)
    examples = examples[:DEV_CALLS]
    odds, wanted = answers(weights, examples, tokenizer)
    temperatures = {}
    for number, name in enumerate(NAMES):
        temperatures[name] = report(name, odds[number], wanted[:, number])
    about = "Test article: made by models/train from generated calls, not for a shop."
    model.with_suffix(".json").write_text(json.dumps({"temperature": temperatures, "note": about}, indent=1) + "\n")
    return same_through_llama(calls, tokenizer, weights, model)


def nested(flat) -> dict:
    layers: dict[int, dict] = {}
    for name in flat.files:
        if name.startswith("blk."):
            _, number, part = name.split(".", 2)
            layers.setdefault(int(number), {})[part] = flat[name]
    return {"token_embd": flat["token_embd"], "output_norm": flat["output_norm"], "layers": [layers[n] for n in sorted(layers)]}


def letter_tokens(tokenizer: Tokenizer) -> list[list[int]]:
    return [[tokenizer.encode(" " + "ABCDEFGH"[n]).ids[0] for n in range(len(options))] for options in judge_text.BRANCHES.values()]


def answers(weights: dict, examples: list, tokenizer: Tokenizer) -> tuple[list[np.ndarray], np.ndarray]:
    """For each question the odds of its letters, and which letter is right (-1: no label)."""
    letters, rng = letter_tokens(tokenizer), random.Random(8)
    odds: list[list] = [[], [], []]
    wanted = []
    for length in judge_batch.CALL_LENGTHS:
        group = [e for e in examples if len(e.call) <= length and not any(len(e.call) <= other < length for other in judge_batch.CALL_LENGTHS)]
        for at in range(0, len(group), 24):
            part = group[at : at + 24]
            full = part + [part[-1]] * (24 - len(part))
            batch = judge_batch.build(full, length, tokenizer, rng, with_card=False, drop=0)
            logits = np.asarray(question_logits(weights, arrays(batch)))[: len(part)]
            for number, tokens in enumerate(letters):
                odds[number].append(logits[:, number][:, tokens])
            wanted += [[tokens.index(letter) if letter >= 0 else -1 for tokens, letter in zip(letters, e.letters)] for e in part]
    return [np.concatenate(rows) for rows in odds], np.array(wanted)


def report(name: str, odds: np.ndarray, wanted: np.ndarray) -> float:
    known = wanted >= 0
    odds, wanted = odds[known], wanted[known]
    fit, test = slice(1, None, 2), slice(0, None, 2)
    found = minimize_scalar(lambda t: loss(odds[fit] / np.exp(t), wanted[fit]), bounds=(-2, 2), method="bounded")
    temperature = float(np.exp(found.x))
    chance = softmax(odds[test] / temperature)
    best, right = chance.argmax(1), chance.argmax(1) == wanted[test]
    line = f"| {name} | {len(right)} | {right.mean():.1%} | {temperature:.2f} |"
    if name == "severity":
        emergency, routine = wanted[test] == 0, wanted[test] == 2
        line += f" emergencies found {(best[emergency] == 0).mean():.1%}, routine woken for {(best[routine] == 0).mean():.1%} |"
    print(line)
    return round(temperature, 3)


def softmax(odds):
    odds = np.exp(odds - odds.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def loss(odds, wanted) -> float:
    return float(-np.log(softmax(odds)[np.arange(len(wanted)), wanted] + 1e-9).mean())


def same_through_llama(calls: Path, tokenizer: Tokenizer, weights: dict, model: Path, count: int = 12) -> int:
    """The letter that llama.cpp puts first, from text, with the real prompt, must be the trained weights' first."""
    rng = random.Random(9)
    lines = [json.loads(line) for line in calls.open(encoding="utf-8")]
    fits = judge_batch.CALL_LENGTHS[-1] // 2
    short = [call for call in lines
             if call["split"] == "dev" and len(call["turns"]) == 1 and len(call["turns"][0].split()) < fits // 2]
    chosen = rng.sample(short, count)
    runbook = judge_text.runbook(rng)
    server, letters = llama(model), letter_tokens(tokenizer)
    same = far = 0
    for call in chosen:
        text = judge_text.call_lines(call, rng)
        for number, question in enumerate(judge_text.BRANCHES):
            ours = chances_of(server, judge_text.prefix(runbook) + text + question, len(letters[number]))
            theirs = one(weights, tokenizer, runbook, text, number, letters[number])
            same += int(ours.argmax() == theirs.argmax())
            far = max(far, float(np.abs(ours - theirs).max()))
    print(f"llama.cpp and the trained weights agree on {same} of {3 * count} answers; probabilities at most {far:.3f} apart")
    card = server.handle_completions({"prompt": judge_text.prefix(runbook) + text + judge_text.CARD, "n_predict": 60, "temperature": 0.0})
    print("a card:", card["choices"][0]["text"])
    return 0 if same >= SAME_SHARE_MIN * 3 * count else 1


def one(weights: dict, tokenizer: Tokenizer, runbook: str, text: str, number: int, letters: list[int]) -> np.ndarray:
    """The trained weights on exactly this text."""
    example = judge_batch.Example(tokenizer.encode(text).ids, [-1, -1, -1], [])
    length = next(length for length in judge_batch.CALL_LENGTHS if len(example.call) <= length)
    batch = judge_batch.build([example] * 24, length, tokenizer, random.Random(0), with_card=False, drop=0, runbook=runbook)
    return softmax(np.asarray(question_logits(weights, arrays(batch)))[:1, number][:, letters])[0]


def llama(model: Path) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx, params.n_parallel, params.warmup, params.verbosity = 1024, 1, False, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(params)


def chances_of(server: xllamacpp.Server, prompt: str, options: int) -> np.ndarray:
    answer = server.handle_completions({"prompt": prompt, "n_predict": 1, "n_probs": 4096, "temperature": 0.0, "cache_prompt": True})
    likely = {item["token"]: item["logprob"] for item in answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]}
    odds = np.array([likely.get(" " + "ABCDEFGH"[n], -30.0) for n in range(options)])
    return softmax(odds[None])[0]


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:5])))
