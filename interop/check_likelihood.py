"""The Python half of interop/check-likelihood: lm-evaluation-harness on the same rows, with its own task files."""
import importlib.util
import json
import re
import sys
from pathlib import Path

import lm_eval
import torch
import yaml
from lm_eval import tasks
from lm_eval.models.huggingface import HFLM

ROWS = 100
model, arc, piqa, winogrande, work = *sys.argv[1:5], Path(sys.argv[5])
own = Path(tasks.__file__).parent


def number(row):
    return int(re.search(r"(\d+)\D*$", row["answer"]).group(1)) - 1


def arc_doc(row):
    text = row["instruction"]
    return {
        "question": re.search(r"to the question: (.*?)\n\nAnswer1:", text, re.S).group(1).strip(),
        "choices": {
            "text": [c.strip() for c in re.findall(r"Answer\d: (.*?)(?= Answer\d: |\n\nAnswer format|$)", text, re.S)],
            "label": ["1", "2", "3", "4", "5"],
        },
        "answerKey": str(number(row) + 1),
    }


def piqa_doc(row):
    text = row["instruction"]
    one, two = re.findall(r"Solution\d: (.*?)(?=\n\n?Solution\d: |\n\nAnswer format|$)", text, re.S)
    return {
        "goal": re.search(r"to the question: (.*?)\n\nSolution1:", text, re.S).group(1).strip(),
        "sol1": one.strip(),
        "sol2": two.strip(),
        "label": number(row),
    }


def winogrande_doc(row):
    text = row["instruction"]
    one, two = re.search(r"Option1: (.*?) Option2: (.*?) Answer format", text, re.S).groups()
    sentence = re.search(r"given sentence: (.*?)\n\nOption1:", text, re.S).group(1)
    return {"sentence": sentence, "option1": one, "option2": two, "answer": str(number(row) + 1)}


class Functions(yaml.SafeLoader):
    """Reads the harness's !function tags, which name functions of a file beside the task."""


def read_task(file):
    def function(loader, node):
        module, name = loader.construct_scalar(node).rsplit(".", 1)
        spec = importlib.util.spec_from_file_location(module, file.parent / f"{module}.py")
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return getattr(loaded, name)

    Functions.add_constructor("!function", function)
    return yaml.load(file.read_text(), Functions)


def pairs(sample):
    """What a sample of ours was scored on: prompt and text of each choice."""
    if "ending" in sample:
        return [[sample["prompt"].replace("_", c.strip()), sample["ending"]] for c in sample["choices"]]
    return [[sample["prompt"], c] for c in sample["choices"]]


def harness(lm, file, name, docs):
    """The harness's own configuration of a task; only the rows come from our file."""
    path = work / f"{name}.jsonl"
    path.write_text("".join(json.dumps(d) + "\n" for d in docs))
    config = read_task(own / file)
    for key in ("tag", "dataset_name", "training_split", "validation_split", "test_split"):
        config.pop(key, None)
    config.update(dataset_path="json", dataset_kwargs={"data_files": {"test": str(path)}}, test_split="test")
    result = lm_eval.simple_evaluate(model=lm, tasks=[config], log_samples=True, bootstrap_iters=0)
    return sorted(result["samples"][name], key=lambda s: s["doc_id"]), result["results"][name]


lm = HFLM(pretrained=model, dtype=torch.float32, device="cpu", batch_size=8, add_bos_token=False)
ours = [json.loads(line) for line in (work / "samples.jsonl").open()]
scores = {s["task"]: s for s in map(json.loads, (work / "scores.jsonl").open())}
failed = False
for task, file, name, make, source in (
    ("arc-e", "arc/arc_easy.yaml", "arc_easy", arc_doc, arc),
    ("piqa", "piqa/piqa.yaml", "piqa", piqa_doc, piqa),
    ("winogrande", "winogrande/default.yaml", "winogrande", winogrande_doc, winogrande),
):
    docs = [make(row) for row in json.load(open(source))[:ROWS]]
    theirs, result = harness(lm, file, name, docs)
    mine = [s for s in ours if s["task"] == task]
    prompts = picks = norms = 0
    off = 0.0
    for s, t in zip(mine, theirs, strict=True):
        arguments = [a if isinstance(a, (list, tuple)) else list(a.values()) for a in t["arguments"]]
        same = all(list(a[:2]) == p for a, p in zip(arguments, pairs(s), strict=True))
        likelihoods = [float(r[0][0]) for r in t["resps"]]
        prompts += same
        off = max(off, max(abs(a - b) for a, b in zip(likelihoods, s["log_likelihoods"], strict=True)))
        picks += bool(t["acc"]) == s["correct"]
        norms += bool(t.get("acc_norm", s["acc_norm"])) == s["acc_norm"]
    print(
        f"{task}: {prompts} of {ROWS} prompts and choices alike, log-likelihoods off by at most {off:.1e}, "
        f"acc alike on {picks} rows, acc_norm on {norms}; acc {scores[task]['value']:.2f} and {result['acc,none']:.2f}, "
        f"acc_norm {scores[task]['acc_norm']:.2f} and {result.get('acc_norm,none', float('nan')):.2f}"
    )
    failed |= min(prompts, picks, norms) < ROWS or off > 1e-2
sys.exit(failed)
