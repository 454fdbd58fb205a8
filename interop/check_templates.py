"""The Python half of interop/check-templates: renders chat templates with transformers and with ours, and compares.

Random templates come from template_grammar.py; with --templates, each template of a folder is rendered with every
conversation of template_conversations.py. A rendering agrees where both give the same text or both refuse.
"""
import argparse
import collections
import gzip
import itertools
import json
import logging
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import template_conversations
import template_grammar
import template_mutants
import template_shrink
import template_tables

# What no other program can print: where Python keeps a thing, halves of characters.
PRIVATE = re.compile(r" at 0x[0-9a-f]{6,}|<(built-in|bound|function|generator|class|module|list_reverseiterator|dict_reverse)|[\ud800-\udfff]")
ADDRESS = "an address in memory"  # ours refuses to print it, also where the text is thrown away later
MOST_SECONDS = 3
MOST_CHARACTERS = 200_000
MOST_CRASHES = 50


class TooLong(BaseException):
    """Not an Exception: neither templates nor Jinja may catch it."""


def stop(*_):
    raise TooLong


def quiet():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGALRM, stop)


def render(template, values):
    """What transformers makes of a template: {"text": …} or {"refused": why}, or None where it cannot be compared."""
    from transformers.utils.chat_template_utils import _compile_jinja_template

    signal.alarm(MOST_SECONDS)
    try:
        text = _compile_jinja_template(template).render(**json.loads(json.dumps(values)))
    except TooLong:
        return None
    except NameError:  # Jinja writes inf and nan into the Python code that it compiles to, where they are no names
        return None
    except (MemoryError, SystemError):
        return None
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"[:300].encode("utf-8", "replace").decode()}
    finally:
        signal.alarm(0)
    return None if PRIVATE.search(text) or len(text) > MOST_CHARACTERS else {"text": text}


def some_random(seed, numbers):
    """The random cases of these numbers, rendered."""
    quiet()
    done = []
    for number in numbers:
        template, values = template_grammar.case(seed, number)
        expected = render(template, values)
        if expected:
            done.append({"id": f"random {seed}:{number}", "template": template, "values": values} | expected)
    return done


def some_mutants(seed, numbers, paths):
    """The changed templates of these numbers, rendered."""
    quiet()
    templates = [Path(path).read_text(encoding="utf-8") for path in paths]
    done = []
    for number in numbers:
        template, values = template_mutants.case(seed, number, templates)
        expected = render(template, values)
        if expected:
            done.append({"id": f"mutant {seed}:{number}", "template": template, "values": values} | expected)
    return done


def some_of_tables(first, last):
    """The cases of the tables from first to last, rendered."""
    quiet()
    done = []
    for number, (template, values) in enumerate(itertools.islice(template_tables.cases(), first, last), first):
        expected = render(template, values)
        if expected:
            done.append({"id": f"table {number}", "template": template, "values": values} | expected)
    return done


def all_conversations(path):
    """A template of a file with each conversation, rendered."""
    quiet()
    template = Path(path).read_text(encoding="utf-8")
    done = []
    for name, (messages, more) in template_conversations.CONVERSATIONS.items():
        values = template_conversations.values(messages, more, tokens=name != "question-only")
        expected = render(template, values)
        if expected:
            done.append({"id": f"{Path(path).name} {name}", "template": template, "values": values} | expected)
    return done


def expected_of(tries):
    quiet()
    return [render(template, values) for _, template, values in tries]


def chunked(count):
    return [range(i, min(i + 250, count)) for i in range(0, count, 250)]


def make_cases(options, pool):
    if options.cases:
        with open(options.cases, encoding="utf-8") as lines:
            yield from map(json.loads, lines)
        return
    if options.tables:
        chunks = chunked(sum(1 for _ in template_tables.cases()))
        for cases in pool.map(some_of_tables, [c.start for c in chunks], [c.stop for c in chunks]):
            yield from cases
    chunks = chunked(options.count)
    for cases in pool.map(some_random, [options.seed] * len(chunks), chunks):
        yield from cases
    if options.templates:
        files = sorted(str(p) for p in Path(options.templates).iterdir() if p.suffix in (".jinja", ".jinja2", ".j2"))
        for cases in pool.map(all_conversations, files, chunksize=4):
            yield from cases
        chunks = chunked(options.mutants)
        for cases in pool.map(some_mutants, [options.seed] * len(chunks), chunks, [files] * len(chunks)):
            yield from cases


def run_java(java, cases, folder):
    """What our evaluator makes of cases, by id. Where the program ends early, the case it was at is named, and it goes on."""
    source, target = folder / "cases.jsonl", folder / "ours.jsonl"
    done, rest = {}, cases
    for _ in range(MOST_CRASHES):
        with source.open("w", encoding="utf-8") as out:
            for case in rest:
                out.write(json.dumps({key: case[key] for key in ("id", "template", "values")}, ensure_ascii=False) + "\n")
        target.unlink(missing_ok=True)
        ended = subprocess.run([*shlex.split(java), str(source), str(target)], stderr=subprocess.PIPE, text=True)
        if not target.exists():
            sys.exit(f"no renderings: {ended.stderr.strip()[-2000:]}")
        with target.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                done[row["id"]] = row
        rest = [case for case in rest if case["id"] not in done]
        if not rest:
            return done
        why = next((line for line in ended.stderr.splitlines() if line.strip()), f"status {ended.returncode}")
        done[rest[0]["id"]] = {"error": f"CRASHED {why}", "crashed": True}
    return done


