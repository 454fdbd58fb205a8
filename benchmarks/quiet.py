"""Says of each turn of a benchmark whether the machine was quiet, and of two sides how they compare."""
import math
import os
import resource
import statistics
import time
from pathlib import Path

import torch

SIZE = 1024
SLOWER = 1.15  # a fixed product that takes so much longer than at its best was disturbed
STOLEN = 0.02  # of all processors' time in a turn
OTHERS = 0.05
TRIES = 3
# two-sided 95 % quantiles of Student's t, by degrees of freedom
T = [math.inf, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23]


class Watch:
    """Runs turns, a fixed product before and behind each, and repeats those that were disturbed."""

    def __init__(self, threads, tries=TRIES):
        torch.set_num_threads(threads)
        self.tries = tries
        self.a = torch.rand(SIZE, SIZE)
        self.least = min(self.product() for _ in range(3))
        self.disturbed = 0
        self.turns = 0

    def product(self):
        """Seconds of the middle one of nine products, which a short disturbance does not reach."""
        times = []
        for _ in range(9):
            start = time.perf_counter()
            torch.mm(self.a, self.a)
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    def gigaflops(self):
        return 2 * SIZE**3 / self.least / 1e9

    def bandwidth(self):
        """Bytes a second that are read of what no cache holds, the best of several passes."""
        values = torch.ones(1 << 28)
        best = math.inf
        for _ in range(7):
            start = time.perf_counter()
            values.sum()
            best = min(best, time.perf_counter() - start)
        return 4 * values.numel() / best

    def turn(self, run):
        """What run() returns, with 'disturbed' beside it: None, or what disturbed the last of several tries."""
        for _ in range(self.tries):
            before, clock = self.product(), Clock()
            figures = run()
            stolen, others = clock.stolen_and_others()
            slowest = max(before, self.product())
            self.least = min(self.least, slowest)
            why = []
            if slowest > SLOWER * self.least:
                why.append(f"a product took {slowest / self.least:.2f} times as long as at its best")
            if stolen > STOLEN:
                why.append(f"{stolen:.0%} of the time was stolen")
            if others > OTHERS:
                why.append(f"other processes took {others:.0%} of the time")
            self.turns += 1
            self.disturbed += bool(why)
            figures = {**figures, "disturbed": ", ".join(why) or None}
            if not why:
                break
            print(f"disturbed: {figures['disturbed']}", flush=True)
        return figures

    def interleaved(self, rounds, *sides):
        """For each side its turns; who begins changes from round to round."""
        turns = [[] for _ in sides]
        for i in range(rounds):
            order = range(len(sides)) if i % 2 == 0 else reversed(range(len(sides)))
            for side in order:
                turns[side].append(self.turn(sides[side]))
        return turns


def descendants(pid):
    """Processes below this one that have not ended: the clock ticks of each, and of its children that have, by number."""
    children, ticks = {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()  # the name in front may have blanks
        except OSError:
            continue  # it has ended just now
        process = int(file.parent.name)
        children.setdefault(int(fields[1]), []).append(process)
        ticks[process] = [int(x) for x in fields[11:15]]
    below, found = [pid], {}
    while below:
        for child in children.get(below.pop(), ()):
            found[child] = ticks[child]
            below.append(child)
    return found


class Clock:
    """Processors' time since it was made: stolen by the host, and of processes that are not ours."""

    def __init__(self):
        self.start = self.read()

    @staticmethod
    def read():
        ticks = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        unit = os.sysconf("SC_CLK_TCK")
        user, nice, system, idle, iowait, irq, softirq, steal = (t / unit for t in ticks)
        own = sum(resource.getrusage(who)[0] + resource.getrusage(who)[1] for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        # what has not ended, such as a server, has not been counted yet
        own += sum(sum(ticks) for ticks in descendants(os.getpid()).values()) / unit
        busy = user + nice + system + irq + softirq
        return busy + idle + iowait + steal, steal, busy, own

    def stolen_and_others(self):
        all_, steal, busy, own = (b - a for a, b in zip(self.start, self.read()))
        return steal / max(all_, 1e-9), max(0.0, busy - own) / max(all_, 1e-9)


def ratio(ours, theirs, key="tokens_per_second", lower_is_better=False):
    """How many times as good ours is, turn by turn, with the interval that holds the mean at 95 %."""
    logs = [math.log(o[key] / t[key]) * (-1 if lower_is_better else 1) for o, t in zip(ours, theirs)]
    mean = statistics.fmean(logs)
    text = f"**{math.exp(mean):.2f}×**"
    if len(logs) > 1:
        t = T[min(len(logs) - 1, len(T) - 1)]
        half = t * statistics.stdev(logs) / math.sqrt(len(logs))
        text += f" ({math.exp(mean - half):.2f}–{math.exp(mean + half):.2f})"
    if any(x["disturbed"] for x in (*ours, *theirs)):
        text += " disturbed"
    return text
