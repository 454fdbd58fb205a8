"""Fine-tuning by HF PEFT (or of all weights by transformers), as its users write it: padded batches, AdamW."""
import argparse
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from common import LINEARS, print_result, rows


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("data")
    p.add_argument("--dtype", default="float32")
    p.add_argument("--method", default="lora", choices=["lora", "dora", "full"])
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--steps", type=int, default=4)
    p.add_argument("--checkpointing", action="store_true")
    p.add_argument("--quantize", choices=["nf4"], help="the base in four bits by bitsandbytes, with double quantisation")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    data = rows(tokenizer, a.data, a.batch * (a.steps + 1))
    dtype = getattr(torch, a.dtype)
    held = {}
    if a.quantize:
        held["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=a.quantize, bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
        )
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=dtype, **held)
    if a.method != "full":
        config = LoraConfig(
            task_type="CAUSAL_LM", r=a.rank, lora_alpha=a.rank, target_modules=LINEARS, use_dora=a.method == "dora"
        )
        model = get_peft_model(model, config)
    if a.checkpointing:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    trained = [q for q in model.parameters() if q.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=2e-4, weight_decay=0.0)
    model.train()
    seconds = [0.0, 0.0, 0.0]
    tokens = 0
    for step in range(a.steps + 1):  # the first one warms up
        batch = data[step * a.batch : (step + 1) * a.batch]
        width = max(len(ids) for ids, _ in batch)
        pad = lambda values, fill: torch.tensor([v + [fill] * (width - len(v)) for v in values])
        start = time.perf_counter()
        loss = model(
            input_ids=pad([ids for ids, _ in batch], 0),
            labels=pad([labels for _, labels in batch], -100),
            attention_mask=pad([[1] * len(ids) for ids, _ in batch], 0),
        ).loss
        forward = time.perf_counter()
        loss.backward()
        backward = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        end = time.perf_counter()
        if step > 0:
            seconds = [s + d for s, d in zip(seconds, (forward - start, backward - forward, end - backward))]
            tokens += sum(len(ids) for ids, _ in batch)
    print_result(tokens_per_second=tokens / sum(seconds), seconds=seconds)


main()