def kind(case, ours):
    """None where both agree, or what kind of difference there is."""
    ours = ours or {"error": "no answer"}
    said = lambda text: re.sub(r"\d+", "N", re.sub(r"'[^']*'|\"[^\"]*\"", "…", str(text)))[:90]
    if "crashed" in ours:
        return said(ours["error"])
    if "text" in case:
        if "text" not in ours:
            if ADDRESS in ours.get("error", ""):
                return None
            return f"ours refuses: {said(ours.get('error'))}"
        return None if ours["text"] == case["text"] else "other text"
    return None if "text" not in ours else f"ours renders what transformers refuses: {said(case['refused'])}"


def signature(template):
    """What stands in a small template: by this, differences of the same cause come together."""
    return " ".join(sorted(set(re.findall(r"\|\s*\w+|\.\w+|\b(?:is|in|not|and|or|if|for|set|macro|call|loop|namespace|filter)\b|[-+*/%~<>=!]+|\[|\{(?![{%])", template))))[:120]


def report(cases, ours, options, pool, folder):
    """Prints the differences by kind, the smallest of each first; returns how many there are."""
    groups = collections.defaultdict(list)
    for case in cases:
        difference = kind(case, ours.get(case["id"]))
        if difference:
            groups[difference].append(case)
    total = sum(map(len, groups.values()))
    if not total:
        return 0
    chosen = {}
    for name, members in sorted(groups.items(), key=lambda g: -len(g[1])):
        members.sort(key=lambda c: len(c["template"]))
        for case in members[: options.shrink if name == "other text" else max(1, options.shrink // 8)]:
            chosen[case["id"]] = (name, case)

    def differs(tries):
        parts = [tries[i : i + 100] for i in range(0, len(tries), 100)]
        expected = [e for part in pool.map(expected_of, parts) for e in part]
        rows = [{"id": str(i), "template": t, "values": v} | e for i, ((_, t, v), e) in enumerate(zip(tries, expected)) if e]
        got = run_java(options.java, rows, folder)
        same = [False] * len(tries)
        for row in rows:
            same[int(row["id"])] = kind(row, got.get(row["id"])) == chosen[tries[int(row["id"])][0]][0]
        return same

    small = {key: case["template"] for key, (_, case) in chosen.items()}
    if options.shrink:
        small = template_shrink.shrink({key: (case["template"], case["values"]) for key, (_, case) in chosen.items()}, differs)
    final = [{"id": key, "template": small[key], "values": used(small[key], case["values"])} for key, (_, case) in chosen.items()]
    got = run_java(options.java, final, folder)
    shown = set()
    for name, members in sorted(groups.items(), key=lambda g: -len(g[1])):
        print(f"\n== {len(members)} × {name}")
        for row in (r for r in final if chosen[r["id"]][0] == name):
            mark = signature(row["template"])
            if mark in shown and name == "other text":
                continue
            shown.add(mark)
            expected = expected_of([(0, row["template"], row["values"])])[0]
            print(f"  {row['id']}\n    template     {row['template']!r}\n    values       {json.dumps(row['values'], ensure_ascii=False)[:600]}")
            print(f"    transformers {str(expected)[:400]}\n    ours         {str({k: v for k, v in (got.get(row['id']) or {}).items() if k != 'id'})[:400]}")
    return total


def used(template, values):
    names = set(re.findall(r"\w+", template))
    return {name: value for name, value in values.items() if name in names}


def write_small(cases, path, count):
    """The first random cases, as the ordinary build reads them."""
    chosen = [c for c in cases if c["id"].startswith("random") and "strftime" not in c["template"] and len(c.get("text", "")) < 4000][:count]
    rows = [{"template": c["template"], "values": used(c["template"], c["values"])} | ({"text": c["text"]} if "text" in c else {"refused": True}) for c in chosen]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    with open(path, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as out:
        out.write(data)
    print(f"{path}: {len(rows)} cases")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="random templates")
    parser.add_argument("--tables", action="store_true", help="also every operator, filter, test and method with every kind of value")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--templates", help="a folder of templates (.jinja), each rendered with every conversation")
    parser.add_argument("--mutants", type=int, default=0, help="templates of the folder with a few changes, each rendered with one conversation")
    parser.add_argument("--cases", help="compare the cases of this file, which --only-cases wrote, and make none")
    parser.add_argument("--only-cases", help="write cases with what is expected to this file, and compare nothing")
    parser.add_argument("--build-cases", help="write the cases of the ordinary build (.jsonl.gz) to this file, and compare nothing")
    parser.add_argument("--differences", help="write the cases that differ to this file")
    parser.add_argument("--shrink", type=int, default=24, help="how many differing templates of a kind are made smaller")
    parser.add_argument("--java", help="the command that runs org.tlora.text.chat.RenderTemplates")
    options = parser.parse_args()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool, tempfile.TemporaryDirectory() as folder:
        made = make_cases(options, pool)
        if options.only_cases:
            with open(options.only_cases, "w", encoding="utf-8") as out:
                for case in made:
                    out.write(json.dumps(case, ensure_ascii=False) + "\n")
            return
        cases = list(made)
        if options.build_cases:
            write_small(cases, options.build_cases, 3000)
            return
        refused = sum("refused" in case for case in cases)
        print(f"{len(cases)} renderings with transformers: {len(cases) - refused} texts, {refused} refused", flush=True)
        ours = run_java(options.java, cases, Path(folder))
        if options.differences:
            with open(options.differences, "w", encoding="utf-8") as out:
                for case in cases:
                    if kind(case, ours.get(case["id"])):
                        out.write(json.dumps(case | {"ours": ours.get(case["id"])}, ensure_ascii=False) + "\n")
        different = report(cases, ours, options, pool, Path(folder))
        print(f"{len(cases) - different} of {len(cases)} renderings agree{'' if different == 0 else f', {different} DIFFER'}")
        sys.exit(different != 0)


if __name__ == "__main__":
    main()
