"""The Python side of interop/check-vocabulary."""
import json
import sys
import warnings
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TOLERANCE = 1e-4


def load(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()


def last_logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, -1]


def report(what, ours, theirs):
    same = len(ours) == len(theirs)
    off = (torch.tensor(ours) - theirs).abs().max().item() if same else float("inf")
    good = off <= TOLERANCE
    print(f"{what}: logits differ by at most {off:.2e}{'' if good else '  TOO FAR'}")
    return good


def adapted(base, run):
    """The base with the adapter, grown first where the tokenizer beside the adapter knows more tokens."""
    model = load(base)
    if (run / "tokenizer.json").exists():
        size = len(AutoTokenizer.from_pretrained(run))
        if size > model.config.vocab_size:
            model.resize_token_embeddings(size)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        peft = PeftModel.from_pretrained(model, run).eval()
    missing = [str(w.message)[:200] for w in said if "missing" in str(w.message).lower()]
    if missing:
        print(f"{run.name}: PEFT misses keys: {missing}")
    return peft, not missing


def main():
    base, work, ids = sys.argv[1], Path(sys.argv[2]), [int(i) for i in sys.argv[3].split(",")]
    plain = last_logits(load(base), ids)
    good = True
    for run in sorted(p for p in work.iterdir() if p.is_dir()):
        ours = json.loads((run / "logits.json").read_text())["last_logits"]
        peft, whole = adapted(base, run)
        good &= whole
        good &= report(f"{run.name} in HF PEFT", ours, last_logits(peft, ids))
        good &= report(f"{run.name} merged, in transformers", ours, last_logits(load(run / "merged"), ids))
        if len(ours) == len(plain) and (torch.tensor(ours) - plain).abs().max() < 1e-3:
            good = False
            print(f"{run.name}: nothing was learned")
    sys.exit(0 if good else 1)


main()
