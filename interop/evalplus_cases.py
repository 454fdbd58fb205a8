"""Rows in the form of HumanEval+ and MBPP+, and answers to them, made for the purpose.

    evalplus_cases.py DIRECTORY

writes humaneval.jsonl, mbpp.jsonl and, for each, what `evalplus.evaluate` reads: DATASET-samples.jsonl, with a field `why`
that says what the answer is there for. Names and numbers of tasks are those that EvalPlus has rules for.
"""
import json
import sys
from pathlib import Path

HUMAN = []
MBPP = []
ANSWERS = {"humaneval": [], "mbpp": []}


def human(number, entry, prompt, solution, base, plus, atol=0):
    add(HUMAN, "HumanEval/%d" % number, entry, prompt, solution, base, plus, atol)


def mbpp(number, entry, solution, base, plus, atol=0):
    prompt = '"""\nWrite a function %s.\n"""\n' % entry
    add(MBPP, "Mbpp/%d" % number, entry, prompt, "\n" + solution, base, plus, atol)


def add(to, task, entry, prompt, solution, base, plus, atol):
    to.append({
        "task_id": task, "prompt": prompt, "entry_point": entry, "canonical_solution": solution, "contract": "",
        "base_input": base, "plus_input": plus, "atol": atol,
    })


def answer(dataset, number, why, solution):
    task = ("HumanEval/%d" if dataset == "humaneval" else "Mbpp/%d") % number
    ANSWERS[dataset].append({"task_id": task, "solution": solution, "why": why})


human(0, "total", 'def total(xs):\n    """The sum."""\n', "    return sum(xs)\n",
      [[[1, 2]], [[]]], [[[-5, 2]], [[10**30, 1]], [[1.5, 0.25]]])
for why, body in {
    "right": "return sum(xs)",
    "wrong for the base": "return 0",
    "wrong for further inputs alone": "return sum(abs(x) for x in xs)",
    "a float that is equal": "return float(sum(xs)) if abs(sum(xs)) < 1e9 else sum(xs)",
    "prints": "print('total', xs)\n    return sum(xs)",
    "takes its input apart": "s = 0\n    while xs: s += xs.pop()\n    return s",
    "reads": "input()\n    return sum(xs)",
    "leaves": "import sys\n    sys.exit(0)",
    "leaves at once": "import os\n    os._exit(0)",
    "raises": "raise ValueError('no')",
    "raises what ends a program": "raise KeyboardInterrupt()",
    "never ends": "while True: pass",
    "never ends for some": "while xs and xs[0] < 0: pass\n    return sum(xs)",
    "a generator": "yield sum(xs)",
    "nothing": "pass",
    "a text": "return str(sum(xs))",
    "deep": "return xs[0] + total(xs[1:]) if xs else 0",
    "too deep": "return total(xs)",
    "equal to everything": "class E:\n        def __eq__(self, o): return False\n    return E()",
}.items():
    answer("humaneval", 0, why, "def total(xs):\n    %s\n" % body)
answer("humaneval", 0, "under a name of its own", "def add(xs):\n    return sum(xs)\n")
answer("humaneval", 0, "no Python", "def total(xs)\n    return sum(xs)\n")
answer("humaneval", 0, "with its own tests, which hold",
       "def total(xs):\n    return sum(xs)\nassert total([1]) == 1\nprint(total([2]))\n")
answer("humaneval", 0, "with its own tests, which do not hold",
       "def total(xs):\n    return sum(xs)\nassert total([1]) == 2\n")
answer("humaneval", 0, "behind a main guard that would fail",
       "def total(xs):\n    return sum(xs)\nif __name__ == '__main__':\n    raise SystemExit(1)\n")
answer("humaneval", 0, "without an import that it needs", "def total(xs):\n    return int(math.fsum(xs)) if xs else 0\n")
answer("humaneval", 0, "hangs before it is called", "while True: pass\ndef total(xs):\n    return sum(xs)\n")

