"""Sentence vectors through llama.cpp (PyPI xllamacpp, which carries it ready built)."""

from pathlib import Path

import numpy as np
import xllamacpp

BATCH = 64


class LlamaEncoder:
    def __init__(self, model: Path, threads: int = 1):
        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        params.n_ctx = 512 * 4
        params.n_batch = params.n_ubatch = 512 * 4
        params.n_parallel = 4
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.warmup = False
        params.verbosity = 0
        self.server = xllamacpp.Server(params)

    def embed(self, sentences: list[str]) -> np.ndarray:
        """One row of length 1 for each sentence."""
        rows: list[list[float]] = []
        for start in range(0, len(sentences), BATCH):
            answer = self.server.handle_embeddings({"input": sentences[start : start + BATCH], "model": "sense"})
            if "data" not in answer:
                raise RuntimeError(f"llama.cpp gave no vectors: {answer}")
            rows += [item["embedding"] for item in sorted(answer["data"], key=lambda item: item["index"])]
        vectors = np.asarray(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
