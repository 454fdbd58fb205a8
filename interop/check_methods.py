"""The Python side of interop/check-methods."""
import json
import sys
from pathlib import Path

import torch
from peft import AdaLoraConfig, LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

TOLERANCE = 1e-4
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def load(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()


def last_logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, -1]


def report(what, ours, theirs):
    off = (torch.tensor(ours) - theirs).abs().max().item()
    good = off <= TOLERANCE
    print(f"{what}: logits differ by at most {off:.2e}{'' if good else '  TOO FAR'}")
    return good


def check_ours(base, runs, ids):
    good = True
    for run in sorted(p for p in Path(runs).iterdir() if p.is_dir()):
        ours = json.loads((run / "logits.json").read_text())["last_logits"]
        adapter = (run / "adapter_config.json").exists()
        model = PeftModel.from_pretrained(load(base), run).eval() if adapter else load(run)
        good &= report(f"{run.name} in {'HF PEFT' if adapter else 'transformers'}", ours, last_logits(model, ids))
    return good


def configurations():
    lora = dict(task_type="CAUSAL_LM", r=4, lora_alpha=6, target_modules=ALL)
    yield "plain", LoraConfig(**lora)
    yield "rslora", LoraConfig(**lora, use_rslora=True)
    yield "dora", LoraConfig(**lora, use_dora=True)
    yield "olora", LoraConfig(**lora, init_lora_weights="olora")
    yield "pissa", LoraConfig(**lora, init_lora_weights="pissa")
    yield "modules-to-save", LoraConfig(**lora, modules_to_save=["lm_head", "norm"])
    yield "embedding-to-save", LoraConfig(**lora, modules_to_save=["embed_tokens"])
    yield "biases", LoraConfig(**lora, bias="all")
    yield "fan-in-fan-out", LoraConfig(**lora, fan_in_fan_out=True)
    yield "first-layer", LoraConfig(**lora, layers_to_transform=[0])
    yield "without-down", LoraConfig(**{**lora, "target_modules": r".*\.(q_proj|up_proj)"})
    yield "patterns", LoraConfig(
        **lora,
        use_rslora=True,
        rank_pattern={r"layers\.0\..*q_proj": 2, r"^model\.layers\.1\..*": 3, "down_proj": 1},
        alpha_pattern={r"layers\.0\..*q_proj": 5, "up_proj": 9},
    )
    yield "adalora", AdaLoraConfig(
        task_type="CAUSAL_LM", init_r=4, target_r=2, lora_alpha=6, target_modules=ALL, total_step=10
    )


def write(base, out, ids):
    for name, config in configurations():
        torch.manual_seed(1)
        model = get_peft_model(load(base), config).eval()
        with torch.no_grad():
            for key, p in model.named_parameters():
                if p.requires_grad:
                    p.add_(torch.randn_like(p) * 0.05)
        directory = Path(out) / name
        model.save_pretrained(directory)
        (directory / "expected.json").write_text(json.dumps(last_logits(model, ids).tolist()))


def check_theirs(runs):
    good = True
    for run in sorted(Path(runs).iterdir()):
        ours = json.loads((run / "logits.json").read_text())["last_logits"]
        expected = torch.tensor(json.loads((run / "expected.json").read_text()))
        good &= report(f"{run.name} of HF PEFT here", ours, expected)
    return good


def main():
    what, *rest = sys.argv[1:]
    ids = [int(i) for i in rest[-1].split(",")] if what != "theirs" else None
    if what == "write":
        write(*rest[:-1], ids)
        return
    good = check_ours(*rest[:-1], ids) if what == "ours" else check_theirs(*rest)
    sys.exit(0 if good else 1)


main()
