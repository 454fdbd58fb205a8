"""The Python half of interop/check-llama-cpp: what llama.cpp makes of our files, and how it rounds the same model."""
import json
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np

work, library = Path(sys.argv[1]), sys.argv[2]
peer = Path(__file__).parent.parent / "benchmarks/peers/llama_cpp.py"
FILE_TYPES = {"Q8_0": 7, "Q4_0": 2, "Q4_K_S": 14, "Q4_K_M": 15, "Q5_K_S": 16, "Q5_K_M": 17, "Q6_K": 18}
failed = []


def llama(*arguments):
    command = [sys.executable, peer, *map(str, arguments), "--library", library]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def say(line, good):
    print(line + ("" if good else "  FAILED"), flush=True)
    if not good:
        failed.append(line)


def differing(ours, theirs):
    """Tensors of another type, and blocks of all that are written otherwise."""
    a, b = ({t.name: t for t in gguf.GGUFReader(f).tensors} for f in (ours, theirs))
    assert a.keys() == b.keys(), a.keys() ^ b.keys()
    types = [f"{n}: {a[n].tensor_type.name}, not {b[n].tensor_type.name}" for n in a if a[n].tensor_type != b[n].tensor_type]
    bytes_ = other = 0
    for n in a:
        if a[n].tensor_type == b[n].tensor_type:
            x, y = a[n].data.view(np.uint8).ravel(), b[n].data.view(np.uint8).ravel()
            bytes_ += x.size
            other += int((x != y).sum())
    return types, other / bytes_


for name in "given", "random":
    for type_ in ("F32", "F16", *FILE_TYPES):
        file = work / f"{name}-{type_}.gguf"
        ours = json.loads((work / f"{name}-{type_}.json").read_text())
        ids = ",".join(map(str, ours["prompt_ids"]))
        mine = np.array(ours["last_logits"])
        theirs = np.array(llama("logits", file, "--prompt-ids", ids)["logits"])
        # it rounds activations to eight bits where weights have few: a last digit more or less moves its logits by as much
        off = float(np.sqrt(np.mean((mine - theirs) ** 2)) / mine.std())
        bound = 0.01 if type_.startswith("F") else 0.2
        say(f"{name} {type_} in llama.cpp: logits off by {off:.2%} of their deviation (at most {bound:.0%})", off <= bound)
        if type_ in FILE_TYPES and type_ != "Q4_0":  # of which we write all matrices so, and it gives the output layer more
            own = work / "own.gguf"
            llama("quantise", work / f"{name}-F32.gguf", "--output", own, "--file-type", FILE_TYPES[type_])
            types, share = differing(file, own)
            for line in types:
                say(f"{name} {type_}: {line}", False)
            say(f"{name} {type_}: the types that llama.cpp chooses, {share:.3%} of all bytes differ (at most 1%)", share <= 0.01)
sys.exit(1 if failed else 0)
