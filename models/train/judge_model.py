"""The judge: a small decoder exactly as llama.cpp computes architecture `llama`, in JAX.

RMS norm, rotary positions on neighbouring pairs, SwiGLU, no biases, output tied to the embedding. One prefix (system
text and runbook) is computed once and shared by all calls of a batch, as its KV is at run time; the questions of a call
see the prefix, the call and themselves.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

NEVER = -1e9


@dataclass(frozen=True)
class Shape:
    vocab: int = 4096
    width: int = 160
    layers: int = 2
    heads: int = 5
    inner: int = 448
    context: int = 2048
    rope_base: float = 10000.0
    norm_eps: float = 1e-5

    @property
    def head(self) -> int:
        return self.width // self.heads


def fresh(shape: Shape, seed: int) -> dict:
    rng = np.random.default_rng(seed)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> jnp.ndarray:
        return jnp.asarray(rng.normal(0, scale / np.sqrt(rows), (rows, columns)), jnp.float32)

    deep = 1 / np.sqrt(2 * shape.layers)
    layers = [{
        "attn_norm": jnp.ones(shape.width), "ffn_norm": jnp.ones(shape.width),
        "attn_q": matrix(shape.width, shape.width), "attn_k": matrix(shape.width, shape.width),
        "attn_v": matrix(shape.width, shape.width), "attn_output": matrix(shape.width, shape.width, deep),
        "ffn_gate": matrix(shape.width, shape.inner), "ffn_up": matrix(shape.width, shape.inner),
        "ffn_down": matrix(shape.inner, shape.width, deep),
    } for _ in range(shape.layers)]
    embedding = jnp.asarray(rng.normal(0, 0.04, (shape.vocab, shape.width)), jnp.float32)
    return {"token_embd": embedding, "output_norm": jnp.ones(shape.width), "layers": layers}


def hidden(weights: dict, shape: Shape, prefix, ids, positions, sees):
    """Last hidden states of `ids` [B, S] behind one `prefix` [P].

    `sees` [B, S, P + S] is true where a token may look; padding of the prefix must be false in it.
    """
    x = weights["token_embd"][ids]
    behind = weights["token_embd"][prefix][None]
    causal = jnp.tril(jnp.ones((prefix.shape[0], prefix.shape[0]), bool))[None]
    prefix_positions = jnp.arange(prefix.shape[0])[None]
    for layer in weights["layers"]:
        query, key, value = heads_of(layer, shape, behind, prefix_positions)
        x_query, x_key, x_value = heads_of(layer, shape, x, positions)
        x = x + joined(layer, x_query, key, value, x_key, x_value, sees)
        behind = behind + alone(layer, query, key, value, causal)
        x, behind = x + feed(layer, shape, x), behind + feed(layer, shape, behind)
    return norm(x, weights["output_norm"], shape)


def heads_of(layer: dict, shape: Shape, x, positions):
    flat = norm(x, layer["attn_norm"], shape)
    query, key, value = (
        (flat @ layer[part]).reshape(*x.shape[:2], shape.heads, shape.head) for part in ("attn_q", "attn_k", "attn_v")
    )
    return rotate(query, positions, shape) / np.sqrt(shape.head), rotate(key, positions, shape), value


def rotate(x, positions, shape: Shape):
    """Rotary positions as llama.cpp's NORM type: numbers 2i and 2i+1 are a pair."""
    speeds = shape.rope_base ** (-jnp.arange(0, shape.head, 2) / shape.head)
    angle = positions[..., None, None] * speeds
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = [even * jnp.cos(angle) - odd * jnp.sin(angle), even * jnp.sin(angle) + odd * jnp.cos(angle)]
    return jnp.stack(turned, -1).reshape(x.shape)


def joined(layer: dict, query, prefix_key, prefix_value, key, value, sees):
    """Attention over the shared prefix and the sequence's own tokens."""
    split = prefix_key.shape[1]
    scores = jnp.concatenate([
        jnp.einsum("bqhd,khd->bhqk", query, prefix_key[0]), jnp.einsum("bqhd,bkhd->bhqk", query, key)
    ], -1)
    share = jax.nn.softmax(jnp.where(sees[:, None], scores, NEVER), -1)
    mixed = jnp.einsum("bhqk,khd->bqhd", share[..., :split], prefix_value[0])
    mixed += jnp.einsum("bhqk,bkhd->bqhd", share[..., split:], value)
    return mixed.reshape(*mixed.shape[:2], -1) @ layer["attn_output"]


def alone(layer: dict, query, key, value, sees):
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key)
    share = jax.nn.softmax(jnp.where(sees[:, None], scores, NEVER), -1)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", share, value)
    return mixed.reshape(*mixed.shape[:2], -1) @ layer["attn_output"]


def feed(layer: dict, shape: Shape, x):
    flat = norm(x, layer["ffn_norm"], shape)
    return (jax.nn.silu(flat @ layer["ffn_gate"]) * (flat @ layer["ffn_up"])) @ layer["ffn_down"]


def norm(x, weight, shape: Shape):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + shape.norm_eps) * weight


def count(weights: dict) -> int:
    return sum(leaf.size for leaf in jax.tree_util.tree_leaves(weights))
