"""Writes a Llama of random weights in bfloat16 as sharded safetensors, without torch: benchmarks/random_llama.py --help."""
import argparse
import json
import shutil
import struct
from pathlib import Path

import numpy as np

p = argparse.ArgumentParser(description=__doc__)
p.add_argument("output", type=Path)
p.add_argument("--tokenizer", type=Path, required=True, help="a directory whose tokenizer files are taken along")
p.add_argument("--hidden", type=int, default=4096)
p.add_argument("--intermediate", type=int, default=11008)
p.add_argument("--layers", type=int, default=32)
p.add_argument("--heads", type=int, default=32)
p.add_argument("--vocabulary", type=int, default=32000)
p.add_argument("--shard-gib", type=float, default=2)
p.add_argument("--seed", type=int, default=0)
a = p.parse_args()

h, m = a.hidden, a.intermediate
shapes = {"model.embed_tokens.weight": (a.vocabulary, h)}
for i in range(a.layers):
    layer = f"model.layers.{i}."
    for name in "qkvo":
        shapes[f"{layer}self_attn.{name}_proj.weight"] = (h, h)
    shapes[layer + "mlp.gate_proj.weight"] = (m, h)
    shapes[layer + "mlp.up_proj.weight"] = (m, h)
    shapes[layer + "mlp.down_proj.weight"] = (h, m)
    shapes[layer + "input_layernorm.weight"] = (h,)
    shapes[layer + "post_attention_layernorm.weight"] = (h,)
shapes["model.norm.weight"] = (h,)
shapes["lm_head.weight"] = (a.vocabulary, h)

shards, size = [[]], 0
for name, shape in shapes.items():
    bytes_ = 2 * int(np.prod(shape))
    if size + bytes_ > a.shard_gib * 2**30 and shards[-1]:
        shards.append([])
        size = 0
    shards[-1].append(name)
    size += bytes_

a.output.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(a.seed)
weight_map, total = {}, 0
for number, names in enumerate(shards, 1):
    file = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
    header, offset = {}, 0
    for name in names:
        end = offset + 2 * int(np.prod(shapes[name]))
        header[name] = {"dtype": "BF16", "shape": list(shapes[name]), "data_offsets": [offset, end]}
        weight_map[name] = file
        offset = end
    total += offset
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(a.output / file, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            shape = shapes[name]
            if len(shape) == 1:
                values = np.ones(shape, np.float32)
            else:
                values = rng.standard_normal(shape, np.float32) * (0.02 if "embed" in name else shape[1] ** -0.5)
            out.write((values.view(np.uint32) >> 16).astype("<u2").tobytes())
    print(file, flush=True)
(a.output / "model.safetensors.index.json").write_text(
    json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map})
)
config = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": h,
    "intermediate_size": m, "num_hidden_layers": a.layers, "num_attention_heads": a.heads,
    "num_key_value_heads": a.heads, "vocab_size": a.vocabulary, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    "max_position_embeddings": 4096, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
}  # fmt: skip
for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "special_tokens_map.json"):
    if (a.tokenizer / name).exists():
        shutil.copy(a.tokenizer / name, a.output / name)
tokenizer_config = json.loads((a.tokenizer / "config.json").read_text())
for key in ("bos_token_id", "eos_token_id", "pad_token_id"):
    if key in tokenizer_config:
        config[key] = tokenizer_config[key]
(a.output / "config.json").write_text(json.dumps(config, indent=2))
