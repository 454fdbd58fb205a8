"""Servers side by side: `tlora serve` and `transformers serve` under the same requests of the same client; see benchmarks/run."""
import http.client
import json
import math
import os
import queue
import random
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from quiet import descendants, ratio

SHARED = 256  # tokens of the system prompt that the answers of one load have in common
MIXED = 16  # clients at once where adapters, JSON and a shared prompt are measured
ADAPTERS = 4
WARM_UP = 8  # tokens of an answer that is not counted
WAIT = 3600  # seconds that a server has to start, and an answer to go on
# what ours sets for itself: where other processes run beside, libgomp's own spinning took the peer four times as long
WAITING = dict(OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="3000")
# long enough that no answer comes to its end
SCHEMA = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "string", "minLength": 20}, "minItems": 50}},
    "required": ["steps"],
}


@dataclass
class Answer:
    """What came of a request, and when."""

    started: float
    times: list = field(default_factory=list)  # of each piece of text
    text: str = ""
    tokens: int = 0
    prompt_tokens: int = 0
    error: str | None = None


class Prompts:
    """Conversations of a given number of tokens, cut from questions of GSM8K in an order that the seed decides.

    Each begins with a system prompt, so that the template puts none of its own in front, which all would share."""

    def __init__(self, model, data, least, most):
        from transformers import AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(model)
        with open(data) as file:
            self.questions = [json.loads(line)["question"] for line in file]
        self.least, self.most = least, most
        self.around = self.tokens([{"role": "system", "content": ""}, {"role": "user", "content": ""}])

    def tokens(self, messages):
        return len(self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=True)["input_ids"])

    def text(self, count, chance):
        """Questions one after another, up to so many tokens."""
        ids = []
        while len(ids) < count:
            ids += self.tokenizer(chance.choice(self.questions) + "\n", add_special_tokens=False).input_ids
        return self.tokenizer.decode(ids[:count])

    def take(self, count, kind, text, shared=False, between=None):
        """Of one kind lengths are always the same, also where texts are others, so that each turn has the same work."""
        lengths, chance = random.Random(kind), random.Random(f"{kind} {text}")
        together = self.text(SHARED, chance)
        out = []
        for _ in range(count):
            wanted = max(16, lengths.randint(*(between or (self.least, self.most))) - self.around)
            if shared:
                system, wanted = together, max(16, wanted - SHARED)
            else:
                system = self.text(8, chance)
                wanted -= 8
            out.append([{"role": "system", "content": system}, {"role": "user", "content": self.text(wanted, chance)}])
        return out


class Server:
    """A server that was started, and all processes below it."""

    def __init__(self, command, work, name, **environment):
        self.log = work / f"{name}.log"
        self.out = work / f"{name}.out"
        with open(self.log, "w") as log, open(self.out, "w") as out:
            self.process = subprocess.Popen(
                [str(c) for c in command], stdout=out, stderr=log, env={**os.environ, **environment}, start_new_session=True
            )
        self.model, self.host, self.port = None, "127.0.0.1", None

    def failed(self, why):
        tail = self.log.read_text(errors="replace")[-3000:]
        sys.exit(f"{' '.join(map(str, self.process.args))}\n{why}:\n{tail}")

    def wait_for(self, there):
        end = time.monotonic() + WAIT
        while not there():
            if self.process.poll() is not None or time.monotonic() > end:
                self.failed("did not start")
            time.sleep(0.2)

    def healthy(self):
        try:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def peak_bytes(self):
        """The sum of what each process had at its own peak."""
        peaks = 0
        for pid in (self.process.pid, *descendants(self.process.pid)):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            peaks += sum(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))
        return peaks

    def processor_seconds(self):
        """Of all its processes so far: a measure that other processes beside disturb less than the clock."""
        parent = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:15]
        ticks = sum(int(x) for x in parent) + sum(sum(t) for t in descendants(self.process.pid).values())
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@contextmanager
def ours(m, a, dtype, *more):
    command = [
        Path(a.root) / "tlora", "serve", "--model", a.model, "--name", "base", "--dtype", dtype, "--threads", a.threads,
        "--port", 0, "--answer-timeout", WAIT, *more,
    ]  # fmt: skip
    server = Server(command, m.work, "ours")
    try:
        server.wait_for(lambda: server.out.read_text().endswith("\n"))
        server.model = "base"
        server.host, port = server.out.read_text().split()[0].removeprefix("http://").split(":")
        server.port = int(port)
        yield server
    finally:
        server.close()