human(1, "mean", "def mean(xs):\n", "    return sum(xs) / len(xs)\n",
      [[[1.0, 2.0]]], [[[1e9, 1.0]], [[0.1, 0.2, 0.3]], [[1e300, 1e300]], [[float(2**60), 3.0]]], 1e-6)
for why, body in {
    "right": "return sum(xs) / len(xs)",
    "within the tolerance": "return sum(xs) / len(xs) + 9e-7",
    "beyond it": "return sum(xs) / len(xs) + 2e-6",
    "beyond it, but not for large numbers": "return sum(xs) / len(xs) * (1 + 5e-8)",
    "a whole number": "return round(sum(xs) / len(xs))",
    "not a number": "return float('nan')",
    "infinite": "return float('inf')",
    "a complex number": "return complex(sum(xs) / len(xs), 1e-9)",
    "true": "return True",
    "of another class": "from fractions import Fraction\n    return Fraction(sum(xs)) / len(xs)",
}.items():
    answer("humaneval", 1, why, "def mean(xs):\n    %s\n" % body)

human(2, "halves", "def halves(xs):\n",
      "    return [x // 2 for x in xs] if all(isinstance(x, int) for x in xs) else [x / 2 for x in xs]\n",
      [[[2, 4]], [[1.0, 3.0]], [[6, 8]]], [[[8, 9]], [[1.5]], [[]], [[3]]])
for why, body in {
    "right": "return halves_of(xs)",
    "near where numbers have no fraction": "return [x + 1e-8 for x in halves_of(xs)]",
    "near behind one that has": "return [x + (1e-8 if s.append(0) or len(s) > 1 else 0) for x in halves_of(xs)]",
    "near from the third on": "s.append(0)\n    return [x + (1e-8 if len(s) == 3 else 0) for x in halves_of(xs)]",
    "a tuple": "return tuple(halves_of(xs))",
    "longer": "return halves_of(xs) + [0]",
    "nested": "return [[x] for x in halves_of(xs)]",
    "texts": "return [str(x) for x in halves_of(xs)]",
}.items():
    answer("humaneval", 2, why,
           "s = []\ndef halves_of(xs):\n    return [x // 2 for x in xs] if all(isinstance(x, int) for x in xs)"
           " else [x / 2 for x in xs]\ndef halves(xs):\n    %s\n" % body)

human(3, "grid", "def grid(n, v):\n", "    return [[v * i + j / 7 for j in range(n)] for i in range(n)]\n",
      [[2, 1.0]], [[3, 2.5], [1, 0.0], [0, 1.0]], 1e-3)
for why, body in {
    "near": "return [[v * i + j / 7 + 1e-4 for j in range(n)] for i in range(n)]",
    "of unequal rows": "return [[v * i + j / 7 for j in range(n + i)] for i in range(n)]",
    "rows of a single number": "return [[v * i] for i in range(n)]",
    "tuples within": "return [tuple(v * i + j / 7 + 1e-4 for j in range(n)) for i in range(n)]",
    "missing": "return [[None for j in range(n)] for i in range(n)]",
}.items():
    answer("humaneval", 3, why, "def grid(n, v):\n    %s\n" % body)

human(4, "words", "def words(t):\n", "    return {w: t.count(w) for w in t.split()}\n",
      [["a b a"]], [["\u00e9t\u00e9 \U0001f600 \u00e9t\u00e9"], [""], ["'\"\\ \n x"]])
answer("humaneval", 4, "right", "def words(t):\n    return {w: t.count(w) for w in t.split()}\n")
answer("humaneval", 4, "a counter", "from collections import Counter\ndef words(t):\n    return Counter(t.split())\n")
answer("humaneval", 4, "pairs", "def words(t):\n    return [(w, t.count(w)) for w in t.split()]\n")
answer("humaneval", 4, "of letters of one kind", "def words(t):\n    return {w: t.count(w) for w in t.split() if w.isascii()}\n")

