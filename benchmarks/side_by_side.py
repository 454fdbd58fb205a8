"""Runs peer and project in turns and writes this processor's section of RESULTS.md; started by benchmarks/run."""
import argparse
import json
import math
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from planning import planning
from quiet import SLOWER, TRIES, Watch, ratio
from scale import scale
from serving import serving, serving_adapters

HERE = Path(__file__).resolve().parent
PARTS = ["training", "checkpointing", "dora", "full", "init", "decomposition", "generation", "busy", "quantised", "scaling"]
# and "scale", which needs root, "large" and "plan", which need a model, "serving" and "serving-adapters", which take long: these must be asked for
# of transformers serve: answers side by side, with keys and values in as much of the free memory as ours takes, instead of six tenths
PEER_OPTIONS = ["--continuous-batching", "--cb-max-memory-percent", "0.25"]
PROMPT = 2000  # tokens of a long prompt
# what makes the libraries of both sides stay below what the processor has
ISAS = {
    "native": {},
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    "avx512": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "MKL_ENABLE_INSTRUCTIONS": "AVX512"},
}


def last_json(command, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{done.stderr[-2000:]}")
    return json.loads(lines[-1])


class Machine:
    def __init__(self, a):
        self.a = a
        self.work = Path(tempfile.mkdtemp())
        root = Path(a.root)
        jars = [HERE / "target/classes", *sorted((root / "cli/target").glob("tlora-cli-*.jar")), root / "cli/target/lib/*"]
        self.classpath = ":".join(map(str, jars))

    def peer(self, script, *arguments):
        return last_json([sys.executable, HERE / "peers" / script, *map(str, arguments)])

    def java(self, name, *arguments):
        command = ["java", "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-cp", self.classpath, f"org.tlora.benchmarks.{name}"]
        # as the launcher does it
        launcher = (Path(self.a.root) / "tlora").read_text()
        tunables = re.search(r"GLIBC_TUNABLES=(glibc\S+)", launcher).group(1)
        environment = {**os.environ, "GLIBC_TUNABLES": tunables}
        return last_json(command + [str(x) for x in arguments], env=environment)

    def tlora(self, *arguments):
        command = [Path(self.a.root) / "tlora", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{done.stderr[-2000:]}")

    def train(self, method, dtype, *more, steps=None, batch=8, rank=16, threads=None, model=None, data=None, name="run"):
        out = self.work / name
        shutil.rmtree(out, ignore_errors=True)
        self.tlora(
            "train", "--model", model or self.a.model, "--data", data or self.a.data, "--template", "gsm8k", "--method", method,
            "--rank", rank, "--batch-size", batch, "--steps", (steps or self.a.steps) + 1, "--dtype", dtype,
            "--threads", threads or self.a.threads, "--calibration-samples", 8, "--output", out, *more,
        )
        steps = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        steps = [s for s in steps if "loss" in s][1:]  # the first one warms up
        phases = [sum(s["seconds"][p] for s in steps) for p in ("forward", "backward", "optimizer")]
        return dict(
            tokens_per_second=sum(s["tokens"] for s in steps) / sum(phases),
            tokens_per_step=sum(s["tokens"] for s in steps) / len(steps),
            seconds=phases,
            peak_bytes=steps[-1]["peak_rss_bytes"],
        )

    def calibrate(self, samples=16, rank=16):
        out = self.work / "start"
        self.tlora(
            "calibrate", "--model", self.a.model, "--data", self.a.data, "--template", "gsm8k", "--method", "tlora",
            "--rank", rank, "--calibration-samples", samples, "--dtype", "float32", "--output", out,
        )
        seconds = json.loads((out / "calibration.json").read_text())["seconds"]
        return dict(calibration_seconds=seconds["calibration"], decomposition_seconds=seconds["initialisation"])

    def shortened(self, layers):
        """The model with its first layers only."""
        out = self.work / f"layers-{layers}"
        out.mkdir(exist_ok=True)
        for file in Path(self.a.model).iterdir():
            if not (out / file.name).exists():
                (out / file.name).symlink_to(file)
        config = json.loads((Path(self.a.model) / "config.json").read_text())
        config["num_hidden_layers"] = layers
        (out / "config.json").unlink()
        (out / "config.json").write_text(json.dumps(config))
        return out


def mean(runs, key):
    return statistics.fmean(r[key] for r in runs)


def each(runs, key, scale=1.0, digits=0):
    return ", ".join(f"{r[key] * scale:.{digits}f}" for r in runs)


def phases(runs):
    return " / ".join(f"{statistics.fmean(r['seconds'][i] for r in runs):.1f}" for i in range(3))


def training(m, a, watch):
    return [
        "## Training",
        "",
        "SmolLM2-135M on GSM8K, batch 8, rank 16, seven linear types. Real tokens a second; seconds are forward / backward / "
        f"optimizer of {a.steps} steps after one that warms up; memory is peak resident. TLoRA stands beside the peer's LoRA.",
        "",
        "| method | type | peer, tokens/s | ours, tokens/s | ratio | peer, s | ours, s | peer, GB | ours, GB | memory |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        *training_rows(m, a, watch),
    ]


def initialisation(m, a, watch):
    lines = ["## TLoRA's initialisation", "", "16 samples, 210 layers, rank 16, float32.", ""]
    lines += ["| phase | peer, s | ours, s | ratio |", "|---|--:|--:|--:|"]
    peers, owns = watch.interleaved(
        a.rounds, lambda: m.peer("init_tlora.py", a.model, a.data, "--threads", a.threads), lambda: m.calibrate()
    )
    for phase in ("calibration", "decomposition"):
        key = phase + "_seconds"
        faster = ratio(owns, peers, key, lower_is_better=True)
        print(f"{phase}: {faster}", flush=True)
        lines.append(f"| {phase} | {each(peers, key, 1, 1)} | {each(owns, key, 1, 1)} | {faster} |")
    return lines


def decomposition(m, a, watch):
    lines = ["## Leading directions of W·C", "", "| W, rank | full SVD, s | ours, s | ratio |", "|---|--:|--:|--:|"]
    for rows, columns, rank in ((4096, 4096, 128), (4096, 11008, 128)):
        theirs = watch.turn(lambda: m.peer("decompose.py", rows, columns, rank))["seconds"]
        ours = watch.turn(lambda: m.java("DecompositionBenchmark", rows, columns, rank, 3))["seconds"]
        print(f"decomposition {rows}x{columns}: {theirs / ours:.1f}x", flush=True)
        lines.append(f"| {rows}×{columns}, {rank} | {theirs:.1f} | {ours:.2f} | **{theirs / ours:.1f}×** |")
    return lines


def training_rows(m, a, watch):
    wanted = []
    for dtype in a.dtypes:
        if "training" in a.parts:
            wanted += [("lora", "lora", dtype, False), ("tlora", "lora", dtype, False)]
        if "checkpointing" in a.parts:
            wanted += [("lora", "lora", dtype, True)]
        if "dora" in a.parts:
            wanted += [("dora", "dora", dtype, False)]
        if "full" in a.parts and dtype == "float32":
            wanted += [("full", "full", dtype, False)]
    measured = {}
    for ours, theirs, dtype, checkpointing in wanted:
        key = (theirs, dtype, checkpointing)
        peer = lambda: m.peer(
            "train.py", a.model, a.data, "--dtype", dtype, "--method", theirs, "--steps", a.steps, "--threads", a.threads,
            *(["--checkpointing"] if checkpointing else []),
        )
        own = lambda: m.train(ours, dtype, *(["--gradient-checkpointing"] if checkpointing else []))
        if key in measured:  # TLoRA has no peer of its own: the same runs of LoRA stand beside it
            peers, owns = measured[key], watch.interleaved(a.rounds, own)[0]
        else:
            peers, owns = watch.interleaved(a.rounds, peer, own)
            measured[key] = peers
        yield row(ours + (", checkpointing" if checkpointing else ""), dtype, peers, owns)


def row(name, dtype, peers, owns):
    speed = ratio(owns, peers)
    memory = mean(owns, "peak_bytes") / mean(peers, "peak_bytes")
    print(f"{name} {dtype}: {speed} at {memory:.2f}x memory", flush=True)
    return (
        f"| {name} | {dtype} | {each(peers, 'tokens_per_second')} | {each(owns, 'tokens_per_second')} | {speed} "
        f"| {phases(peers)} | {phases(owns)} | {each(peers, 'peak_bytes', 1e-9, 2)} | {each(owns, 'peak_bytes', 1e-9, 2)} "
        f"| **{memory:.2f}×** |"
    )


def quantised(m, a, watch):
    """LoRA on a base in four bits, ours and bitsandbytes'."""
    lines = [
        "## A base in four bits",
        "",
        "SmolLM2-135M on GSM8K, batch 8, rank 16, NF4 with double quantisation, rounded on loading; the peer is PEFT with bitsandbytes. "
        f"Real tokens a second; seconds are forward / backward / optimizer of {a.steps} steps after one that warms up; memory is peak "
        "resident.",
        "",
        "| method | type | peer, tokens/s | ours, tokens/s | ratio | peer, s | ours, s | peer, GB | ours, GB | memory |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for dtype in a.dtypes:
        peers, owns = watch.interleaved(
            a.rounds,
            lambda: m.peer(
                "train.py", a.model, a.data, "--dtype", dtype, "--steps", a.steps, "--threads", a.threads, "--quantize", "nf4"
            ),
            lambda: m.train("lora", dtype, "--quantize", "nf4"),
        )
        lines.append(row("lora", dtype, peers, owns))
        owns = watch.interleaved(a.rounds, lambda: m.train("tlora", dtype, "--quantize", "nf4"))[0]
        lines.append(row("tlora", dtype, peers, owns))
    return lines


def large(m, a, watch):
    """Seven billion parameters: TLoRA calibration, initialisation and two steps, and LoRA's two steps."""
    lines = [
        "## Seven billion parameters",
        "",
        "A Llama-2 7B shape of random weights (`benchmarks/random_llama.py`), computed in bfloat16, rank 16, four samples to calibrate "
        "on, two steps of one row of 512 tokens with activation checkpointing. `dense` has `--calibration-memory 2500M`.",
        "",
        "| base | method | whole run, s | calibration, s | initialisation, s | a step, s | peak resident, GiB |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for form in a.large_forms:
        for method in ("tlora",) if form == "dense" else ("tlora", "lora"):
            lines.append(large_row(a, form, method))
            print(lines[-1], flush=True)
    return lines


def large_row(a, form, method):
    out = Path(tempfile.mkdtemp()) / "run"
    held = ["--calibration-memory", "2500M"] if form == "dense" else ["--quantize", form]
    command = [
        Path(a.root) / "tlora", "train", "--model", a.large_model, "--data", a.data, "--template", "gsm8k", "--method", method,
        "--rank", "16", "--calibration-samples", "4", *held, "--steps", "2", "--batch-size", "1", "--cutoff-length", "512",
        "--gradient-checkpointing", "--dtype", "bfloat16", "--threads", a.threads, "--output", out,
    ]  # fmt: skip
    environment = {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.arena_max=2"}
    start = time.monotonic()
    done = subprocess.run([str(x) for x in command], capture_output=True, text=True, env=environment)
    wall = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(done.stderr[-2000:])
    seconds = json.loads((out / "calibration.json").read_text())["seconds"]
    steps = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    steps = [s for s in steps if "loss" in s]
    per_step = sum(sum(s["seconds"][p] for p in ("forward", "backward", "optimizer")) for s in steps) / len(steps)
    return (
        f"| {form} | {method} | {wall:.0f} | {seconds['calibration']:.0f} | {seconds['initialisation']:.0f} | {per_step:.0f} "
        f"| {max(s['peak_rss_bytes'] for s in steps) / 2**30:.1f} |"
    )


def generation(m, a, watch):
    """Rows side by side, and the first token behind a long prompt."""
    memory = watch.bandwidth()
    lines = [
        "## Generation",
        "",
        f"Greedy, 64 tokens a row, or the first token behind a prompt of {PROMPT:,} tokens, which are counted then; the peer in float32. "
        f"Memory is read at {memory / 1e9:.1f} GB/s; the share of that is what reading all weights for each token comes to.",
        "",
        "| rows | weights | peer, tokens/s | ours, tokens/s | ratio | of memory |",
        "|---|---|--:|--:|--:|--:|",
    ]
    key = "tokens_per_second"
    for rows, weights, prompt in ((1, "float32", 0), (16, "float32", 0), (1, "int8", 0), (16, "int8", 0), (1, "float32", PROMPT)):
        tokens = 1 if prompt else 64
        peers, owns = watch.interleaved(
            a.rounds,
            lambda: m.peer("generate.py", a.model, "--batch", rows, "--tokens", tokens, "--prompt", prompt, "--threads", a.threads),
            lambda: m.java("GenerationBenchmark", a.model, rows, tokens, weights, a.threads, prompt),
        )
        faster = ratio(owns, peers)
        name = f"a prompt of {prompt:,}" if prompt else f"{rows}"
        print(f"generation, {name}, {weights}: {faster}", flush=True)
        share = max(o[key] * o["weight_bytes"] for o in owns) / memory if rows == 1 and not prompt else None
        digits = 0 if prompt else 1
        lines.append(
            f"| {name} | {weights} | {each(peers, key, 1, digits)} | {each(owns, key, 1, digits)} | {faster} | "
            f"{f'{share:.0%}' if share else ''} |"
        )
    return lines


def codes(m, a, watch):
    """One text from the codes of a GGUF file, beside llama.cpp on the same file and transformers on its numbers."""
    lines = [
        "## Generation from a file's codes",
        "",
        f"Greedy, 128 tokens of one text, {Path(a.file).name}: llama.cpp, which rounds activations to eight bits, and transformers in "
        "float32 on the numbers that the file stands for. Ratios are to llama.cpp.",
        "",
        "| ours | transformers, tokens/s | llama.cpp, tokens/s | ours, tokens/s | ratio | to transformers | ours, GB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    key = "tokens_per_second"
    ids = "1,504,3814,9056,418,6654,30,657"
    for weights in ("as-stored", "as-stored-bfloat16", "float32", "bfloat16"):
        peers, others, owns = watch.interleaved(
            a.rounds,
            lambda: m.peer("generate.py", a.model, "--batch", 1, "--tokens", 64, "--prompt", 0, "--threads", a.threads),
            lambda: m.peer(
                "llama_cpp.py", "speed", a.file, "--prompt-ids", ids, "--tokens", 128, "--threads", a.threads, "--library", a.llama_cpp
            ),
            lambda: m.java("GenerationBenchmark", a.file, 1, 128, weights, a.threads),
        )
        faster = ratio(owns, others)
        print(f"codes, {weights}: {faster}", flush=True)
        lines.append(
            f"| {weights} | {each(peers, key, 1, 1)} | {each(others, key, 1, 1)} | {each(owns, key, 1, 1)} | {faster} | "
            f"{ratio(owns, peers)} | {mean(owns, 'peak_bytes') / 1e9:.2f} |"
        )
    return lines


def busy(m, a, watch):
    """One run alone, two at the same time, and one beside loops of a lower priority; then the same of the peer."""

    def own(name="run"):
        return m.train("lora", "float32", batch=4, name=name)

    def peer(name="run"):
        return m.peer("train.py", a.model, a.data, "--batch", 4, "--steps", a.steps, "--threads", a.threads)

    def together(run):
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(run, ("first", "second")))
        return dict(tokens_per_second=mean(both, "tokens_per_second"))

    def beside(run):
        loops = [subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", "while True: pass"]) for _ in range(a.threads)]
        try:
            return run()
        finally:
            for loop in loops:
                loop.kill()
                loop.wait()

    lines = [
        "## A busy machine",
        "",
        f"LoRA, float32, batch 4, {a.threads} threads, real tokens a second: a run alone, the mean of two at the same time, and one "
        f"beside {a.threads} loops of `nice -n 19`. Two that share fairly have 50 % of one each.",
        "",
        "| | alone | two at once, each | of one alone | beside niced loops | of one alone |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, run in (("ours", own), ("peer", peer)):
        alone, two, niced = watch.interleaved(a.rounds, run, lambda: together(run), lambda: beside(run))
        key = "tokens_per_second"
        lines.append(
            f"| {name} | {each(alone, key)} | {each(two, key)} | {ratio(two, alone)} | {each(niced, key)} | {ratio(niced, alone)} |"
        )
        print(lines[-1], flush=True)
    return lines


def scaling(m, a, watch):
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plot

    figure, axes = plot.subplots(2, 3, figsize=(13, 8))
    axes = list(axes.flat)
    lines = ["## How cost grows", "", "![cost as the work grows](scaling.svg)", ""]
    lines += ["Float32, LoRA for the steps, TLoRA for the calibration.", ""]
    lines += ["| what grows | from … to | seconds | exponent (1 is linear) |", "|---|---|---|--:|"]

    def draw(axis, title, label, xs, ys):
        slope = math.log(ys[-1] / ys[0]) / math.log(xs[-1] / xs[0])
        axis.loglog(xs, ys, "o-")
        axis.loglog(xs, [ys[0] * x / xs[0] for x in xs], ":", color="grey")
        axis.set(title=f"{title} (exponent {slope:.2f})", xlabel=label, ylabel="seconds")
        points = ", ".join(f"{y:.2f}" for y in ys)
        lines.append(f"| {title} | {', '.join(f'{x:.0f}' for x in xs)} | {points} | {slope:.2f} |")
        print(lines[-1], flush=True)

    def step(**how):
        run = m.train("lora", "float32", steps=2, **how)
        return run["tokens_per_step"], sum(run["seconds"]) / 2

    points = [step(batch=b) for b in (1, 5, 20, 42)]
    draw(axes[0], "tokens of a step", "tokens", [p[0] for p in points], [p[1] for p in points])
    draw(axes[1], "layers", "layers", [6, 15, 30], [step(model=m.shortened(n))[1] for n in (6, 15, 30)])
    draw(axes[2], "rank", "rank", [8, 64, 256], [step(rank=r)[1] for r in (8, 64, 256)])
    runs = [m.calibrate(samples=n) for n in (4, 16, 64)]
    draw(axes[3], "calibration samples", "samples", [4, 16, 64], [r["calibration_seconds"] for r in runs])
    draw(axes[4], "threads", "threads", [1, 2], [step(threads=n)[1] for n in (1, 2)])
    axes[5].set_axis_off()
    figure.tight_layout()
    figure.savefig(HERE / "scaling.svg", metadata={"Date": None})
    return lines


def numbers(text, between=","):
    return [int(x) for x in text.split(between)]


def processor():
    """Its name with family and model, since one name may stand for several generations."""
    said = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if not line.strip():
            break
        key, _, value = line.partition(":")
        said[key.strip()] = value.strip()
    if "model name" not in said:
        return platform.processor()
    return f"{said['model name']}, family {said.get('cpu family')} model {said.get('model')}"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", required=True)
    p.add_argument("--model", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--file", help="the GGUF file that --model was made of, for --parts codes")
    p.add_argument("--llama-cpp", help="the folder with libllama.v….so, for --parts codes")
    p.add_argument("--large-model", help="a directory of benchmarks/random_llama.py, for --parts large")
    p.add_argument("--large-forms", type=lambda s: s.split(","), default=["nf4"], help="what its base is held in: dense, nf4, …")
    p.add_argument("--encoder", help="a directory of an encoder, for --parts plan")
    p.add_argument("--labelled", help="its rows, for --parts plan")
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--steps", type=int, default=4)
    p.add_argument("--tries", type=int, default=TRIES, help="of a turn that was disturbed")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--parts", type=lambda s: s.split(","), default=PARTS)
    p.add_argument("--dtypes", type=lambda s: s.split(","), default=["float32", "bfloat16"])
    p.add_argument("--clients", type=numbers, default=[1, 4, 16, 64], help="of a server at once, for --parts serving")
    p.add_argument("--requests", type=numbers, default=[8, 16, 32, 64], help="of all clients together, one number or one for each load")
    p.add_argument("--prompt-tokens", type=lambda s: numbers(s, "-"), default=[64, 512], help="the least and the most: 64-512")
    p.add_argument("--answer-tokens", type=int, default=64)
    p.add_argument("--peer-options", type=shlex.split, default=PEER_OPTIONS, help="what transformers serve is started with")
    p.add_argument("--isa", choices=ISAS, default="native", help="instructions that both sides keep to")
    a = p.parse_args()
    os.environ.update(ISAS[a.isa])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # so that servers end too
    m = Machine(a)
    watch = Watch(a.threads, a.tries)
    features = Path("/proc/cpuinfo").read_text()
    has = [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {f}" in features]
    where = f"{processor()} ({', '.join(has)})" + ("" if a.isa == "native" else f", kept to {a.isa}")
    parts = {
        "training": training,
        "init": initialisation,
        "decomposition": decomposition,
        "generation": generation,
        "busy": busy,
        "scaling": scaling,
        "scale": scale,
        "large": large,
        "quantised": quantised,
        "codes": codes,
        "plan": planning,
        "serving": serving,
        "serving-adapters": serving_adapters,
    }
    asked = {"training" if p in ("training", "checkpointing", "dora", "full") else p for p in a.parts}
    for name, measure in parts.items():
        if name in asked:
            turns, disturbed = watch.turns, watch.disturbed
            title, *lines = measure(m, a, watch)
            said = [
                "",
                f"{time.strftime('%Y-%m-%d')}, {a.threads} threads, {watch.gigaflops():.0f} GFLOP/s in a float32 product of "
                f"1024×1024×1024; torch {version('torch')}, transformers {version('transformers')}, PEFT {version('peft')}, Python "
                f"{platform.python_version()}. Of {watch.turns - turns} turns {watch.disturbed - disturbed} were disturbed; such a one is "
                f"made again until it has been made {a.tries} times, and where none was quiet, the ratio says so.",
            ]
            write_part(HERE / "RESULTS.md", f"# {where}", [title, *said, *lines])


def write_part(path, section, lines):
    """The file has a section for each processor, and that a part for each title; what was not measured now stays."""
    head = [
        "Side by side with the Python peers, made by `benchmarks/run`: a section for each processor, since what is 3 times as fast "
        "on one is not on another. A fixed product before and behind each turn, time that the host stole and time that other "
        f"processes took say whether it was quiet (a product at most {SLOWER:g} times as slow as at its best). Peer and project take "
        "turns; each figure is one turn, each ratio the geometric mean of the rounds' with its 95 % interval.",
        "",
    ]
    sections = re.split(r"(?m)^(?=# )", path.read_text())[1:] if path.exists() else []
    ours = next((s for s in sections if s.splitlines()[0] == section), section + "\n")
    parts = [p.rstrip() for p in re.split(r"(?m)^(?=## )", ours)]
    titles = [p.splitlines()[0] for p in parts]
    mine = "\n".join(lines).rstrip()
    if lines[0] in titles:
        parts[titles.index(lines[0])] = mine
    else:
        parts.append(mine)
    others = [s.rstrip() for s in sections if s.splitlines()[0] != section]
    path.write_text("\n".join(head) + "\n" + "\n\n".join(["\n\n".join(parts), *others]) + "\n")
    print(f"{lines[0][3:]} written to {path}", flush=True)


if __name__ == "__main__":
    main()