@contextmanager
def peer(m, a, dtype):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "transformers.cli.transformers", "serve", a.model, "--dtype", dtype, "--device", "cpu", "--host",
        "127.0.0.1", "--port", port, "--log-level", "error", *a.peer_options,
    ]  # fmt: skip
    server = Server(command, m.work, "peer", OMP_NUM_THREADS=str(a.threads), HF_HUB_OFFLINE="1", **WAITING)
    server.model, server.port = a.model, port
    try:
        server.wait_for(server.healthy)
        yield server
    finally:
        server.close()


def ask(server, request):
    """One request; its answer comes piece by piece."""
    answer = Answer(time.perf_counter())
    connection = http.client.HTTPConnection(server.host, server.port, timeout=WAIT)
    try:
        body = json.dumps({**request, "temperature": 0, "stream": True, "stream_options": {"include_usage": True}})
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"status {response.status}: {response.read(500).decode(errors='replace')}")
        read(response, answer)
    except (OSError, ValueError, http.client.HTTPException) as e:
        answer.error = f"{type(e).__name__}: {e}"
    finally:
        connection.close()
    return answer


def read(lines, answer):
    for line in lines:
        now = time.perf_counter()
        if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
            continue
        piece = json.loads(line[5:])
        if "error" in piece:
            raise OSError(str(piece["error"]))
        text = "".join(c["delta"].get("content") or "" for c in piece.get("choices", ()))
        if text:
            answer.times.append(now)
            answer.text += text
        if piece.get("usage"):
            answer.tokens = piece["usage"]["completion_tokens"]
            answer.prompt_tokens = piece["usage"]["prompt_tokens"]
    if not answer.tokens:
        answer.tokens = len(answer.times)
    if not answer.times:
        raise OSError("an answer without text")