human(5, "flip", "def flip(xs):\n", "    return xs[::-1]\n", [[[1, 2, 3]]], [[[]], [[[1], [2]]], [["a", None, True]]])
answer("humaneval", 5, "in place", "def flip(xs):\n    xs.reverse()\n    return xs\n")
answer("humaneval", 5, "an iterator", "def flip(xs):\n    return reversed(xs)\n")
answer("humaneval", 5, "something of its own", "class L(list): pass\ndef flip(xs):\n    return L(xs[::-1])\n")

human(32, "find_zero", "def find_zero(xs):\n",
      "    lo, hi = -1e3, 1e3\n    f = lambda x: sum(c * x ** i for i, c in enumerate(xs))\n"
      "    up = f(hi) > 0\n    for _ in range(200):\n        m = (lo + hi) / 2\n"
      "        lo, hi = (lo, m) if (f(m) > 0) == up else (m, hi)\n    return lo\n",
      [[[1, 2]]], [[[-6, 11, -6, 1]], [[3, -1]]], 1e-4)
answer("humaneval", 32, "another root", "def find_zero(xs):\n    return {2: -xs[0] / xs[1], 4: 2.0}[len(xs)]\n")
answer("humaneval", 32, "no root", "def find_zero(xs):\n    return 0.5\n")
answer("humaneval", 32, "no number", "def find_zero(xs):\n    return None\n")
answer("humaneval", 32, "nearly", "def find_zero(xs):\n    return {2: -xs[0] / xs[1], 4: 2.0}[len(xs)] + 4e-5\n")

human(6, "slow", "import time\ndef slow(n):\n", "    time.sleep(n / 10)\n    return n\n", [[1]], [[12], [0]])
answer("humaneval", 6, "as slow as four times the reference", "import time\ndef slow(n):\n    time.sleep(n * 3.3 / 10)\n    return n\n")
answer("humaneval", 6, "slower", "import time\ndef slow(n):\n    time.sleep(n * 6 / 10)\n    return n\n")

# MBPP: results that count as the same
mbpp(2, "similar_elements", "def similar_elements(a, b):\n    return tuple(set(a) & set(b))\n",
     [[[3, 4, 5], [5, 4]]], [[[1], [2]], [[1, 1, 2], [2, 1]]])
for why, body in {
    "a list": "return sorted(set(a) & set(b))",
    "twice": "return [x for x in a if x in b] * 2",
    "a generator": "return (x for x in a if x in b)",
    "not all": "return list(set(a) & set(b))[:1]",
    "what has no place in a set": "return [[x] for x in a if x in b]",
    "given tuples": "assert type(a) is tuple and type(b) is tuple\n    return set(a) & set(b)",
    "given lists": "assert type(a) is list\n    return set(a) & set(b)",
}.items():
    answer("mbpp", 2, why, "def similar_elements(a, b):\n    %s\n" % body)
mbpp(164, "are_equivalent", "def are_equivalent(a, b):\n    return a == b\n", [[1, 2]], [[3, 3]])
answer("mbpp", 164, "whatever", "def are_equivalent(a, b):\n    return 'perhaps'\n")
answer("mbpp", 164, "a fault", "def are_equivalent(a, b):\n    return 1 / 0\n")
mbpp(295, "sum_div", "def sum_div(n):\n    return sum(i for i in range(1, n) if n % i == 0)\n", [[8]], [[12], [1]])
answer("mbpp", 295, "none", "def sum_div(n):\n    return 0\n")
answer("mbpp", 295, "one", "def sum_div(n):\n    return 1\n")
mbpp(581, "surface_Area", "def surface_Area(b, s):\n    return 2 * b * s + b ** 2\n", [[3, 4]], [[4, 5], [1, 2]])
answer("mbpp", 581, "by the slope", "def surface_Area(b, s):\n    return 2 * b * s + b ** 2\n")
answer("mbpp", 581, "by the height", "import math\ndef surface_Area(b, h):\n"
       "    return round(b ** 2 + 2 * b * math.sqrt((b / 2) ** 2 + h ** 2))\n")
answer("mbpp", 581, "not rounded", "import math\ndef surface_Area(b, h):\n"
       "    return b ** 2 + 2 * b * math.sqrt((b / 2) ** 2 + h ** 2)\n")
