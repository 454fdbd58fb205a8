"""The Python half of interop/check-encoders: what HF PEFT and transformers make of our encoders, and the reverse."""
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = 1e-4
action, base, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])


def load(path, **how):
    return AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32, ignore_mismatched_sizes=True, **how).eval()


def make():
    """An adapter as PEFT itself saves it, with a new head and something in B."""
    torch.manual_seed(5)
    targets = ["query", "value"] if hasattr(load(base).config, "type_vocab_size") else ["q_lin", "v_lin"]
    if load(base).config.model_type == "deberta-v2":
        targets = ["query_proj", "value_proj"]
    model = get_peft_model(
        load(base, num_labels=2),
        LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules=targets, modules_to_save=["pooler", "classifier"]),
    )
    for name, p in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p, std=0.05)
    model.save_pretrained(work / "peft")


def check():
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.backend_tokenizer.no_padding()
    config = load(base).config
    first = config.pad_token_id + 1 if "roberta" in config.model_type else 0  # positions that no token has
    limit = 512 if config.model_type == "deberta-v2" else min(512, config.max_position_embeddings - first)
    models = {name: lambda d=name: PeftModel.from_pretrained(load(base, num_labels=2), str(work / "ours" / d)).eval() for name in ("lora", "tlora", "dora", "pissa")}
    models["peft"] = lambda: PeftModel.from_pretrained(load(base, num_labels=2), str(work / "peft")).eval()
    models["merged"] = lambda: load(work / "merged")
    failed = False
    for name, make_model in models.items():
        model = make_model()
        rows = [json.loads(line) for line in (work / f"{'tlora' if name == 'merged' else name}.jsonl").open()]
        off = 0.0
        for row in rows:
            with torch.no_grad():
                pair = tokenizer(
                    row["text"], row["second_text"], truncation="longest_first", max_length=limit, return_tensors="pt"
                )
                theirs = model(**pair).logits[0]
            off = max(off, (theirs - torch.tensor(row["scores"])).abs().max().item())
        good = off <= TOLERANCE
        failed |= not good
        print(f"{name}: scores of {len(rows)} rows differ by at most {off:.2e}{'' if good else '  TOO FAR'}")
    labels = load(work / "merged").config.id2label
    print(f"merged: labels {labels}")
    sys.exit(failed or labels != {0: "entailment", 1: "not_entailment"})


make() if action == "make" else check()