def ask_all(server, requests, clients):
    """The answers in the requests' order; each client takes the next request when its last one is answered."""
    waiting = queue.SimpleQueue()
    for item in enumerate(requests):
        waiting.put(item)
    answers = [None] * len(requests)

    def client():
        while True:
            try:
                i, request = waiting.get_nowait()
            except queue.Empty:
                return
            answers[i] = ask(server, request)

    threads = [threading.Thread(target=client) for _ in range(min(clients, len(requests)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def requests_of(server, conversations, tokens, models=None, **more):
    models = models or [server.model]
    return [
        {"model": models[i % len(models)], "messages": messages, "max_tokens": tokens, **more}
        for i, messages in enumerate(conversations)
    ]


def percentile(values, share):
    """The smallest value that is not below so many; of few values that is the largest one."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def load(server, requests, clients):
    start, processors = time.perf_counter(), server.processor_seconds()
    answers = ask_all(server, requests, clients)
    seconds, processors = time.perf_counter() - start, server.processor_seconds() - processors
    good = [x for x in answers if not x.error]
    for why in sorted({x.error for x in answers if x.error}):
        print(f"an answer of {server.model} failed: {why}", flush=True)
    if not good:
        server.failed(answers[0].error)
    first = [x.times[0] - x.started for x in good]
    between = [later - earlier for x in good for earlier, later in zip(x.times, x.times[1:])] or [0.0]
    return dict(
        tokens_per_second=sum(x.tokens for x in good) / seconds,
        processor=processors / sum(x.tokens for x in good),
        tokens=sum(x.tokens for x in good),
        prompt_tokens=sum(x.prompt_tokens for x in good),
        first=statistics.median(first),
        first_p99=percentile(first, 0.99),
        between=statistics.median(between),
        between_p99=percentile(between, 0.99),
        errors=len(answers) - len(good),
        texts=[x.text for x in answers],
    )


def warm_up(server, prompts, models=None, **more):
    """What starts late has started: compilers, kernels that are timed, batches that grow."""
    text = f"warm-up {models} {sorted(more)}"
    conversations = prompts.take(MIXED, "warm-up", text, between=(prompts.least, prompts.least))
    conversations += prompts.take(1, "warm-up", text, between=(prompts.most, prompts.most))
    ask_all(server, requests_of(server, conversations, WARM_UP, models, **more), MIXED)


@dataclass
class Load:
    clients: int
    requests: int
    shared: bool = False

    def name(self):
        return f"{self.clients}, shared prompt" if self.shared else f"{self.clients}"


def loads(a):
    counts = a.requests if len(a.requests) > 1 else a.requests * len(a.clients)
    if len(counts) != len(a.clients):
        sys.exit("--requests has one number for all of --clients, or one for each")
    for clients, count in zip(a.clients, counts):
        yield Load(clients, max(clients, count))
    if MIXED in a.clients:
        yield Load(MIXED, max(MIXED, counts[a.clients.index(MIXED)]), shared=True)


class Rounds:
    """Each call is a side's next turn. No server is asked the same twice, since ours keeps what it has computed; sides that are
    on one server (own) have texts of their own for that reason, others the same in the same turn."""

    def __init__(self, prompts, a, load_):
        self.prompts, self.a, self.load = prompts, a, load_
        self.done = {}

    def turn(self, server, side, models=None, own=False, **more):
        count = self.done[side] = self.done.get(side, 0) + 1
        text = f"{count} {side}" if own else count
        conversations = self.prompts.take(self.load.requests, self.load.name(), text, self.load.shared)
        figures = load(server, requests_of(server, conversations, self.a.answer_tokens, models, **more), self.load.clients)
        return {**figures, "conversations": conversations}


def serving(m, a, watch):
    """Ours and the peer under each load, in turns; both servers run all the time, and the one that is not asked sleeps."""
    prompts = Prompts(a.model, a.data, *a.prompt_tokens)
    measured, peaks, equal = [], {}, None
    for dtype in a.dtypes:
        with peer(m, a, dtype) as theirs, ours(m, a, dtype) as own:
            for server in (theirs, own):
                warm_up(server, prompts)
            for one in loads(a):
                rounds = Rounds(prompts, a, one)
                peers, owns = watch.interleaved(
                    a.rounds, lambda: rounds.turn(theirs, "peer"), lambda: rounds.turn(own, "ours")
                )
                measured.append((dtype, one, peers, owns))
                print(said(dtype, one, peers, owns), flush=True)
            peaks[dtype] = theirs.peak_bytes(), own.peak_bytes()
        if dtype == "float32":
            equal = equality(m, a, measured)
    return written(a, measured, peaks, equal)


def equality(m, a, measured):
    """Answers that came side by side, beside those to the same prompts one at a time, from a server that has computed nothing yet."""
    candidates = [x[1:] for x in measured if x[1].clients <= MIXED and not x[1].shared]
    if not candidates:
        return None
    one, peers, owns = max(candidates, key=lambda x: x[0].clients)
    last = owns[-1]
    with ours(m, a, "float32") as server:
        alone = ask_all(server, requests_of(server, last["conversations"], a.answer_tokens), 1)
    same = sum(x.text == y for x, y in zip(alone, last["texts"]))
    theirs = None  # where a turn was made again they may have been asked something else
    if peers[-1]["conversations"] == last["conversations"]:
        theirs = sum(x == y for x, y in zip(peers[-1]["texts"], last["texts"]))
    print(f"of {len(alone)} answers {same} are those of the same prompts one at a time, {theirs} the peer's", flush=True)
    return one, len(alone), same, theirs


def said(dtype, one, peers, owns):
    errors = sum(x["errors"] for x in (*peers, *owns))
    return (
        f"serving, {dtype}, {one.name()} clients: {ratio(owns, peers)} tokens/s; first token "
        f"{ratio(owns, peers, 'first', True)}, p99 {ratio(owns, peers, 'first_p99', True)}; between tokens "
        f"{ratio(owns, peers, 'between', True)}, p99 {ratio(owns, peers, 'between_p99', True)}; processors' time "
        f"{ratio(owns, peers, 'processor', True)}; {errors} errors"
    )


def each(runs, key, scale=1.0, digits=0):
    return ", ".join(f"{r[key] * scale:.{digits}f}" for r in runs)


def written(a, measured, peaks, equal):
    least, most = a.prompt_tokens
    options = f" with `{shlex.join(a.peer_options)}`" if a.peer_options else ""
    lines = [
        f"## Serving in {' and '.join(a.dtypes)}",
        "",
        f"Greedy answers of at most {a.answer_tokens} tokens by `/v1/chat/completions`, as they are written, to prompts of {least} to "
        f"{most} tokens; of the shared ones the first {SHARED} are the same. The peer is `transformers serve`{options}; ours has "
        "its defaults, but that an answer may take as long as the client waits. One client program asks both; each client asks again "
        f"when its answer has ended, and waits {WAIT} s for a piece of it. Tokens are those that came; "
        "times are seen by the clients, between tokens from one piece of text to the next. Of fewer than 100 answers the 99th of a "
        "hundred is the slowest one. Processors' time a token says more than the clock does where other processes run beside. The "
        f"peer is started with `{' '.join(f'{k}={v}' for k, v in WAITING.items())}`, which ours sets for itself.",
        "",
        "| type | clients | answers | tokens, peer / ours | peer, tokens/s | ours, tokens/s | ratio | peer, processors' s/token | "
        "ours | ratio | errors, peer / ours |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for dtype, one, peers, owns in measured:
        tokens = "{} / {}".format(*(sum(r["tokens"] for r in runs) for runs in (peers, owns)))
        errors = "{} / {}".format(*(sum(r["errors"] for r in runs) for runs in (peers, owns)))
        lines.append(
            f"| {dtype} | {one.name()} | {one.requests} | {tokens} | {each(peers, 'tokens_per_second', 1, 1)} | "
            f"{each(owns, 'tokens_per_second', 1, 1)} | {ratio(owns, peers)} | {each(peers, 'processor', 1, 3)} | "
            f"{each(owns, 'processor', 1, 3)} | {ratio(owns, peers, 'processor', True)} | {errors} |"
        )
    lines += latencies(measured, "first", "first token", "s", 1, 2)
    lines += latencies(measured, "between", "between tokens", "ms", 1000, 0)
    lines += [""]
    for dtype, (theirs, own) in peaks.items():
        lines.append(
            f"Peak resident over all loads in {dtype}, all processes of a server: peer {theirs / 1e9:.2f} GB, ours {own / 1e9:.2f} GB."
        )
    if equal:
        one, count, same, theirs = equal
        lines.append(
            f"Of ours in float32 to {one.clients} clients, {same} of {count} answers are those of the same prompts one at a time, from a "
            f"server that had just started{f'; {theirs} are the peer’s, letter by letter' if theirs is not None else ''}."
        )
    return lines


def latencies(measured, key, name, unit, scale, digits):
    lines = [
        "",
        f"| type | clients | {name}, median: peer, {unit} | ours, {unit} | ratio | 99th of a hundred: peer, {unit} | ours, {unit} | ratio |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for dtype, one, peers, owns in measured:
        cells = []
        for k in (key, key + "_p99"):
            cells += [each(peers, k, scale, digits), each(owns, k, scale, digits), ratio(owns, peers, k, lower_is_better=True)]
        lines.append(f"| {dtype} | {one.name()} | {' | '.join(cells)} |")
    return lines


def adapters(m, a):
    """Some that cost what any of their rank cost: trained for one step."""
    out = []
    for i in range(ADAPTERS):
        directory = m.work / f"adapter-{i}"
        m.tlora(
            "train", "--model", a.model, "--data", a.data, "--template", "gsm8k", "--method", "lora", "--rank", 16, "--batch-size", 1,
            "--steps", 1, "--seed", i, "--dtype", "float32", "--threads", a.threads, "--output", directory,
        )  # fmt: skip
        out.append(f"adapter-{i}={directory}")
    return out


def serving_adapters(m, a, watch):
    """Ours alone: what adapters side by side cost, and answers that are held to a schema."""
    prompts = Prompts(a.model, a.data, *a.prompt_tokens)
    names = [f"adapter-{i}" for i in range(ADAPTERS)]
    held = dict(response_format={"type": "json_schema", "json_schema": {"name": "steps", "schema": SCHEMA}})
    lines = [
        f"## Serving adapters and JSON in {' and '.join(a.dtypes)}",
        "",
        f"`tlora serve` to {MIXED} clients, prompts of {a.prompt_tokens[0]} to {a.prompt_tokens[1]} tokens, answers of at most "
        f"{a.answer_tokens}: the base alone, {ADAPTERS} adapters of rank 16 on seven linear types mixed, one of them alone, and the "
        "base held to a JSON Schema. Prompts have the same lengths and texts of their own. A cost of 1.25× is a quarter more time for "
        "each token, by the clock and by the processors' time.",
        "",
        "| type | what | answers | tokens/s | cost | processors' s/token | cost | first token, s | errors |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    trained = adapters(m, a)
    count = next((x.requests for x in loads(a) if x.clients == MIXED), MIXED)
    for dtype in a.dtypes:
        with ours(m, a, dtype, "--adapters", *trained) as server:
            for models, more in ((None, {}), (names, {}), (None, held)):
                warm_up(server, prompts, models, **more)
            rounds = Rounds(prompts, a, Load(MIXED, count))
            turns = watch.interleaved(
                a.rounds,
                lambda: rounds.turn(server, "base", own=True),
                lambda: rounds.turn(server, "mixed", names, own=True),
                lambda: rounds.turn(server, "single", names[:1], own=True),
                lambda: rounds.turn(server, "schema", own=True, **held),
            )
        for name, runs in zip(("base", "four adapters", "one adapter", "JSON"), turns):
            costs = ["", ""]
            if runs is not turns[0]:
                costs = [ratio(turns[0], runs), ratio(turns[0], runs, "processor", lower_is_better=True)]
            lines.append(
                f"| {dtype} | {name} | {count} | {each(runs, 'tokens_per_second', 1, 1)} | {costs[0]} | {each(runs, 'processor', 1, 3)} | "
                f"{costs[1]} | {each(runs, 'first', 1, 2)} | {sum(r['errors'] for r in runs)} |"
            )
            print(lines[-1], flush=True)
    return lines