mbpp(558, "digit_distance_nums", "def digit_distance_nums(a, b):\n    return sum(map(int, str(abs(a - b))))\n",
     [[1, 2]], [[23, 56], [123, 9], [0, 0]])
answer("mbpp", 558, "of the difference", "def digit_distance_nums(a, b):\n    return sum(map(int, str(abs(a - b))))\n")
answer("mbpp", 558, "digit by digit", "def digit_distance_nums(a, b):\n    a, b = str(a), str(b)\n    w = max(len(a), len(b))\n"
       "    return sum(abs(int(x) - int(y)) for x, y in zip(a.zfill(w), b.zfill(w)))\n")
answer("mbpp", 558, "wrong", "def digit_distance_nums(a, b):\n    return abs(a - b)\n")
mbpp(434, "text_match_three", "import re\ndef text_match_three(t):\n    return re.search('ab{3}', t)\n",
     [["abbb"], ["ab"]], [["xabbbby"], [""]])
for why, body in {
    "a match": "return re.search('abbb', t)",
    "yes or no": "return bool(re.search('abbb', t))",
    "a text": "return 'Found' if re.search('abbb', t) else None",
    "a text in both cases": "return 'Found' if re.search('abbb', t) else 'Not found'",
    "the opposite": "return not re.search('abbb', t)",
}.items():
    answer("mbpp", 434, why, "import re\ndef text_match_three(t):\n    %s\n" % body)

# MBPP: inputs that JSON cannot write
TYPES = {
    116: ("tuple", [[[1, 2]]], "type(a[0]) is tuple"),
    63: ("list of tuples", [[[[1, 2], [3]]]], "type(a[0]) is list and type(a[0][0]) is tuple"),
    259: ("tuples of tuples", [[[[1, 2]], [[3, 4]]]], "type(a[1]) is tuple and type(a[1][0]) is tuple"),
    75: ("list of tuples, number", [[[[1, 2]], 2]], "type(a[0]) is list and type(a[0][0]) is tuple and a[1] == 2"),
    106: ("list, tuple", [[[1], [2]]], "type(a[0]) is list and type(a[1]) is tuple"),
    115: ("list of sets", [[[[1, 2], [], 3]]], "type(a[0][0]) is set and type(a[0][1]) is dict and type(a[0][2]) is dict"),
    124: ("float, complex", [["1", "2j"]], "type(a[0]) is float and a[1] == 2j"),
    250: ("tuple, number", [[[1, 2], 2]], "type(a[0]) is tuple and a[1] == 2"),
    252: ("complex", [["1+2j"]], "a[0] == 1 + 2j"),
    278: ("tuple with tuples", [[[1, [2]]]], "type(a[0]) is tuple and type(a[0][1]) is tuple"),
    307: ("tuple, two numbers", [[[1], 2, 3]], "type(a[0]) is tuple and a[1:] == (2, 3)"),
    722: ("dictionary of tuples", [[{"x": [1, 2]}, 3, 4]], "a[0] == {'x': (1, 2)} and a[1:] == (3, 4)"),
    580: ("tuples all the way", [[[1, [2, [3]]]]], "a == ((1, (2, (3,))),)"),
    3: ("a list as it is", [[[1, 2]]], "type(a[0]) is list"),
}
for number, (what, inputs, holds) in TYPES.items():
    mbpp(number, "shown", "def shown(*a):\n    return repr(a)\n", inputs, inputs)
    answer("mbpp", number, what, "def shown(*a):\n    assert %s\n    return repr(a)\n" % holds)
    answer("mbpp", number, "not " + what, "def shown(*a):\n    assert not (%s)\n    return repr(a)\n" % holds)


def main(directory):
    for name, rows in (("humaneval", HUMAN), ("mbpp", MBPP)):
        write(directory / (name + ".jsonl"), rows)
        write(directory / (name + "-samples.jsonl"), ANSWERS[name])


def write(file, rows):
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
