"""The full SVD by which the published code finds the leading directions of W C."""
import argparse
import time

import torch

from common import print_result

p = argparse.ArgumentParser()
p.add_argument("rows", type=int)
p.add_argument("columns", type=int)
p.add_argument("rank", type=int)
a = p.parse_args()
torch.set_num_threads(2)
torch.manual_seed(0)
w = torch.randn(a.rows, a.columns) / a.columns**0.5
x = torch.randn(2048, a.columns) * torch.arange(1, a.columns + 1).float().rsqrt()
c = x.t() @ x
start = time.perf_counter()
torch.linalg.svd(w @ c, full_matrices=False)[2][: a.rank].clone()
print_result(seconds=time.perf_counter() - start)
