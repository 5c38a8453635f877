"""The trained judge as a GGUF file of architecture `llama`, matrices in q8_0.

    python judge_export.py data/judge.npz data/judge-vocab.json ../nightdesk-mini-judge.gguf
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Quant

from judge_model import Shape
from judge_vocab import BEGIN, END, PAD

SHAPE = Shape()


def main(weights_file: Path, vocab_file: Path, target: Path) -> None:
    weights = np.load(weights_file)
    writer = gguf.GGUFWriter(target, "llama")
    write_about(writer)
    write_vocabulary(writer, json.loads(vocab_file.read_text(encoding="utf-8"))["model"])
    for name in weights.files:
        write_tensor(writer, name, weights[name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{target}: {target.stat().st_size:,} bytes")


def write_about(writer: gguf.GGUFWriter) -> None:
    writer.add_name("nightdesk-mini-judge")
    writer.add_description("Test article, trained from scratch on generated calls. Not for a shop.")
    writer.add_license("MIT OR Apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_vocab_size(SHAPE.vocab)
    writer.add_context_length(SHAPE.context)
    writer.add_embedding_length(SHAPE.width)
    writer.add_block_count(SHAPE.layers)
    writer.add_feed_forward_length(SHAPE.inner)
    writer.add_head_count(SHAPE.heads)
    writer.add_head_count_kv(SHAPE.heads)
    writer.add_rope_dimension_count(SHAPE.head)
    writer.add_rope_freq_base(SHAPE.rope_base)
    writer.add_layer_norm_rms_eps(SHAPE.norm_eps)


def write_vocabulary(writer: gguf.GGUFWriter, model: dict) -> None:
    """Byte-level BPE, split as GPT-2 splits; the letters of the answers are in it as tokens of their own."""
    tokens = [token for token, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    special = {BEGIN, END, PAD}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(BEGIN))
    writer.add_eos_token_id(tokens.index(END))
    writer.add_pad_token_id(tokens.index(PAD))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


def write_tensor(writer: gguf.GGUFWriter, name: str, values: np.ndarray) -> None:
    """In training a matrix maps rows to columns; llama.cpp keeps it the other way round. The output is the embedding."""
    values = values.astype(np.float32)
    if values.ndim == 1:
        writer.add_tensor(f"{name}.weight", values)
        return
    kept = values if name == "token_embd" else np.ascontiguousarray(values.T)
    writer.add_tensor(f"{name}.weight", gguf.quants.quantize(kept, Quant.Q8_0), raw_dtype=Quant.Q8_0)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
