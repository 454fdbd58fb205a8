"""TLoRA's initialisation as the published code goes about it, in PyTorch: a backward pass a sample with gradients of
all weights, hooks for covariances, then a full SVD of W C for each layer."""
import argparse
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from common import LINEARS, print_result, rows


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("data")
    p.add_argument("--samples", type=int, default=16)
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    data = rows(tokenizer, a.data, a.samples)
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32)
    layers = {n: m for n, m in model.named_modules() if n.split(".")[-1] in LINEARS}
    covariance = {}
    score = {}

    def hook(name):
        def gather(module, inputs, output):
            x = inputs[0].detach().reshape(-1, inputs[0].shape[-1]).float()
            x = x - x.mean(0, keepdim=True)
            c = x.t() @ x / len(data)
            covariance[name] = covariance[name] + c if name in covariance else c

        return gather

    handles = [m.register_forward_hook(hook(n)) for n, m in layers.items()]
    start = time.perf_counter()
    for ids, labels in data:
        model.zero_grad()
        model(input_ids=torch.tensor([ids]), labels=torch.tensor([labels])).loss.backward()
        for name, m in layers.items():
            s = (m.weight * m.weight.grad).abs().mean().item() / len(data)
            score[name] = score.get(name, 0.0) + s
    calibrated = time.perf_counter()
    for h in handles:
        h.remove()
    total = sum(score.values())
    for name, m in layers.items():
        rank = max(1, round(a.rank * len(layers) * score[name] / total))
        _, _, v = torch.linalg.svd(m.weight.detach() @ covariance[name], full_matrices=False)
        covariance[name] = v[:rank].clone()
    end = time.perf_counter()
    print_result(calibration_seconds=calibrated - start, decomposition_seconds=end - calibrated)


main()
