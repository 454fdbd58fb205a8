"""Published templates with a few changes: other names, operators and numbers, parts left out, doubled or exchanged."""
import random
import re

import template_conversations
import template_shrink

OPERATORS = ["+", "-", "*", "~", "/", "//", "%", "==", "!=", "<", ">", "<=", ">=", "and", "or", "in", "is", "not", "|", "if", "else", "is not", "not in"]
TESTS = ["defined", "none", "string", "mapping", "iterable", "sequence", "number", "true", "false", "undefined", "boolean", "integer"]
FILTERS = ["trim", "tojson", "length", "upper", "list", "first", "last", "string", "join", "int", "safe", "default('z')", "reverse | list", "items", "unique | list", "sort", "title", "capitalize"]
SLICES = ["[0]", "[-1]", "[1:]", "[:-1]", "[::-1]", ".role", ".content", "['role']", ".strip()", ".split('\\n')", "[0:1]", ".upper()", ".items()", ".nope", "['nope']"]
VALUES = ["none", "true", "false", "''", "0", "1", "messages", "loop.index0", "messages[0]", "missing", "[]", "{}", "'\\n'", "tools", "message"]


def mutate(rng, parts):
    """The pieces of a template after one change inside a tag."""
    inside, tag = [], False
    for i, part in enumerate(parts):
        if part[:2] in ("{{", "{%"):
            tag = True
        elif part[-2:] in ("}}", "%}"):
            tag = False
        elif tag and not part.isspace():
            inside.append(i)
    if not inside:
        return parts
    at = rng.choice(inside)
    part, before, after = parts[at], parts[:at], parts[at + 1 :]
    kind = rng.randrange(14)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + [part, " ", rng.choice(OPERATORS), " ", rng.choice(VALUES)] + after
    if kind == 2:
        return before + [rng.choice(["not ", "-", "(", ")"]), part] + after
    if kind == 3:
        return before + [part, " | " + rng.choice(FILTERS)] + after
    if kind == 4:
        return before + [part, rng.choice(SLICES)] + after
    if kind == 5:
        return before + [part, " is " + rng.choice(["", "not "]) + rng.choice(TESTS)] + after
    if kind in (6, 7):
        other = rng.choice(inside)
        changed = list(parts)
        changed[at], changed[other] = changed[other], changed[at]
        return changed
    if kind in (8, 9):
        return before + [parts[rng.choice(inside)]] + after
    if kind == 10 and part.isdigit():
        return before + [str(rng.choice([0, 1, 2, -1, 10]))] + after
    if kind == 11:
        return before + [rng.choice(VALUES)] + after
    if kind == 12:
        tags = [i for i, p in enumerate(parts) if p[:2] in ("{{", "{%", "{#")]
        at = rng.choice(tags)
        return parts[:at] + [rng.choice([parts[at][:2] + "-", parts[at][:2], " " + parts[at], "\n" + parts[at], "{{ message }}" + parts[at]])] + parts[at + 1 :]
    ends = [i for i, p in enumerate(parts) if p[-2:] in ("%}", "}}")]
    at = rng.choice(ends)
    return parts[:at] + [rng.choice(["-" + parts[at][-2:], parts[at][-2:], parts[at] + "\n", parts[at] + "  "])] + parts[at + 1 :]


def case(seed, number, templates):
    """The number's changed template, and the values of a conversation."""
    rng = random.Random(f"mutant {seed}:{number}")
    parts = template_shrink.pieces(rng.choice(templates))
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        parts = mutate(rng, parts)
    messages, more = rng.choice(list(template_conversations.CONVERSATIONS.values()))
    template = "".join(parts)
    if re.search(r"\*\*|range\(|\*\s*\d{4,}", template):
        template = template.replace("**", "*").replace("range(", "range(0,")
    return template, template_conversations.values(messages, more)
