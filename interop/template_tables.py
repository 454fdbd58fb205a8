"""Every operator, filter, test and method with every kind of value, and every letter with what turns on letters.

Where random templates seldom come: one small template for each pair. What our evaluator refuses by name is left out.
"""
import unicodedata

VALUES = ["missing", "missing.x", "none", "d.nope", "1", "1.5", "true", "'a'", "[]", "{}", "range(3)", "namespace()", "dict", "loop", "joiner()", "cycler(1)", "(1,)", "d.keys()", "d.items()", "d", "s", "ws"]
OTHERS = ["missing", "none", "2", "1.5", "true", "'a'", "[1]", "{'a':1}", "(1,)", "range(2)", "d.keys()"]
OPERATORS = "+ - * / // % ** ~ == != < > <= >= in and or".split()
FILTERS = """abs attr batch capitalize center count d default dictsort e escape first float forceescape format groupby indent int items join last
length list lower map max min reject rejectattr replace reverse round safe select selectattr slice sort string sum title tojson trim truncate
unique upper urlencode wordcount""".split()  # fmt: skip
LAZY = ("batch", "slice", "map", "select", "reject", "selectattr", "rejectattr", "unique", "items", "reverse")
TESTS = """boolean callable defined divisibleby eq equalto escaped even false filter float ge gt greaterthan in integer iterable le lower lessthan
lt mapping ne none number odd sameas sequence string test true undefined upper""".split()  # fmt: skip
METHODS = {
    "'a b,C'": """capitalize casefold center count endswith expandtabs find index isalnum join ljust lower lstrip partition removeprefix replace
    rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title upper zfill nope""".split(),
    "[3,1,'a']": "append clear copy count extend index insert pop remove reverse sort".split(),
    "{'a':1}": "clear copy fromkeys get items keys pop popitem setdefault update values".split(),
    "(1,2)": ["count", "index"],
    "range(4)": ["index", "count"],
    "none": ["x"],
    "1": ["x"],
}  # fmt: skip
ARGUMENTS = ["", "1", "'a'", "','", "' '", "none", "'a', 'b'", "'a', 1", "1, 2", "10, '*'", "'a', 0, 2", "'a', 'b', 1", "('a', 'b')", "['x', 'y']", "[1]", "sep=' '", "maxsplit=1", "keepends=true", "'b', default=2", "{'a': 2}", "a=1", "'', 1", "''", "missing", "-1", "'a', none, 2", "3.0", "true"]
KEYS = ["0", "-1", "'a'", "none", "1.0", "true", "missing", "[1]", "1:", "::-1", "::0", "none:1", "(1,2)"]
NUMBERS = ["969.1", "0.1", "1e22", "1.0", "100.0", "123456789.0", "1e-5", "0.0", "-0.0", "3", "12345678901234567890", "none", "'abc'", "[1]", "true", "false"]
BRACES = [".3", ".1", ".0", ".10", "8", "<8", "^8", "08", "8.3", "g", ".3g", "e", "E", "G", "F", "%", ".1%", ",", "_", ",.1f", "+", "-", " ", "x", "X", "#x", "o", "b", "d", "s", ".2s", ">8", "*^9", "=8", "#", "#.3g", "<", "10.4e", ""]
PERCENTS = ["d", "i", "u", "x", "X", "o", "e", "E", "f", "F", "g", "G", "c", "r", "s", "a", "5d", "-5d|", "05d", "+d", " d", ".3d", ".3f", "#x", "#o", "08.2f", ".0f", "#.0f", ".10g", "#g", ".3s", "*d", "10.3e", "%", "5%", "q"]
LETTERS = ["s.isalpha()", "s.isdigit()", "s.isdecimal()", "s.isnumeric()", "s.isspace()", "s.isupper()", "s.islower()", "s.istitle()", "('a' ~ s ~ 'b') | wordcount", "s.swapcase()", "(s ~ 'ab') | capitalize", "(s ~ 'AB').title()", "(s ~ 'ab') | title", "('a' ~ s ~ 'b').title()", "('x' ~ s).upper()", "('X' ~ s).lower()", "(s ~ 'Σ').lower()", "('aΣ' ~ s ~ 'a').lower()", "('Σ' ~ s).lower()", "s | int(default='n')", "('x' ~ s ~ 'y').split()", "('x' ~ s ~ 'y').splitlines()", "(s ~ 'x' ~ s).strip()", "[s]", "s | urlencode", "s | e", "s | tojson(ensure_ascii=true)"]


def letters():
    """The characters that are written today, in tens. None is newer than the Unicode that Java 17 and Python 3.8 know."""
    known = [*range(0x0, 0x530), *range(0x590, 0x700), *range(0x900, 0xC00), *range(0xE00, 0xE60), *range(0x10A0, 0x1370), *range(0x1E00, 0x2C00), *range(0x3000, 0x3400), *range(0xFE00, 0x10000), *range(0x1D400, 0x1D500), *range(0x1F300, 0x1F650)]
    have = [chr(c) for c in known if unicodedata.ucd_3_2_0.category(chr(c)) not in ("Cn", "Cs") or c > 0x10000]
    return [have[i : i + 40] for i in range(0, len(have), 40)]


def cases():
    """(template, values) of all."""
    values = {"d": {"a": 1}, "s": "t", "ws": ["b", "A", "a"]}
    views = ("d.keys()", "d.items()")
    made = []
    for spec in BRACES:
        made += ["{{ '{:%s}'.format(%s) }}" % (spec, n) for n in NUMBERS]
    for spec in PERCENTS:
        made += ["{{ '%%%s' %% (%s,) }}" % (spec, n) for n in NUMBERS]
    for x in VALUES:
        for name in ("__class__", "__init__", "_x", "x", "upper", "keys", "append"):
            made += ["{{ (%s).%s is defined }}" % (x, name), "{{ (%s)['%s'] is defined }}" % (x, name), "{{ (%s) | attr('%s') is defined }}" % (x, name)]
        for f in FILTERS:
            for arguments in ("", "(1)", "('a')", "(1, 2)", "(x=1)", "('a', 'b')", "(none)"):
                made.append("{{ (%s) | %s%s%s }}" % (x, f, arguments, " | list" if f in LAZY else ""))
        for t in TESTS:
            made += ["{{ (%s) is %s%s }}" % (x, t, arguments) for arguments in ("", "(1)", "('a')", "([1])", "(1, 2)")]
        for op in OPERATORS:
            if x not in views or op not in ("-", "<", ">", "<=", ">="):  # sets
                made += ["{{ (%s) %s (%s) }}" % (x, op, y) for y in OTHERS if y not in views or op != "-"]
        made += ["{{ %s (%s) }}" % (op, x) for op in ("-", "+", "not")]
        made += ["{%% set z = (%s) %%}{{ z[%s] }}" % (x, key) for key in KEYS]
        made.append("{%% for y in %s %%}{{ y }}{{ loop.length }},{%% else %%}E{%% endfor %%}" % x)
        made += ["{{ (%s)() }}" % x, "{{ (%s) | tojson }}{{ [%s] }}{{ (%s) | string }}" % (x, x, x), "{%% set a, b = %s %%}{{ a }}{{ b }}" % x]
    for x, methods in METHODS.items():
        made += ["{{ (%s).%s(%s) }}" % (x, m, arguments) for m in methods for arguments in ARGUMENTS]
    yield from ((template, values) for template in made)
    for some in letters():
        yield from (("{%% for s in l %%}{{ %s }},{%% endfor %%}" % e, {"l": some}) for e in LETTERS)
