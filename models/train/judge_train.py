"""Trains the judge on the CPU.

    python judge_train.py data/calls.jsonl data/judge-vocab.json data/judge.npz --minutes 30 [--steps N]

`--minutes` are minutes of the processor, so that a busy machine changes nothing. `--steps` ends after so many steps instead:
with it the same seed gives the same weights.
"""

import argparse
import functools
import random
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize
from tokenizers import Tokenizer

import judge_batch
from judge_model import Shape, count, fresh, hidden

SHAPE = Shape()
PEAK, WARM_STEPS, DECAY = 3e-3, 30, 0.05


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("calls", type=Path)
    options.add_argument("vocab", type=Path)
    options.add_argument("target", type=Path)
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--steps", type=int, default=0)
    train(options.parse_args())


def train(options) -> None:
    tokenizer = Tokenizer.from_file(str(options.vocab))
    examples = judge_batch.read(options.calls, tokenizer, "train", seed=1)
    held = judge_batch.read(options.calls, tokenizer, "dev", seed=2)
    random.Random(3).shuffle(held)
    weights = with_words(fresh(SHAPE, seed=4), examples)
    state = (jax.tree_util.tree_map(jnp.zeros_like, weights), jax.tree_util.tree_map(jnp.zeros_like, weights))
    print(f"{count(weights):,} weights, {len(examples)} calls", flush=True)
    rng, step, started, losses = random.Random(5), 0, time.process_time(), []
    done = 0.0
    while done < 1:
        for batch in judge_batch.batches(examples, tokenizer, rng):
            spent = (time.process_time() - started) / 60 / options.minutes
            done = step / options.steps if options.steps else spent
            if done >= 1:
                break
            rate = PEAK * min(1, (step + 1) / WARM_STEPS) * max(0.02, 1 - done)
            weights, state, loss = update(weights, state, arrays(batch), rate, step + 1)
            losses.append(float(loss))
            step += 1
            if step % 100 == 0:
                score = accuracy(weights, held[:192], tokenizer)
                print(f"step {step} {time.process_time() - started:.0f}s loss {np.mean(losses[-100:]):.3f} held {score}", flush=True)
                save(options.target, weights)
    save(options.target, weights)
    print(f"{step} steps; held {accuracy(weights, held, tokenizer)}")


def with_words(weights: dict, examples: list[judge_batch.Example]) -> dict:
    """The first numbers of a token's embedding start as what the token alone says about severity and service.

    Without it the first hundreds of steps go into finding out which words matter: hours on a small machine.
    """
    rows = [sorted(set(example.call)) for example in examples]
    pointers = np.cumsum([0, *map(len, rows)])
    counts = csr_matrix((np.ones(pointers[-1]), np.concatenate(rows), pointers), shape=(len(rows), SHAPE.vocab))
    counts = normalize(counts)
    embedding, at = np.array(weights["token_embd"]), 0
    for question in (0, 1):
        wanted = np.array([example.letters[question] for example in examples])
        known = wanted >= 0
        fit = LogisticRegression(C=10.0, max_iter=200, tol=1e-3).fit(counts[known], wanted[known])
        embedding[:, at : at + len(fit.coef_)] = fit.coef_.T / fit.coef_.std() * 0.06
        at += len(fit.coef_)
    return weights | {"token_embd": jnp.asarray(embedding)}


def arrays(batch: judge_batch.Batch):
    return batch.prefix, batch.ids, batch.positions, batch.sees, batch.targets, batch.weight


def loss_of(weights, batch):
    prefix, ids, positions, sees, targets, weight = batch
    states = hidden(weights, SHAPE, prefix, ids, positions, sees)
    here = weight.reshape(-1) > 0
    # Only trained positions reach the large output matrix: at most a fixed number of them, so that shapes stay fixed.
    plain = ids.shape[1] - 6 in judge_batch.CALL_LENGTHS
    room = 3 * ids.shape[0] if plain else ids.size
    chosen = jnp.nonzero(here, size=room, fill_value=0)[0]
    logits = states.reshape(-1, SHAPE.width)[chosen] @ weights["token_embd"].T
    wanted = targets.reshape(-1)[chosen]
    amount = weight.reshape(-1)[chosen] * (jnp.arange(room) < here.sum())
    losses = jax.nn.logsumexp(logits, -1) - jnp.take_along_axis(logits, jnp.maximum(wanted, 0)[:, None], -1)[:, 0]
    return (losses * amount).sum() / jnp.maximum(amount.sum(), 1)


@functools.partial(jax.jit, donate_argnums=(0, 1))
def update(weights, state, batch, rate, step):
    """AdamW with the gradient's length cut at 1."""
    loss, slope = jax.value_and_grad(loss_of)(weights, batch)
    length = jnp.sqrt(sum(jnp.sum(part * part) for part in jax.tree_util.tree_leaves(slope)))
    slope = jax.tree_util.tree_map(lambda part: part / jnp.maximum(1.0, length), slope)
    first = jax.tree_util.tree_map(lambda m, g: 0.9 * m + 0.1 * g, state[0], slope)
    second = jax.tree_util.tree_map(lambda v, g: 0.98 * v + 0.02 * g * g, state[1], slope)

    def moved(weight, m, v):
        change = (m / (1 - 0.9**step)) / (jnp.sqrt(v / (1 - 0.98**step)) + 1e-8)
        return weight - rate * (change + (DECAY * weight if weight.ndim > 1 else 0))

    return jax.tree_util.tree_map(moved, weights, first, second), (first, second), loss


@jax.jit
def question_logits(weights, batch):
    prefix, ids, positions, sees, _, _ = batch
    states = hidden(weights, SHAPE, prefix, ids, positions, sees)
    ends = jnp.array([1, 3, 5]) + ids.shape[1] - 6
    return states[:, ends] @ weights["token_embd"].T


def accuracy(weights, examples, tokenizer) -> str:
    """Right answers of the three questions among labelled ones, without the random words."""
    right, asked = np.zeros(3), np.zeros(3)
    rng = random.Random(6)
    for length in judge_batch.CALL_LENGTHS:
        shorter = max([0, *(other for other in judge_batch.CALL_LENGTHS if other < length)])
        group = [example for example in examples if shorter < len(example.call) <= length]
        for at in range(0, len(group), 24):
            part = group[at : at + 24]
            full = part + [part[-1]] * (24 - len(part))
            batch = judge_batch.build(full, length, tokenizer, rng, with_card=False, drop=0)
            best = np.asarray(question_logits(weights, arrays(batch)).argmax(-1))[: len(part)]
            wanted = np.array([example.letters for example in part])
            right += ((best == wanted) & (wanted >= 0)).sum(0)
            asked += (wanted >= 0).sum(0)
    names = ("severity", "service", "action")
    return ", ".join(f"{name} {value:.3f}" for name, value in zip(names, right / np.maximum(asked, 1)))


def save(target: Path, weights: dict) -> None:
    flat = {"token_embd": weights["token_embd"], "output_norm": weights["output_norm"]}
    for number, layer in enumerate(weights["layers"]):
        flat |= {f"blk.{number}.{name}": value for name, value in layer.items()}
    part = target.with_suffix(".part.npz")
    np.savez(part, **{name: np.asarray(value) for name, value in flat.items()})
    part.replace(target)


if __name__ == "__main__":
    main()
