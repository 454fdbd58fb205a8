"""The Python half of interop/check: what HF PEFT and transformers make of our files."""
import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXT = "Below is an instruction that describes a task.\n\n### Instruction:\nHow many clips are 48 and 24 clips?\n\n### Response:"


def greedy(model, ids, count, eos):
    """Greedy ids, by full forward passes: no generation settings of the model interfere."""
    out = []
    while len(out) < count:
        out.append(int(model(input_ids=torch.tensor([ids + out])).logits[0, -1].argmax()))
        if out[-1] in eos:
            break
    return out


def compare(name, model, ours, eos):
    ids = ours["prompt_ids"]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
        text = greedy(model, ids, 32, eos)
    off = (logits - torch.tensor(ours["last_logits"])).abs().max().item()
    same = text == ours["generated_ids"]
    print(f"{name}: logits differ by at most {off:.2e}, greedy text {'equal' if same else 'DIFFERENT'}")
    return off < 2e-3 and same


def main():
    if sys.argv[1] == "prompt":
        tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
        print(",".join(map(str, tokenizer(TEXT).input_ids)))
        return
    base, adapter, merged, result = sys.argv[2:6]
    ours = json.load(open(result))
    load = lambda path: AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    model = load(base)
    eos = model.generation_config.eos_token_id
    eos = set(eos if isinstance(eos, list) else [eos])
    good = compare("adapter in PEFT", PeftModel.from_pretrained(model, adapter).eval(), ours, eos)
    good &= compare("merged model in transformers", load(merged), ours, eos)
    tokenizer = AutoTokenizer.from_pretrained(merged)
    same = tokenizer(TEXT).input_ids == ours["prompt_ids"]
    print(f"merged model's tokenizer: {'equal' if same else 'DIFFERENT'}")
    sys.exit(0 if good and same else 1)


main()
