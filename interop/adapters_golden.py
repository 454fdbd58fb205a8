"""Makes core/src/test/resources/peft-adapters: adapters that HF PEFT saves, of every kind that touches the vocabulary or a bias,
each with the logits that PEFT computes once it has read it back. The bases are those of ../shared/cases/models.

    python interop/adapters_golden.py ../shared/cases/models core/src/test/resources/peft-adapters
"""
import json
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

PROMPT = [33, 40, 47, 54, 61, 68, 75, 5, 9, 7, 82, 89, 96]
TIED, UNTIED = "thinking", "base"


def load(base, rows=0):
    torch.manual_seed(7)  # the rows that a resize adds; an adapter has to bring them
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    if rows:
        model.resize_token_embeddings(rows)
    return model


def logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, -1]


def cases():
    """Name, base, rows of the vocabulary (0: the base's), arguments of save_pretrained, configuration."""
    q = ["q_proj"]
    whole = {"save_embedding_layers": True}
    for base in (UNTIED, TIED):
        size = 349 if base == UNTIED else 351
        yield "saved", base, 0, whole, dict(target_modules=q)
        yield "head", base, 0, {}, dict(target_modules=q + ["lm_head"])
        yield "embedding", base, 0, {}, dict(target_modules=q + ["embed_tokens"])
        yield "both", base, 0, {}, dict(target_modules=q + ["embed_tokens", "lm_head"])
        yield "dora", base, 0, {}, dict(target_modules=q + ["embed_tokens", "lm_head"], use_dora=True)
        yield "embedding-to-save", base, 0, {}, dict(target_modules=q, modules_to_save=["embed_tokens"])
        yield "head-to-save", base, 0, {}, dict(target_modules=q, modules_to_save=["lm_head"])
        yield "both-to-save", base, 0, {}, dict(target_modules=q, modules_to_save=["embed_tokens", "lm_head"])
        yield "tokens", base, 0, {}, dict(target_modules=q, trainable_token_indices=[5, 9])
        yield "tokens-of-both", base, 0, {}, dict(target_modules=q, trainable_token_indices={"embed_tokens": [5, 9], "lm_head": [5, 9]})
        yield "tokens-that-differ", base, 0, {}, dict(target_modules=q, trainable_token_indices={"embed_tokens": [5, 9], "lm_head": [7]})
        yield "tokens-of-head", base, 0, {}, dict(target_modules=q, trainable_token_indices={"lm_head": [7, 3]})
        yield "grown", base, size + 3, whole, dict(target_modules=q)
        yield "grown-to-64", base, 384, whole, dict(target_modules=q)
        yield "shrunk", base, size - 8, whole, dict(target_modules=q)
        yield "grown-to-save", base, size + 3, {}, dict(target_modules=q, modules_to_save=["embed_tokens", "lm_head"])
        yield "grown-lora", base, size + 3, whole, dict(target_modules=q + ["embed_tokens", "lm_head"])
        new = [size, size + 1, size + 2]
        yield "grown-tokens", base, size + 3, {}, dict(target_modules=q, trainable_token_indices={"embed_tokens": new, "lm_head": new})
        yield "grown-tokens-saved", base, size + 3, whole, dict(target_modules=q, trainable_token_indices=new)
    yield "tying-lora", TIED, 0, {}, dict(target_modules=q + ["embed_tokens"], ensure_weight_tying=True)
    yield "tying-to-save", TIED, 0, {}, dict(target_modules=q, modules_to_save=["embed_tokens"], ensure_weight_tying=True)
    yield "bias", UNTIED, 0, {}, dict(target_modules=q + ["down_proj"], lora_bias=True)
    yield "mica", UNTIED, 0, {}, dict(target_modules=q, init_lora_weights="mica")
    yield "one-layer", UNTIED, 0, {}, dict(target_modules=q, layers_to_transform=[1], layers_pattern="layers")
    yield "without", UNTIED, 0, {}, dict(target_modules="all-linear", exclude_modules=r".*\.(up|gate|down|k|v|o)_proj")


def main(models, out):
    shutil.rmtree(out, ignore_errors=True)
    for name, base, rows, save, conf in cases():
        directory = out / f"{name}-{'tied' if base == TIED else 'untied'}"
        try:
            peft = get_peft_model(load(models / base, rows), LoraConfig(r=2, lora_alpha=4, task_type="CAUSAL_LM", **conf))
            generator = torch.Generator().manual_seed(3)
            with torch.no_grad():
                for key, w in peft.named_parameters():
                    own = any(part in key for part in ("lora_", "modules_to_save", "trainable_tokens"))
                    if own or (save and ("embed_tokens" in key or "lm_head" in key)):
                        w.add_(torch.randn(w.shape, generator=generator) * 0.2)
            before = logits(peft.eval(), PROMPT)
            peft.save_pretrained(directory, **save)
            (directory / "README.md").unlink(missing_ok=True)
            file = directory / "adapter_config.json"
            config = json.loads(file.read_text())
            config["base_model_name_or_path"] = base
            file.write_text(json.dumps(config, indent=1, sort_keys=True))
            back = logits(PeftModel.from_pretrained(load(models / base, rows), directory).eval(), PROMPT)
            off = (before - back).abs().max().item()
            changed = (back - logits(load(models / base, rows), PROMPT)).abs().max().item()
            print(f"{directory.name}: read back {off:.1e} off, {changed:.2f} from the base")
            (directory / "expected.json").write_text(json.dumps({"base": base, "ids": PROMPT, "logits": [round(v, 6) for v in back.tolist()]}))
        except Exception as e:
            print(f"{directory.name}: PEFT cannot: {type(e).__name__} {str(e)[:300]}")
            shutil.rmtree(directory, ignore_errors=True)


main(Path(sys.argv[1]), Path(sys.argv[2]))
