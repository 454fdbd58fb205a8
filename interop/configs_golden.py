"""What transformers makes of configurations: rotary embeddings, windows, sizes that are missing.

    python3 interop/configs_golden.py core/src/test/resources/configs/decoders.json

Configurations are made at random from the places where these things can stand; for each the file has what
transformers computes from it, or that it refuses.
"""

import json
import logging
import random
import sys
import warnings

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

FAMILIES = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "gemma2": "Gemma2ForCausalLM",
    "gemma3_text": "Gemma3ForCausalLM",
    "phi3": "Phi3ForCausalLM",
    "olmo2": "Olmo2ForCausalLM",
    "granite": "GraniteForCausalLM",
    "smollm3": "SmolLM3ForCausalLM",
}
LAYERS = 4
HEAD_DIM = 8


def scaling(r, family):
    """What may stand in rope_scaling or rope_parameters."""
    kind = r.choice(["default", "linear", "llama3", "yarn", "longrope"])
    if family == "phi3":
        kind = r.choice(["default", "longrope", "su", "yarn"])
    d = {r.choice(["rope_type", "rope_type", "type"]): kind}
    if kind in ("linear", "llama3") or (kind == "yarn" and family != "phi3"):
        d["factor"] = r.choice([2.0, 4.0, 8.0])
    if kind == "llama3":
        d["low_freq_factor"], d["high_freq_factor"] = 1.0, 4.0
    if kind in ("longrope", "su") or (kind == "yarn" and family == "phi3"):
        d["short_factor"] = [round(1 + 0.1 * i, 1) for i in range(HEAD_DIM // 2)]
        d["long_factor"] = [round(2 + 0.5 * i, 1) for i in range(HEAD_DIM // 2)]
        if r.random() < 0.3:
            d["factor"] = 4.0
    if kind == "yarn" and family != "phi3":
        for key, values in {
            "beta_fast": [16, 32, 0],
            "beta_slow": [1, 2],
            "mscale": [0.7, 1.0],
            "mscale_all_dim": [0.5, 1.0],
            "truncate": [True, False],
        }.items():
            if r.random() < 0.3:
                d[key] = r.choice(values)
    if kind in ("yarn", "longrope", "su") and r.random() < 0.3:
        d["attention_factor"] = 1.25
    if r.random() < 0.5:
        d["original_max_position_embeddings"] = r.choice([32, 64])
    if r.random() < 0.4:
        d["rope_theta"] = r.choice([1000.0, 50000.0])
    if r.random() < 0.1:
        d["partial_rotary_factor"] = r.choice([0.5, 1.0])
    if r.random() < 0.1:
        d["some_key"] = 3
    return d


def configuration(r, family):
    c = {
        "architectures": [FAMILIES[family]],
        "model_type": family,
        "vocab_size": 32,
        "hidden_size": 64,
        "intermediate_size": 32,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 32 if r.random() < 0.3 else 8,
        "head_dim": HEAD_DIM,
        "pad_token_id": 0,
    }
    if r.random() < 0.8:
        none = family in ("llama", "phi3", "olmo2", "granite")
        c["num_key_value_heads"] = r.choice([4, 8, None] if none else [4, 8])
    if r.random() < 0.8:
        c["max_position_embeddings"] = 256
    if r.random() < 0.5:
        c["rope_theta"] = r.choice([2000.0, 500000.0])
    if r.random() < 0.15:
        c["partial_rotary_factor"] = r.choice([0.5, 1.0])
    if r.random() < 0.25:
        c["original_max_position_embeddings"] = r.choice([16, 128])
    if r.random() < 0.5:
        c["rope_scaling"] = r.choice([None, {}, scaling(r, family), scaling(r, family)])
    if r.random() < 0.5:
        if family == "gemma3_text" or r.random() < 0.1:
            c["rope_parameters"] = {
                k: scaling(r, family) for k in ("full_attention", "sliding_attention") if r.random() < 0.9
            }
        else:
            c["rope_parameters"] = scaling(r, family)
    if family == "gemma3_text" and r.random() < 0.5:
        c["rope_local_base_freq"] = 3000.0
    if r.random() < 0.5:
        c["sliding_window"] = r.choice([8, 16, None] if family in ("mistral", "phi3", "qwen2", "qwen3") else [8, 16])
    if r.random() < 0.4:
        c["use_sliding_window"] = r.choice([True, False])
    if r.random() < 0.3:
        c["max_window_layers"] = 2
    if r.random() < 0.3 and family not in ("llama", "olmo2", "granite"):
        c["layer_types"] = [r.choice(["full_attention", "sliding_attention"]) for _ in range(LAYERS)]
    if family == "gemma3_text" and r.random() < 0.5:
        c["sliding_window_pattern"] = 2
    if family == "smollm3" and r.random() < 0.5:
        c["no_rope_layers"] = [r.choice([0, 1]) for _ in range(LAYERS)]
    return c


def expected(c):
    config = AutoConfig.for_model(**json.loads(json.dumps(c)))
    model = model_of(config)
    # a pass shows what only fails there
    model(torch.arange(20)[None] % 32)
    rotary = model.model.rotary_emb
    kinds = ["full_attention", "sliding_attention"] if c["model_type"] == "gemma3_text" else [None]
    ropes = []
    for kind in kinds:
        prefix = f"{kind}_" if kind else ""
        if kind and not hasattr(rotary, f"{prefix}original_inv_freq"):
            ropes.append(None)
            continue
        ropes.append(
            {
                "short": getattr(rotary, f"{prefix}original_inv_freq").tolist(),
                "magnitude": float(getattr(rotary, f"{prefix}attention_scaling")),
            }
        )
    windows = []
    for i in range(LAYERS):
        if c["model_type"] in ("mistral", "phi3"):
            windows.append(config.sliding_window or 0)
        elif hasattr(config, "layer_types") and c["model_type"] not in ("llama", "olmo2", "granite"):
            windows.append(config.sliding_window if config.layer_types[i] == "sliding_attention" else 0)
        else:
            windows.append(0)
    return {
        "ropes": ropes,
        "windows": windows,
        "turns": [bool(config.no_rope_layers[i]) if c["model_type"] == "smollm3" else True for i in range(LAYERS)],
        "key_value_heads": config.num_key_value_heads,
        "max_positions": config.max_position_embeddings,
        "norm_epsilon": config.rms_norm_eps,
        "tied": config.tie_word_embeddings,
    }


def model_of(config):
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()


def main(path):
    r = random.Random(7)
    out = {"transformers": transformers.__version__, "cases": []}
    for n in range(400):
        family = list(FAMILIES)[n % len(FAMILIES)]
        c = configuration(r, family)
        try:
            with torch.no_grad():
                e = expected(c)
        except Exception as error:  # whatever it raises: it is refused
            e = {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"}
        out["cases"].append({"config": c, "expected": e})
    with open(path, "w") as f:
        f.write('{"transformers": "%s", "cases": [\n' % transformers.__version__)
        f.write(",\n".join(json.dumps(c) for c in out["cases"]))
        f.write("\n]}\n")
    refused = [c["expected"]["error"] for c in out["cases"] if "error" in c["expected"]]
    print(len(out["cases"]), "configurations,", len(refused), "refused")
    for e in sorted(set(refused)):
        print("  ", refused.count(e), e)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    main(sys.argv[1])
