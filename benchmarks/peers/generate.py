"""Greedy generation by transformers."""
import argparse
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from common import print_result

TEXT = "A train leaves at noon and arrives at four. It goes ninety kilometres an hour. How far does it go?"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("--batch", type=int, default=1)
    p.add_argument("--tokens", type=int, default=64)
    p.add_argument("--prompt", type=int, default=0, help="tokens of a long prompt, which are counted then")
    p.add_argument("--dtype", default="float32")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=getattr(torch, a.dtype)).eval()
    text = tokenizer(TEXT).input_ids
    if a.prompt:
        text = [text[i % len(text)] for i in range(a.prompt)]
    ids = torch.tensor([text] * a.batch)
    warm_up = 1 if a.prompt else 32
    settings = dict(attention_mask=torch.ones_like(ids), do_sample=False, pad_token_id=0)
    with torch.no_grad():
        model.generate(ids, max_new_tokens=warm_up, min_new_tokens=warm_up, **settings)
        start = time.perf_counter()
        model.generate(ids, max_new_tokens=a.tokens, min_new_tokens=a.tokens, **settings)
        seconds = time.perf_counter() - start
    print_result(tokens_per_second=a.batch * (a.prompt or a.tokens) / seconds)


main()
