"""Plans six configurations, runs them, and says how far memory and time were off; a part of benchmarks/run, and by itself:

    benchmarks/planning.py MODEL DATA.jsonl ENCODER LABELLED.jsonl [--steps N] [--samples N] [--only NAME,…] [--tlora COMMAND]

MODEL is a decoder's directory in 16 or 32 bits, DATA has GSM8K's fields; ENCODER and LABELLED are for a classification.
Memory is the peak of the process as the system has it, time that of the whole command by the clock: on a machine that does
other work beside, only the first says something of the plan.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONG = 1024  # tokens of long rows, about
SAMPLES = 16  # of a calibration


def long_rows(data, path):
    """Rows of several questions and answers each."""
    rows = [json.loads(line) for line in Path(data).read_text().splitlines()[:400]]
    with open(path, "w") as out:
        for i in range(0, len(rows) - 8, 8):
            some = rows[i : i + 8]
            text = "\n".join(r["question"] + "\n" + r["answer"] for r in some[1:])
            out.write(json.dumps({"question": some[0]["question"], "answer": text}) + "\n")
    return path


def configurations(a, work):
    decoder = ["--model", a.model, "--data", a.data, "--template", "gsm8k", "--dtype", "float32", "--rank", "16"]
    long = ["--model", a.model, "--data", long_rows(a.data, work / "long.jsonl"), "--template", "gsm8k", "--dtype", "float32"]
    encoder = ["--model", a.encoder, "--data", a.labelled, "--dtype", "float32", "--method", "lora", "--batch-size", "32"]
    return {
        "LoRA, batch 8": [*decoder, "--method", "lora"],
        f"TLoRA, batch 8, {a.samples} samples": [*decoder, "--method", "tlora", "--calibration-samples", a.samples],
        f"LoRA, rows of {LONG} tokens, batch 4, checkpointing": [
            *long, "--method", "lora", "--cutoff-length", LONG, "--batch-size", "4", "--gradient-checkpointing",
        ],
        "LoRA on NF4, batch 8": [*decoder, "--method", "lora", "--quantize", "nf4"],
        "full fine-tuning, batch 4": [*decoder[:-2], "--method", "full", "--batch-size", "4"],
        "LoRA of an encoder, batch 32": encoder,
    }


def run(command):
    """Standard output, the peak of resident bytes, and seconds."""
    with tempfile.TemporaryFile("w+") as out:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            sys.exit(f"{shlex.join(map(str, command))}\nfailed:\n{errors[-2000:]}")
        out.seek(0)
        return out.read(), usage.ru_maxrss * 1024, seconds


def measured(a):
    """A line for each configuration: planned, measured, their ratio."""
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        for name, options in configurations(a, work).items():
            if a.only and not any(o in name for o in a.only):
                continue
            options = [str(o) for o in [*options, "--steps", a.steps]]
            plan = json.loads(run([*a.tlora, "plan", "--json", *options])[0])
            _, peak, seconds = run([*a.tlora, "train", *options, "--output", work / "out" / str(len(rows))])
            rows.append(dict(name=name, plan=plan, peak=peak, seconds=seconds))
            print(line(rows[-1]), file=sys.stderr, flush=True)
    return rows


def line(r):
    plan = r["plan"]
    return (
        f"| {r['name']} | {plan['peak_bytes'] / 2**30:.2f} | {r['peak'] / 2**30:.2f} | {plan['peak_bytes'] / r['peak']:.2f} "
        f"| {plan['seconds']:.0f} | {r['seconds']:.0f} | {plan['seconds'] / r['seconds']:.2f} |"
    )


def table(rows):
    return [
        "| | planned GiB | measured GiB | planned / measured | planned s | measured s | planned / measured |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *[line(r) for r in rows],
    ]


def planning(m, a, watch):
    """The part of benchmarks/run."""
    missing = [name for name in ("encoder", "labelled") if not getattr(a, name)]
    if missing:
        sys.exit("--parts plan needs " + " and ".join("--" + name for name in missing))
    a.tlora, a.only, a.samples = [str(ROOT / "tlora")], [], SAMPLES
    return ["## What a plan says and what a run takes", "", *table(watch.turn(lambda: dict(rows=measured(a)))["rows"])]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model")
    p.add_argument("data")
    p.add_argument("encoder")
    p.add_argument("labelled")
    p.add_argument("--steps", type=int, default=10)
    p.add_argument("--samples", type=int, default=SAMPLES, help="that TLoRA calibrates on")
    p.add_argument("--only", type=lambda s: s.split(","), default=[], help="configurations by parts of their names")
    p.add_argument("--tlora", type=shlex.split, default=[str(ROOT / "tlora")])
    a = p.parse_args()
    before = os.getloadavg()[0]
    rows = measured(a)
    print("\n".join(table(rows)))
    print(f"\nload average {before:.1f} before and {os.getloadavg()[0]:.1f} behind, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
