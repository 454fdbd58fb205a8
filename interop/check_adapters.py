"""The Python side of interop/check-adapters."""
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

TOLERANCE = 1e-4
IDS = [5, 17, 33, 8, 21, 40, 12]
LORA = dict(task_type="CAUSAL_LM", r=4, lora_alpha=6)


def load(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()


def last_logits(model):
    with torch.no_grad():
        return model(torch.tensor([IDS])).logits[0, -1]


def adapters():
    yield "a", LoraConfig(**LORA, target_modules=["q_proj", "v_proj"])
    yield "b", LoraConfig(**LORA, target_modules=["q_proj", "down_proj"], use_rslora=True)
    yield "c", LoraConfig(**{**LORA, "r": 6}, target_modules=["q_proj", "v_proj"], rank_pattern={"v_proj": 2},
                          alpha_pattern={r"layers\.0\..*q_proj": 9})
    yield "tables", LoraConfig(**LORA, target_modules=["q_proj", "embed_tokens", "lm_head"])
    yield "tables2", LoraConfig(**LORA, target_modules=["v_proj", "embed_tokens", "lm_head"])
    yield "head", LoraConfig(**LORA, target_modules=["v_proj"], modules_to_save=["lm_head"])
    yield "bias", LoraConfig(**LORA, target_modules=["q_proj"], lora_bias=True)


# adapters, weights, combination, density: where PEFT can do the same
COMBINED = [
    ("linear", ["a", "b"], [0.5, -0.7], None),
    ("cat", ["a", "b", "c"], [0.5, 0.3, 0.7], None),
    ("svd", ["a", "b", "c"], [0.5, 0.3, 0.7], None),
    ("ties", ["a", "b"], [1.0, 0.8], 0.5),
    ("magnitude_prune", ["a", "b"], [1.0, 0.8], 0.4),
    ("ties_svd", ["a", "c", "b"], [1.0, -0.8, 0.6], 0.5),
    ("magnitude_prune_svd", ["a", "b", "c"], [1.0, 0.8, 0.6], 0.4),
    ("cat", ["tables", "tables2", "a"], [0.5, 0.3, -0.2], None),
    ("svd", ["tables", "a", "tables2"], [0.5, 0.3, 0.7], None),
    ("ties", ["tables", "tables2"], [1.0, 0.8], 0.5),
    ("ties_svd", ["tables", "tables2"], [1.0, 0.8], 0.5),
]


def write(base, work):
    commands = []
    for name, config in adapters():
        torch.manual_seed(len(name) + ord(name[-1]))
        model = get_peft_model(load(base), config).eval()
        with torch.no_grad():
            for _, p in model.named_parameters():
                if p.requires_grad:
                    p.add_(torch.randn_like(p) * 0.05)
        model.save_pretrained(work / name)
        (work / f"{name}.json").write_text(json.dumps(last_logits(model).tolist()))
    for i, (way, names, weights, density) in enumerate(COMBINED):
        given = " ".join(f"--adapter {n}@{w}" for n, w in zip(names, weights))
        more = f" --density {density}" if density else ""
        commands.append(f"{i}-{way} combine {given} --combination {way}{more}")
    commands.append("whole combine --adapter head@1 --adapter a@0 --combination cat")
    commands.append("with-bias combine --adapter bias@1 --adapter a@0 --combination cat")
    for name in ("a", "b", "c", "tables", "head", "bias"):
        commands.append(f"same-{name} resize --adapter {name} --energy 1")
        commands.append(f"padded-{name} resize --adapter {name} --rank 9")
    (work / "commands").write_text("\n".join(commands) + "\n")


def report(what, ours, theirs, differs_from=None):
    off = (ours - theirs).abs().max().item()
    good = off <= TOLERANCE
    if differs_from is not None and (ours - differs_from).abs().max().item() < 10 * TOLERANCE:
        good, what = False, what + " (nothing was changed)"
    print(f"{what}: logits differ by at most {off:.2e}{'' if good else '  TOO FAR'}")
    return good


def of_peft(base, work, way, names, weights, density):
    model = PeftModel.from_pretrained(load(base), work / names[0], adapter_name=names[0])
    for name in names[1:]:
        model.load_adapter(work / name, adapter_name=name)
    model.add_weighted_adapter(names, weights, "made", combination_type=way, density=density)
    model.set_adapter("made")
    return last_logits(model.eval())


def compare(base, work):
    good = True
    plain = last_logits(load(base))
    for made in sorted((work / "made").iterdir()):
        loaded = PeftModel.from_pretrained(load(base), made).eval()
        ours = last_logits(loaded)
        kind, _, rest = made.name.partition("-")
        if kind.isdigit():
            theirs = of_peft(base, work, *COMBINED[int(kind)])
        else:
            source = {"whole": "head", "with": "bias"}.get(kind, rest)
            theirs = torch.tensor(json.loads((work / f"{source}.json").read_text()))
        good &= report(made.name, ours, theirs, plain)
    return good


if __name__ == "__main__":
    step, base, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if step == "write":
        write(base, work)
    else:
        sys.exit(0 if compare(base, work) else 1)
