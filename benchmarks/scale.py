"""How training scales over processes: one with two threads against two with one, and ranks on machines of their own, made of
network name spaces whose links are slowed down (needs root and tc). From the figures a cost model, checked on those that it was
not fitted to, and what it predicts."""

import json
import math
import os
import subprocess
import time
from pathlib import Path

BRIDGE = "tlscale"
LINKS = {"10 Gbit/s": 10000, "1 Gbit/s": 1000, "100 Mbit/s": 100}


def sh(*command, check=True):
    return subprocess.run([str(c) for c in command], check=check, capture_output=True, text=True).stdout


class Machines:
    """Machines on one switch, each with a link of so many Mbit/s."""

    def __init__(self, count, mbit):
        self.count = count
        self.close(count)
        sh("ip", "link", "add", BRIDGE, "type", "bridge")
        sh("ip", "link", "set", BRIDGE, "up")
        for i in range(count):
            sh("ip", "netns", "add", f"tls{i}")
            sh("ip", "link", "add", f"tlsv{i}", "type", "veth", "peer", "name", "eth0", "netns", f"tls{i}")
            sh("ip", "link", "set", f"tlsv{i}", "master", BRIDGE, "up")
            sh("ip", "-n", f"tls{i}", "addr", "add", f"10.197.3.{i + 1}/24", "dev", "eth0")
            sh("ip", "-n", f"tls{i}", "link", "set", "eth0", "up")
            sh("ip", "-n", f"tls{i}", "link", "set", "lo", "up")
            sh("ip", "netns", "exec", f"tls{i}", "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", f"{mbit}mbit",
               "burst", "256kb", "latency", "100ms")

    def sent(self, i):
        return int(sh("ip", "netns", "exec", f"tls{i}", "cat", "/sys/class/net/eth0/statistics/tx_bytes"))

    def close(self, count=None):
        for i in range(count or self.count):
            sh("ip", "netns", "del", f"tls{i}", check=False)
        sh("ip", "link", "del", BRIDGE, check=False)


