"""Makes templates that are rendered differently smaller, while the difference stays."""
import re

PIECES = re.compile(
    r"\{#.*?#\}|\{[{%][-+]?|[-+]?[%}]\}|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\w+|\s+|[^\w\s]|.", re.DOTALL
)  # fmt: skip


def pieces(template):
    return PIECES.findall(template)


def candidates(parts, size):
    """Templates without one run of pieces, and without what stands between two equal brackets or tags."""
    found = []
    for start in range(0, len(parts), max(1, size)):
        found.append(parts[:start] + parts[start + size :])
    return found


def spans(parts):
    """Whole tags, blocks and brackets, each as (start, end)."""
    open_tags, blocks, brackets, found = None, [], [], []
    for i, part in enumerate(parts):
        if part.startswith("{{") or part.startswith("{%"):
            open_tags = i
        elif part.endswith("}}") or part.endswith("%}"):
            if open_tags is None:
                continue
            found.append((open_tags, i + 1))
            words = [p for p in parts[open_tags + 1 : i] if not p.isspace()]
            name = words[0] if words else ""
            if name.startswith("end"):
                if blocks:
                    start, inner = blocks.pop()
                    found += [(start, i + 1), (start, inner, open_tags, i + 1)]
            elif parts[open_tags].startswith("{%") and name in ("if", "for", "macro", "call", "filter", "with", "generation", "raw"):
                blocks.append((open_tags, i + 1))
            elif name == "set" and "=" not in words:
                blocks.append((open_tags, i + 1))
            open_tags = None
        elif part in "([{":
            brackets.append(i)
        elif part in ")]}" and brackets:
            start = brackets.pop()
            found += [(start, i + 1), (start, start + 1, i, i + 1)]
    return found


def without(parts, span):
    if len(span) == 2:
        return parts[: span[0]] + parts[span[1] :]
    return parts[: span[0]] + parts[span[1] : span[2]] + parts[span[3] :]


def shrink(cases, differs, rounds=14, most=160):
    """Smaller templates of cases {id: (template, values)}; differs(list of (id, template, values)) tells which differ still."""
    now = {key: pieces(template) for key, (template, _) in cases.items()}
    sizes = {key: max(1, len(parts) // 2) for key, parts in now.items()}
    for _ in range(rounds):
        tries = []
        for key, parts in now.items():
            if sizes[key] < 1:
                continue
            smaller = [without(parts, span) for span in sorted(spans(parts), key=lambda s: s[0] - s[-1])]
            while sizes[key] > 1 and len(parts) / sizes[key] < 3:
                sizes[key] //= 2
            smaller += candidates(parts, sizes[key])
            if sizes[key] > 1:
                smaller += candidates(parts, max(1, sizes[key] // 4))
            seen = {"".join(parts)}
            for s in sorted(smaller, key=len)[: most * 2]:
                text = "".join(s)
                if text not in seen and len(seen) <= most:
                    seen.add(text)
                    tries.append((key, text, cases[key][1]))
        if not tries:
            break
        smallest = {}
        for (key, text, _), same in zip(tries, differs(tries)):
            if same and (key not in smallest or len(text) < len(smallest[key])):
                smallest[key] = text
        for key in now:
            if key in smallest:
                now[key] = pieces(smallest[key])
                sizes[key] = min(sizes[key], max(1, len(now[key]) // 2))
            else:
                sizes[key] //= 4
    return {key: "".join(parts) for key, parts in now.items()}
