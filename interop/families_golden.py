"""Makes tiny random models of families that the published golden numbers lack, with what transformers says of them, for
core/src/test/resources/families. Left padding is left out: its loss has a term at a padding token."""
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, Phi3Config, SmolLM3Config

SIZES = dict(
    vocab_size=96, hidden_size=32, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=128, rms_norm_eps=1e-6, pad_token_id=0, bos_token_id=1, eos_token_id=2,
)  # fmt: skip
CONFIGS = {
    "smollm3": SmolLM3Config(**SIZES, num_hidden_layers=4, use_sliding_window=False),
    "phi3_longrope": Phi3Config(
        **SIZES, num_hidden_layers=2, original_max_position_embeddings=16, partial_rotary_factor=0.75,
        rope_parameters=dict(
            rope_type="longrope", rope_theta=10000.0, partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.3],
            long_factor=[1.5, 2.0, 4.0], original_max_position_embeddings=16,
        ),
    ),
}  # fmt: skip


def number(x):
    return round(float(x), 5)


for name, config in CONFIGS.items():
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        for n, p in model.named_parameters():
            p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.1) + (1 if p.dim() == 1 else 0))
    model.eval()
    out = Path(sys.argv[1]) / name
    model.save_pretrained(out)
    ids = torch.randint(3, 96, (2, 24))
    short = torch.randint(3, 96, (1, 12))
    labels = ids.clone()
    labels[:, :5] = -100
    result = model(input_ids=ids, labels=labels)
    result.loss.backward()
    expected = {
        "input_ids": ids.tolist(),
        "short_ids": short[0].tolist(),
        "labels": labels.tolist(),
        "loss": result.loss.item(),
        "logits": [[[number(x) for x in row] for row in rows] for rows in result.logits],
        "short_logits": [[number(x) for x in row] for row in model(input_ids=short).logits[0]],
        "gradient_norms": {n: p.grad.norm().item() for n, p in model.named_parameters()},
    }
    (out / "expected.json").write_text(json.dumps(expected))
