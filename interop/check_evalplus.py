"""Compares the verdicts of EvalPlus with ours, row by row.

    check_evalplus.py join DIRECTORY               makes DATASET-rows.jsonl: each answer in the row it is for
    check_evalplus.py compare DIRECTORY [KEPT]     reads DATASET-samples_eval_results.json (EvalPlus) and DATASET-ours.jsonl;
                                                   KEPT gets EvalPlus's verdicts, which the build's own tests read

DIRECTORY is what evalplus_cases.py and `evalplus.evaluate` have written.
"""
import json
import sys
from importlib import metadata
from pathlib import Path


def lines(file):
    return [json.loads(line) for line in Path(file).read_text().splitlines()]


def settled(task, version):
    """EvalPlus 0.3.1 forgets to count the inputs of this task, so that no answer is right; its later code counts them."""
    return not (version == "0.3.1" and task == "HumanEval/32")


def theirs(directory):
    """Statuses of every answer by its data set, in the order of the samples."""
    found = {}
    for name in ("humaneval", "mbpp"):
        results = json.loads((directory / (name + "-samples_eval_results.json")).read_text())["eval"]
        counts = {}
        for sample in lines(directory / (name + "-samples.jsonl")):
            number = counts.setdefault(sample["task_id"], 0)
            counts[sample["task_id"]] += 1
            result = results[sample["task_id"]][number]
            assert result["solution"] == sample["solution"], sample
            found[name, sample["task_id"], sample["why"]] = (
                sample["solution"], result["base_status"], result["plus_status"])
    return found


def join(directory):
    for name in ("humaneval", "mbpp"):
        rows = {row["task_id"]: row for row in lines(directory / (name + ".jsonl"))}
        with open(directory / (name + "-rows.jsonl"), "w") as out:
            for sample in lines(directory / (name + "-samples.jsonl")):
                row = dict(rows[sample["task_id"]], solution=sample["solution"])
                out.write(json.dumps(row) + "\n")


def ours(directory):
    found = {}
    for name in ("humaneval", "mbpp"):
        samples = lines(directory / (name + "-samples.jsonl"))
        for line in lines(directory / (name + "-ours.jsonl")):
            sample = samples[line["row"] - 1]
            found[name, sample["task_id"], sample["why"]] = (line["passed_base"], line["passed_plus"])
    return found


def compare(directory, kept):
    expected = theirs(directory)
    if kept:
        with open(kept, "w") as out:
            for (_, task, why), (solution, base, plus) in expected.items():
                out.write(json.dumps(
                    {"task_id": task, "why": why, "solution": solution, "base": base, "plus": plus}) + "\n")
    here = ours(directory)
    unlike = 0
    version = metadata.version("evalplus")
    for key, (_, base, plus) in expected.items():
        want = (base == "pass", plus == "pass")
        if here.get(key) != want and not settled(key[1], version):
            print("%s: EvalPlus %s %s, here %s: known" % (" ".join(key), version, want, here.get(key)))
        elif here.get(key) != want:
            unlike += 1
            print("%s: EvalPlus %s, here %s" % (" ".join(key), want, here.get(key)))
    passed = sum(base == plus == "pass" for _, base, plus in expected.values())
    print("%d answers, %d of them right by EvalPlus, %d verdicts unlike" % (len(expected), passed, unlike))
    return 1 if unlike else 0


def main():
    directory = Path(sys.argv[2])
    if sys.argv[1] == "join":
        return join(directory)
    return compare(directory, sys.argv[3] if len(sys.argv) > 3 else None)


if __name__ == "__main__":
    sys.exit(main())
