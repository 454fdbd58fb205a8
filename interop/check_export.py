"""The Python half of interop/check-export: what transformers, HF PEFT and gguf make of our exports."""
import json
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

model, adapter, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
ours = json.loads((work / "ours.json").read_text())
ids = torch.tensor([ours["prompt_ids"]])
want = torch.tensor(ours["last_logits"])
failed = []


def check(name, off, bound):
    good = off <= bound
    print(f"{name}: off by {off:.2e} (at most {bound:.0e}){'' if good else '  FAILED'}", flush=True)
    if not good:
        failed.append(name)


def logits(m):
    with torch.no_grad():
        return m.eval()(input_ids=ids).logits[0, -1].float()


load = lambda path, **how: AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, **how)
check("uniform-lora in PEFT", (logits(PeftModel.from_pretrained(load(model), str(work / "uniform"))) - want).abs().max().item(), 2e-3)
for dtype, bound in ("float32", 2e-3), ("bfloat16", 1.0), ("float16", 0.1):
    shards = len(list((work / dtype).glob("model-*-of-*.safetensors")))
    merged = load(work / dtype)
    check(f"merged {dtype} in {shards} shards", (logits(merged) - want).abs().max().item(), bound)
    if dtype == "float32":
        exact = merged.state_dict()
for dtype, bound in ("F32", 2e-3), ("F16", 0.1), ("BF16", 1.0), ("Q8_0", 2.0):
    m = load(work / "gguf", gguf_file=f"{dtype}.gguf")
    check(f"GGUF {dtype} in transformers", (logits(m) - want).abs().max().item(), bound)
tokenizer = AutoTokenizer.from_pretrained(work / "gguf", gguf_file="F32.gguf")
text = "Hello  wörld, 1234 <|im_start|>x\n\n\ty"
same = tokenizer(text).input_ids == AutoTokenizer.from_pretrained(model)(text).input_ids
check("GGUF's tokenizer in transformers", 0 if same else 1, 0)

# blocks are those of the reference quantisation, byte for byte
for name in "Q8_0", "Q4_0":
    whole = {t.name: t for t in gguf.GGUFReader(work / "gguf" / "F32.gguf").tensors}
    differing = total = 0
    for t in gguf.GGUFReader(work / "gguf" / f"{name}.gguf").tensors:
        if t.tensor_type.name == name:
            reference = gguf.quants.quantize(np.asarray(whole[t.name].data), t.tensor_type)
            differing += int((np.asarray(t.data) != reference).sum())
            total += reference.size
    check(f"GGUF {name} blocks against gguf ({total} bytes)", differing, 0)

reader = gguf.GGUFReader(work / "lora.gguf")
fields = {k: f.contents() for k, f in reader.fields.items()}
check("gguf-lora says what it is", 0 if (fields["general.type"], fields["adapter.type"]) == ("adapter", "lora") else 1, 0)
theirs = load_file(f"{adapter}/adapter_model.safetensors")
config = json.loads(Path(adapter, "adapter_config.json").read_text())
tensors = {t.name: torch.from_numpy(np.array(t.data)) for t in reader.tensors}
off = 0.0
names = {"o_proj": "attn_output", "v_proj": "attn_v", "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down"}
for key in theirs:
    if key.endswith(".lora_A.weight") and key.split(".")[-3] in names:
        module = key.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
        rank = theirs[key].shape[0]
        alpha = config["alpha_pattern"].get(module, config["lora_alpha"])
        delta = alpha / rank * theirs[key.replace("lora_A", "lora_B")] @ theirs[key]
        short = f"blk.{module.split('.')[2]}.{names[module.split('.')[-1]]}.weight"
        got = fields["adapter.lora.alpha"] / rank * tensors[short + ".lora_b"] @ tensors[short + ".lora_a"]
        off = max(off, ((got - delta).norm() / delta.norm().clamp(min=1e-12)).item() if delta.norm() > 0 else got.norm().item())
check("gguf-lora's products", off, 1e-5)
sys.exit(f"failed: {', '.join(failed)}" if failed else 0)