class Runs:
    def __init__(self, m, a):
        self.m, self.a = m, a
        self.results = []

    def command(self, out, method, rows, zero, threads, steps):
        return [
            Path(self.a.root) / "tlora", "train", "--model", self.a.model, "--data", self.a.data, "--template", "gsm8k",
            "--method", method, "--rank", 16, "--batch-size", rows, "--steps", steps, "--dtype", "float32", "--threads", threads,
            "--zero", zero, "--calibration-samples", 4, "--save-every", 0, "--output", out, "--no-shuffle",
        ]

    def measured(self, out, steps):
        lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        lines = [s for s in lines if "loss" in s][1:]  # the first one warms up
        seconds = [sum(s["seconds"][p] for p in ("forward", "backward", "optimizer")) for s in lines]
        back = sum(s["seconds"]["backward"] for s in lines) / sum(seconds)
        return dict(seconds=sum(seconds) / len(seconds), tokens=sum(s["tokens"] for s in lines) / len(lines),
                    backward=back, peak=lines[-1]["peak_rss_bytes"])

    def beside(self, count, method, rows, steps=3, threads=1):
        """Runs that have nothing to do with each other: what the processors alone allow."""
        outs = [self.m.work / f"beside-{i}" for i in range(count)]
        started = [subprocess.Popen([str(c) for c in self.command(o, method, rows, 0, threads, steps)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for o in outs]
        for p in started:
            _, err = p.communicate()
            if p.returncode:
                raise SystemExit(err.decode()[-2000:])
        all_ = [self.measured(o, steps) for o in outs]
        for o in outs:
            sh("rm", "-rf", o)
        return dict(seconds=sum(r["seconds"] for r in all_) / count, tokens=sum(r["tokens"] for r in all_),
                    backward=all_[0]["backward"], peak=all_[0]["peak"])

    def ranks(self, count, mbit, method, rows, zero=0, steps=3, threads=1, local=False):
        """A group; rows of each rank. Bytes are what the busiest link sends in a step."""
        out = self.m.work / "ranks"
        sh("rm", "-rf", out)
        machines = None if local else Machines(count, mbit)
        port = 29500 if machines else 29000 + os.getpid() % 500
        try:
            started = []
            for i in range(count):
                env = {"RANK": i, "WORLD_SIZE": count, "LOCAL_RANK": 0 if machines else i, "LOCAL_WORLD_SIZE": 1 if machines else count,
                       "MASTER_ADDR": "10.197.3.1" if machines else "127.0.0.1", "MASTER_PORT": port}
                before = ["ip", "netns", "exec", f"tls{i}"] if machines else []
                command = before + ["env", *(f"{k}={v}" for k, v in env.items())]
                command += self.command(out, method, rows * count, zero, threads, steps)
                started.append(subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
            seen, sent = 0, {}
            while started[0].poll() is None:
                metrics = out / "metrics.jsonl"
                lines = metrics.read_text().count('"loss"') if metrics.exists() else 0
                if machines and lines > seen:
                    seen = lines
                    sent[seen] = [machines.sent(i) for i in range(count)]
                time.sleep(0.05)
            for p in started:
                _, err = p.communicate()
                if p.returncode:
                    raise SystemExit(err.decode()[-2000:])
            r = self.measured(out, steps)
            if machines and 1 in sent and max(sent) > 1:
                per_step = [(x - y) / (max(sent) - 1) for x, y in zip(sent[max(sent)], sent[1])]
                r["bytes"] = max(per_step)
            return r
        finally:
            if machines:
                machines.close()

    def add(self, name, r, **what):
        r = dict(name=name, **what, **r)
        self.results.append(r)
        print(json.dumps(r), flush=True)
        return r


class Model:
    """T = C + max(0, V / (u · B) − b · C): the processors' time, and what of the transfer does not fit beside the way back.

    C is measured without a network, V counted, B the link's rate, b the share of the way back in a step; u, how much of a link is
    used, is fitted."""

    def __init__(self, used):
        self.used = used

    def seconds(self, compute, backward, sent, mbit):
        transfer = sent / (self.used * mbit * 1e6 / 8)
        return compute + max(0.0, transfer - backward * compute)

    @staticmethod
    def fitted(cases):
        def error(u):
            model = Model(u)
            return sum((math.log(model.seconds(*c["x"]) / c["seconds"])) ** 2 for c in cases)

        return Model(min((u / 200 for u in range(20, 240)), key=error))


def ring(size, elements, shares=2):
    """What a rank sends of a float32 tensor: an all-reduce round a ring, or a half of one."""
    return shares * (size - 1) / size * elements * 4


def scale(m, a, watch):
    runs = Runs(m, a)
    long, short = 12, 1  # rows of a rank: some 2,000 tokens, some 170
    runs.add("1 process × 2 threads", runs.beside(1, "lora", 2 * long, threads=2), ranks=1)
    runs.add("2 processes × 1 thread", runs.ranks(2, 0, "lora", long, local=True), ranks=2)
    for count, rows, method in ((4, long, "lora"), (2, long, "lora"), (4, short, "full"), (2, short, "full")):
        runs.add(f"{count} apart", runs.beside(count, method, rows), ranks=count, method=method, rows=rows)

    def group(count, link, method, rows, zero):
        runs.add(f"{count} ranks", runs.ranks(count, LINKS[link], method, rows, zero), ranks=count, link=link, method=method,
                 rows=rows, zero=zero)

    for link in LINKS:
        group(4, link, "lora", long, 0)
    group(4, "1 Gbit/s", "tlora", long, 0)
    group(2, "100 Mbit/s", "lora", long, 0)
    for zero in (0, 1, 2):
        group(4, "1 Gbit/s", "full", short, zero)
    group(2, "1 Gbit/s", "full", short, 0)
    for count in (1, 2, 4):
        for zero in (0, 1, 2) if count > 1 else (0,):
            runs.add("memory", runs.ranks(count, 0, "full", short, zero, local=True), ranks=count, zero=zero)
    return written(runs.results, Path(a.root))


def is_fitted(run):
    """One of adapters and one of all weights, each where its link is the slowest; the others are predicted."""
    return run["ranks"] == 4 and run["zero"] == 0 and (run["link"], run["method"]) in (("100 Mbit/s", "lora"), ("1 Gbit/s", "full"))


def written(results, root):
    """The part of RESULTS.md; beside it the figures and the plot of what the model predicts."""
    by_name = {r["name"]: r for r in results}
    threads2, twice = by_name["1 process × 2 threads"], by_name["2 processes × 1 thread"]
    apart = {(r["ranks"], r["rows"], r["method"]): r for r in results if r["name"].endswith("apart")}
    cases = []
    for r in (r for r in results if "link" in r):
        alone = apart[r["ranks"], r["rows"], "lora" if r["method"] == "tlora" else r["method"]]
        # rows differ a little in length
        compute = alone["seconds"] * r["tokens"] / alone["tokens"]
        cases.append(dict(r, fit=is_fitted(r), x=(compute, alone["backward"], r["bytes"], LINKS[r["link"]]), alone=compute))
    model = Model.fitted([c for c in cases if c["fit"]])
    speed = [r["tokens"] / r["seconds"] for r in (threads2, twice)]
    lines = [
        "## Several processes",
        "",
        "SmolLM2-135M on GSM8K, float32, rank 16. Each rank has one thread; of four ranks on the two cores here each has half of one. "
        "\"Apart\" are as many runs that have nothing to do with each other: what the processors allow without a network. The model "
        "(benchmarks/scale.py) is fitted to the lines with a star and predicts the others.",
        "",
        f"One process with two threads: {speed[0]:.0f} tokens/s; two with one each: {speed[1]:.0f} ({speed[1] / speed[0]:.2f}×).",
        "",
        "| ranks | method | zero | link | tokens a rank | apart, s | a step, s | efficiency | sent a step, MB | model, s | error | peak, GB |",
        "|--:|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for c in cases:
        said = model.seconds(*c["x"])
        lines.append(
            f"| {c['ranks']}{'*' if c['fit'] else ''} | {c['method']} | {c['zero']} | {c['link']} | {c['tokens'] / c['ranks']:.0f} | "
            f"{c['alone']:.1f} | {c['seconds']:.1f} | {c['alone'] / c['seconds']:.0%} | {c['bytes'] / 1e6:.1f} | {said:.1f} | "
            f"{said / c['seconds'] - 1:+.0%} | {c['peak'] / 1e9:.2f} |"
        )
    lines += ["", f"Of a link {model.used:.2f} is used.", "", *memory(results)]
    (root / "docs/results/scale.json").write_text(json.dumps(dict(used=model.used, runs=results), indent=1) + "\n")
    draw(root, model, apart[4, 12, "lora"], cases)
    return lines


def memory(results):
    """What a rank of full fine-tuning has at its peak, against what sharing of the state takes off in theory."""
    weights = 134.5e6 * 4  # bytes of SmolLM2; as many of gradients, twice as many of AdamW's state
    peaks = {(r["ranks"], r["zero"]): r["peak"] for r in results if r["name"] == "memory"}
    lines = ["| ranks | zero | peak of the first rank, GB | less than with 0, GB | (1 − 1/N) of the parts that are shared, GB |",
             "|--:|--:|--:|--:|--:|"]
    for (ranks, zero), peak in peaks.items():
        shared = {0: 0, 1: 2, 2: 3}[zero] * weights * (1 - 1 / ranks)
        lines.append(f"| {ranks} | {zero} | {peak / 1e9:.2f} | {(peaks[ranks, 0] - peak) / 1e9:.2f} | {shared / 1e9:.2f} |")
    return lines if peaks else []


def draw(root, model, alone, cases):
    """Efficiency that the model predicts for 2 to 64 machines, SmolLM2 and Llama-2-7B, LoRA, TLoRA and full."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plot

    lora = next(c["bytes"] for c in cases if c["method"] == "lora" and c["ranks"] == 4) / (2 * 3 / 4)
    tlora = next(c["bytes"] for c in cases if c["method"] == "tlora") / (2 * 3 / 4)
    full = next(c["bytes"] for c in cases if c["method"] == "full" and c["ranks"] == 4) / (2 * 3 / 4)
    # a 7B model has 50 times the weights, so as many operations a token, and 8 times the adapters (40 M numbers at rank 16)
    sizes = {"SmolLM2-135M": (1, {"LoRA": lora, "TLoRA": tlora, "full": full}),
             "Llama-2-7B": (50, {"LoRA": 160e6, "TLoRA": 80e6, "full": 27e9})}
    counts = [2, 4, 8, 16, 32, 64]
    figure, axes = plot.subplots(2, 3, figsize=(13, 7), sharey=True)
    for row, (name, (times, payloads)) in zip(axes, sizes.items()):
        for axis, (link, mbit) in zip(row, LINKS.items()):
            for method, bytes_ in payloads.items():
                compute = alone["seconds"] / 2 * times  # one of four ranks had half a core; a machine here has one
                shares = [compute / model.seconds(compute, alone["backward"], 2 * (n - 1) / n * bytes_, mbit) for n in counts]
                axis.semilogx(counts, shares, "o-", base=2, label=method)
            axis.set(title=f"{name}, {link}", xlabel="machines", ylim=(0, 1.05))
    axes[0][0].set_ylabel("efficiency")
    axes[1][0].set_ylabel("efficiency")
    axes[0][0].legend()
    figure.tight_layout()
    figure.savefig(root / "docs/scale.svg", metadata={"Date": None})
