"""Expressions of Jinja made at random, by the type that they should have."""
from template_values import BIG, FLOATS, INTS, NAMES, TEXTS, TYPES, WORDS


class Expressions:
    """Writes expressions, each by the method that is named after the type it should have."""

    def __init__(self, rng, names):
        self.rng = rng
        self.scopes = [{kind: list(values) for kind, values in names.items()}]
        self.loops = 0
        self.macros = []
        self.callers = []  # the macros that use what a call block gives them
        self.caller = None  # how many things the macro being written gives to its caller, if it has one
        self.fresh = 0
        self.budget = rng.choice([25, 60, 60, 120, 200])
        self.wrong = rng.choice([0, 0, 0.004, 0.015])  # how often an expression has another type than it should

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *weighted):
        """One of (weight, maker), made."""
        total = self.rng.random() * sum(w for w, _ in weighted)
        for weight, make in weighted:
            total -= weight
            if total <= 0:
                return make()
        return weighted[-1][1]()

    def one(self, *things):
        return self.rng.choice(things)

    def names(self, kind):
        return [name for scope in self.scopes for name in scope.get(kind, [])]

    def define(self, kind, name=None):
        if name is None:
            if self.chance(0.3):  # a name used twice shows whose scope it is in
                name = self.one("v", "w", "item", "x", "s", "n", "messages" if kind == "messages" else "y")
            else:
                self.fresh += 1
                name = f"v{self.fresh}"
        for scope in self.scopes:
            for known in scope.values():
                if name in known:
                    known.remove(name)
        self.scopes[-1].setdefault(kind, []).append(name)
        return name

    def scoped(self, make):
        """What make writes, with names that end behind it (as Jinja's mostly do)."""
        before = [{k: list(v) for k, v in scope.items()} for scope in self.scopes]
        self.scopes.append({})
        text = make()
        self.scopes = before
        return text

    def expr(self, kind, depth):
        self.budget -= 1
        if self.budget < 0:
            depth = 0
        if self.chance(self.wrong):
            kind = self.one(*TYPES)
        if kind == "any":
            kind = self.one(*TYPES[:-6], "message", "mixed", "int", "str", "bool", "str")
        names = self.names(kind)
        if names and self.chance(0.45 if depth > 0 else 0.6):
            return self.rng.choice(names)
        return getattr(self, kind + "_")(depth)

    def operand(self, kind, depth):
        """An operand: in brackets, unless it is short or by chance."""
        text = self.expr(kind, depth)
        simple = text.replace("_", "").replace(".", "").isalnum() or (text[0] in "'\"[{" and " " not in text)
        return text if simple or self.chance(0.25) else f"({text})"

    def asked(self, kind, depth):
        """What stands behind if, elif or in: a conditional only in brackets, but for a few."""
        text = self.expr(kind, depth)
        return f"({text})" if " if " in text and not self.chance(0.02) else text

    def primary(self, kind, depth):
        """What a dot or a bracket can follow."""
        text = self.expr(kind, depth)
        simple = text.replace("_", "").replace(".", "").isalnum() and not text[0].isdigit() or (text[0] in "'\"[{" and " " not in text)
        return text if simple or self.chance(0.01) else f"({text})"

    def gap(self):
        return self.one(" ", " ", " ", "", "\n  ") if self.chance(0.2) else " "

    def literal(self, text):
        """A text as Jinja writes it, with escapes in many ways."""
        quote = self.one("'", "'", '"')
        out = []
        for c in text:
            if c == quote or c == "\\":
                out.append("\\" + c)
            elif c == "\n":
                out.append(self.one("\\n", "\\n", "\\n", "\n"))
            elif c == "\r":
                out.append("\\r")
            elif c == "\t":
                out.append(self.one("\\t", "\t"))
            elif self.chance(0.03):
                out.append(f"\\U{ord(c):08x}" if ord(c) > 0xFFFF else f"\\u{ord(c):04x}" if self.chance(0.5) or ord(c) > 255 else f"\\x{ord(c):02X}")
            else:
                out.append(c)
        if self.chance(0.02):
            out.append(self.one("\\d", "\\0", "\\101", "\\a", "\\N{BULLET}", "\\'", '\\"', "\\/", "\\é", "\\\n", "\\v\\f\\b", "\\x4", "\\u12"))
        return quote + "".join(out) + quote

    def word(self):
        return self.literal(self.rng.choice(WORDS))

    def small(self):
        return str(self.one(0, 1, 2, 3, 5, -1, -2))

    def call(self, *arguments, **named):
        """Arguments in brackets: the first few given by place, the rest by name, in any order, some left out."""
        out = list(arguments)
        more = list(named.items())
        given = self.one(0, 0, 0, 1, 1, 2, len(more))
        if self.chance(0.4):
            out += [value() for _, value in more[:given]]
            more = more[given:]
            given = self.one(0, 0, 1)
        self.rng.shuffle(more)
        out += [f"{name}={value()}" for name, value in more[:given]]
        if self.chance(0.01):
            out.append(self.one("1", "x=1", "*[1]", "**{'a': 1}", "'a'"))
        return "(" + ("," + self.gap()).join(out) + ("," if out and self.chance(0.02) else "") + ")"

    def filtered(self, value, name, arguments=""):
        if arguments == "()":
            arguments = self.one("()", "")
        bar = self.one(" | ", " | ", "|", " |")
        return f"{value}{bar}{name}{arguments}"

    def int_(self, depth):
        r = self.rng
        if depth <= 0 or self.chance(0.25):
            if self.chance(0.05):
                return self.one("1_000", "0x1F", "0b101", "0o17", str(self.rng.choice(BIG)), str(self.rng.choice(BIG))) if self.chance(0.95) else self.one("007", "1__0", "0xG", "00", "0_1")
            return str(r.choice(INTS))
        d = depth - 1
        e = lambda kind="int": self.operand(kind, d)
        return self.pick(
            (8, lambda: f"{e()}{self.gap()}{self.one('+', '-', '*', '//', '%', '+', '-')}{self.gap()}{e()}"),
            (1, lambda: f"{self.operand('int', 0)} ** {self.one(0, 1, 2, 3, 5, -1)}"),
            (1, lambda: f"{self.one('-', '+', '- ', '--')}{e()}"),
            (1, lambda: f"-{self.one('2', 'n', 'm')} ** {self.one('2', '-1', '2 ** 2', 'm')}"),
            (5, lambda: self.filtered(self.operand(self.one("strs", "ints", "str", "messages", "dict", "rows"), d), self.one("length", "length", "count"))),
            (2, lambda: self.filtered(e(), "abs", "()")),
            (2, lambda: self.filtered(self.operand(self.one("str", "float", "int", "bool", "any"), d), "int", self.call(default=lambda: self.expr(self.one("int", "none"), 0), base=lambda: self.one("10", "16", "2", "0", "36")))),
            (2, lambda: self.filtered(self.operand("ints", d), self.one("sum", "min", "max", "first", "last"))),
            (1, lambda: self.filtered(self.operand("rows", d), "sum", self.call(attribute=lambda: self.one("'age'", "'in.x'", "'nope'"), start=lambda: self.expr("int", 0)))),
            (2, lambda: f"{self.primary('ints', d)}[{self.expr('int', 0)}]"),
            (1, lambda: f"{self.one('xs', 'ps', 'messages')}.{self.one(0, 1, 2)}"),
            (2, lambda: f"{self.primary('str', d)}.{self.one('find', 'rfind', 'count', 'find', 'index')}({self.string_arguments(d)})"),
            (1, lambda: f"{self.primary('ints', d)}.{self.one('index', 'count', 'count')}({self.expr('int', 0)})"),
            (2, lambda: f"{self.primary('dict', d)}.get({self.key()}, {self.expr('int', 0)})"),
            (1, lambda: self.filtered(self.operand("str", d), "wordcount", "()")),
            (4, lambda: "loop." + self.one("index", "index0", "revindex", "revindex0", "length", "depth", "depth0") if self.loops else self.small()),
            (2, lambda: self.conditional("int", d)),
            (1, lambda: f"{e()} {self.one('or', 'and')} {e()}"),
            (1, lambda: f"{self.primary('rows', d)}[0].{self.one('age', 'in.x', 'in.y', 'nope')}"),
            (0.5, lambda: f"{self.operand('bool', d)} + {e()}"),
            (0.3, lambda: f"{self.primary('int', d)}.{self.one('bit_length()', 'real', 'numerator', 'is_integer', 'denominator')}"),
        )  # fmt: skip

    def string_arguments(self, depth):
        """A text to look for, and sometimes from where to where."""
        text = self.one(self.word(), self.literal(self.one(" ", ",", "a", "\n", "l", "", "</think>")), self.expr("str", 0))
        return text + (f", {self.small()}" + (f", {self.small()}" if self.chance(0.5) else "") if self.chance(0.2) else "")

    def float_(self, depth):
        if depth <= 0 or self.chance(0.3):
            return self.one("1.5", "0.25", "2.0", "1e3", "1.5E-7", "1_0.5", "2.675", "1e16", "123456789.125", "3e+2", "0.1", "-0.0", "1e22") if self.chance(0.99) else self.one("1.", ".5", "1e", "1_.5")
        d = depth - 1
        e = lambda kind="float": self.operand(kind, d)
        return self.pick(
            (5, lambda: f"{e()} {self.one('+', '-', '*', '/', '//', '%')} {e(self.one('float', 'int'))}"),
            (3, lambda: f"{e('int')} / {e('int')}"),
            (1, lambda: f"({e()} | abs) ** {self.one(2, 0.5, -1, 0)}"),
            (4, lambda: self.filtered(e(self.one("float", "float", "int")), "round", self.call(precision=lambda: self.one("0", "1", "2", "3", "-1", "-2"), method=lambda: self.one("'common'", "'ceil'", "'floor'", "'up'")))),
            (3, lambda: self.filtered(self.operand(self.one("str", "int", "float", "any"), d), "float", self.call(default=lambda: self.expr(self.one("float", "none"), 0)))),
            (1, lambda: self.filtered(e(), "abs")),
            (1, lambda: self.conditional("float", d)),
            (0.3, lambda: f"{self.one(chr(39) + 'nan' + chr(39), chr(39) + 'inf' + chr(39), chr(39) + '-Infinity' + chr(39))} | float"),
            (1, lambda: f"-{e()}"),
        )  # fmt: skip

    def bool_(self, depth):
        if depth <= 0 or self.chance(0.1):
            return self.one("true", "false", "True", "False")
        d = depth - 1
        e = lambda kind="bool": self.operand(kind, d)
        same = self.one("int", "str", "float", "ints", "strs", "any", "mixed")
        return self.pick(
            (5, lambda: f"{e(same)} {self.one('==', '!=')} {e(same)}"),
            (3, lambda: f"{e('int')} {self.one('<', '<=', '>', '>=')} {e(self.one('int', 'float'))}"),
            (1, lambda: f"{e('str')} {self.one('<', '<=', '>', '>=')} {e('str')}"),
            (1, lambda: f"{e('ints')} {self.one('<', '>=')} {e('ints')}"),
            (1, lambda: f"{e('int')} {self.one('<', '<=', '==', '!=', '>')} {e('int')} {self.one('<', '<=', '==', 'in', 'not in', '>')} {e(self.one('int', 'ints'))}"),
            (3, lambda: f"{e('str')} {self.one('in', 'not in')} {e(self.one('str', 'strs', 'dict'))}"),
            (1, lambda: f"{e('int')} {self.one('in', 'not in', 'not  in')} {e(self.one('ints', 'tuple'))}"),
            (2, lambda: f"{e('any')} {self.one('in', 'in', 'not in')} {e(self.one('mixed', 'message', 'strs', 'dict', 'undefined', 'pairs'))}"),
            (5, lambda: f"{e()} {self.one('and', 'or')} {e()}"),
            (4, lambda: f"not {self.operand(self.one('bool', 'any'), d)}"),
            (9, lambda: self.tested(d)),
            (2, lambda: f"{self.primary('str', d)}.{self.one('startswith', 'endswith')}({self.starts(d)})"),
            (1, lambda: f"{self.primary('str', d)}.{self.one('isdigit', 'isalpha', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle', 'isnumeric', 'isdecimal', 'isidentifier', 'isascii')}()"),
            (2, lambda: self.one("loop.first", "loop.last", "loop.last", f"loop.changed({self.expr('any', d)})") if self.loops else "yes"),
            (1, lambda: self.conditional("bool", d)),
            (1, lambda: f"{self.primary('message', d)}.{self.one('tool_calls', 'content', 'reasoning_content', 'nope')} is {self.one('defined', 'not defined', 'string', 'none', 'not none', 'iterable')}"),
        )  # fmt: skip

    def starts(self, depth):
        start = self.one(self.word(), self.literal(self.one("<", "Hello", " ", "")), f"({self.word()}, {self.word()})", f"({self.word()},)", "()")
        return start + (f", {self.small()}" + (f", {self.small()}" if self.chance(0.3) else "") if self.chance(0.2) else "")

    def test(self):
        """A test and its arguments, without `is`."""
        return self.pick(
            (12, lambda: self.one("defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number", "boolean", "integer", "float", "true", "false")),
            (2, lambda: self.one("callable", "lower", "upper", "escaped", "even", "odd")),
            (2, lambda: self.one(f"divisibleby({self.one(1, 2, 3)})", f"divisibleby {self.one(1, 2, 3)}")),
            (2, lambda: f"{self.one('eq', 'equalto', 'ne', 'sameas', '==')}({self.one('none', 'true', 'false')})".replace("==(", "eq(")),
            (2, lambda: f"{self.one('eq', 'equalto', 'ne')}({self.expr('any', 0)})"),
            (1, lambda: f"{self.one('lt', 'gt', 'le', 'ge', 'lessthan', 'greaterthan')}({self.expr('int', 0)})"),
            (1, lambda: f"{self.one('eq', 'equalto', 'in')} {self.one(self.word(), '1', 'xs', '[1, 2]', 's')}"),
            (2, lambda: f"in({self.expr(self.one('strs', 'ints', 'str'), 0)})"),
            (0.3, lambda: self.one("filter", "test", "nosuch", "None", "True", "eq", "divisibleby", "sameas none", "defined()", "string(1)")),
        )  # fmt: skip

    def tested(self, depth):
        value = self.operand("any", depth) if self.chance(0.7) else self.one("missing", "loop", "caller", "tools", "d.nope", "messages[9]", "ns.x", "namespace", "macro0")
        return f"{value} is {'not ' if self.chance(0.3) else ''}{self.test()}"

    def key(self):
        return self.literal(self.rng.choice(NAMES)) if self.chance(0.9) else self.expr(self.one("int", "str"), 0)

    def conditional(self, kind, depth):
        text = f"{self.operand(kind, depth)} if {self.expr(self.one('bool', 'bool', 'any'), depth)}"
        return text + (f" else {self.operand(kind, depth)}" if self.chance(0.75) else "")

    def str_(self, depth):
        r = self.rng
        if depth <= 0 or self.chance(0.2):
            text = self.literal(r.choice(TEXTS) if self.chance(0.3) else r.choice(WORDS))
            return f"{text} {self.word()}" if self.chance(0.02) else text
        d = depth - 1
        e = lambda kind="str": self.operand(kind, d)
        p = lambda kind="str": self.primary(kind, d)
        return self.pick(
            (6, lambda: f"{e()}{self.gap()}+{self.gap()}{e()}"),
            (3, lambda: f"{e()} ~ {e('any')}" + (f" ~ {e('any')}" if self.chance(0.3) else "")),
            (1, lambda: f"{e()} * {self.one(0, 1, 2, 3, -1, 'true')}" if self.chance(0.7) else f"{self.one(2, 3)} * {e()}"),
            (1, lambda: self.percent(d)),
            (14, lambda: self.str_filter(d)),
            (12, lambda: self.str_method(d)),
            (3, lambda: f"{p()}[{self.slice(d)}]"),
            (2, lambda: f"{p('strs')}[{self.small()}]"),
            (4, lambda: self.primary("message", d) + self.one(".role", ".content", '["role"]', "['content']", ".content")),
            (2, lambda: f"{e()} {self.one('or', 'and')} {e()}"),
            (3, lambda: self.conditional("str", d)),
            (2, lambda: f"loop.cycle({self.word()}, {self.word()})" if self.loops else self.word()),
            (3, lambda: self.macro_call(d) if self.macros else self.word()),
            (1, lambda: f"({self.caller_call()} if caller is defined)" if self.caller is not None else self.word()),
            (1, lambda: self.filtered(self.operand(self.one("rows", "messages"), d), "map", "('" + self.one("attr", "attr") + "', 'name') | first")),
            (1, lambda: f"cycler({self.word()}, {self.word()}).{self.one('next()', 'current')}"),
            (0.5, lambda: self.one("bos_token", "eos_token", "unk_token", "messages[0]['content']", "messages[-1].content", "messages[0].role")),
        )  # fmt: skip

    def percent(self, depth):
        """A text formatted with a percent sign or with the filter."""
        spec = self.one("%s", "%d", "%5.2f", "%r", "%05d", "%-6s|", "%x", "%%", "%+d", "%e", "%g", "%c", "%.3s", "%5s", "%i", "%o", "%X", "%#x")
        kind = "str" if spec[-1] == "s" or "s" in spec else "int" if spec[-1] not in "fegr" else self.one("float", "int")
        value = self.expr(kind, 0)
        if self.chance(0.4):
            text = f"'a {spec} b' % {value if value.isalnum() else '(' + value + ',)'}"
            return text
        if self.chance(0.5):
            return f"'{spec} and %s' % ({value}, {self.expr('any', 0)})"
        if self.chance(0.5):
            return f"'%(a)s-%(b)s' | format(a={value}, b={self.expr('any', 0)})"
        return f"'{spec} %s' | format({value}, {self.expr('any', 0)})"

    def str_filter(self, depth):
        d = depth
        text = self.operand("str", d)
        i = lambda: self.expr("int", 0)
        b = lambda: self.one("true", "false")
        w = lambda: self.word()
        call = lambda name, *a, **k: self.filtered(text, name, self.call(*a, **k))
        other = lambda kind, name, *a, **k: self.filtered(self.operand(kind, d), name, self.call(*a, **k))
        return self.pick(
            (6, lambda: call("trim", chars=lambda: self.literal(self.one(" ", "a", "\n", "<>", "ab c", "")))),
            (3, lambda: call(self.one("upper", "lower", "title", "capitalize"))),
            (3, lambda: call("replace", old=w, new=w, count=lambda: self.one("1", "2", "0", "-1", "none")) if self.chance(0.1) else self.filtered(text, "replace", self.call(self.one(w(), "' '", "'a'", "''"), w(), count=lambda: self.one("1", "2", "0", "none")))),
            (2, lambda: call("indent", width=lambda: self.one("2", "4", "'> '", "0"), first=b, blank=b)),
            (2, lambda: call("truncate", length=lambda: self.one("5", "9", "20", "3", "1"), killwords=b, end=lambda: self.one("'…'", "''", "'...'"), leeway=lambda: self.one("0", "3", "none"))),
            (2, lambda: call("center", width=lambda: self.one("3", "20", "9"))),
            (2, lambda: call(self.one("e", "escape", "forceescape", "safe", "string", "urlencode"))),
            (6, lambda: other(self.one("any", "undefined", "str", "mixed"), "default", self.expr("str", 0), boolean=b).replace("default(", self.one("default(", "default(", "d("))),
            (3, lambda: other(self.one("strs", "ints", "any", "mixed"), "join", d=lambda: self.literal(self.one(", ", "", "\n", "x")))),
            (1, lambda: other("rows", "join", self.one("'-'", "', '"), attribute=lambda: self.one("'name'", "'in.x'", "'nope'"))),
            (5, lambda: other("any", "string")),
            (8, lambda: other(self.one("any", "dict", "messages", "mixed", "ints", "str", "message", "rows"), "tojson", ensure_ascii=b, indent=lambda: self.one("2", "4", "none", "0", "'\\t'", "1"), separators=lambda: self.one("(',', ':')", "(', ', ': ')", "none", "[',', ' : ']"), sort_keys=b)),
            (2, lambda: other("strs", self.one("first", "last", "min", "max"))),
            (1, lambda: other("rows", self.one("min", "max"), self.one("attribute='age'", "attribute='name'", "case_sensitive=true, attribute='name'")) + self.one("", ".name", "['age']")),
            (1, lambda: call("reverse")),
            (0.5, lambda: other("message", "attr", self.one("'role'", "'items'", "'nope'"))),
            (0.4, lambda: other("dict", "urlencode")),
            (0.3, lambda: call(self.one("nosuch", "upper(1)", "trim(1)", "length", "list"))),
            (1, lambda: f"{text} | {self.one('upper', 'trim', 'title')} | {self.one('lower', 'replace(%s, %s)' % (w(), w()), 'length', 'list')}"),
        )  # fmt: skip

    def str_method(self, depth):
        text = self.primary("str", depth)
        w = lambda: self.one(self.word(), self.literal(self.one(" ", "\n", "a", ",", "l", "<think>", "</think>")))
        letters = lambda: self.one("", "", "", f"{self.literal(self.one(' ', 'a', chr(10), 'lo', '<>'))}", "none")
        return text + self.pick(
            (6, lambda: f".{self.one('strip', 'lstrip', 'rstrip')}({letters()})"),
            (4, lambda: f".{self.one('upper', 'lower', 'title', 'capitalize', 'swapcase', 'casefold')}()"),
            (4, lambda: f".replace({w()}, {w()}{self.one('', '', ', 1', ', 0', ', -1')})"),
            (6, lambda: f".{self.one('split', 'split', 'rsplit')}({self.separator()}){self.one('[0]', '[-1]', '[1]', '[0]', '[-1]')}"),
            (2, lambda: f".{self.one('partition', 'rpartition')}({w()})[{self.one(0, 1, 2, -1)}]"),
            (1, lambda: f".{self.one('zfill', 'center', 'ljust', 'rjust')}({self.one('3', '9', '12')})"),
            (0.5, lambda: f".{self.one('center', 'ljust', 'rjust')}(9, {self.one(chr(39) + '*' + chr(39), chr(39) + 'ab' + chr(39))})"),
            (2, lambda: f".join({self.expr(self.one('strs', 'strs', 'str', 'ints'), depth)})"),
            (2, lambda: f".{self.one('removeprefix', 'removesuffix')}({w()})"),
            (0.5, lambda: f".expandtabs({self.one('', '4')})"),
            (2, lambda: f".format({self.arguments(depth)})"),
            (0.4, lambda: self.one(".nosuch()", ".encode", ".__class__", ".upper", ".strip(1)", ".join(1)", ".format(", ".replace('a')", ".strip() .lower ()", ".splitlines()[0]")),
        ) if self.chance(0.93) else self.formatted(depth)  # fmt: skip

    def separator(self):
        first = self.one("", "", "' '", "','", "'\\n'", "'</think>'", "'a'", "none", self.word(), "sep=','", "sep=none")
        return first + (self.one(", 1", ", 0", ", -1", ", maxsplit=1") if first and "=" not in first and self.chance(0.25) else "")

    def formatted(self, depth):
        spec = self.one("{}", "{0}", "{:>5}", "{:<6}|", "{:^7}", "{!r}", "{!s}", "{{}}", "{:*>8}", "{0} {0}", "{} {}", "{a}", "{0", "}", "{:5}")
        if self.chance(0.4):
            return self.one("'{:.2f}'", "'{:05d}'", "'{:,}'", "'{:x}'", "'{:+}'", "'{:e}'", "'{:08.3f}'", "'{:d}'", "'{:g}'", "'{:%}'") + f".format({self.expr(self.one('int', 'float'), 0)})"
        return f"'{spec}'.format({self.expr('any', 0)}{self.one('', ', 1', ', a=2')})"

    def arguments(self, depth):
        out = [self.expr("any", 0) for _ in range(self.one(0, 1, 1, 2))]
        if self.chance(0.2):
            out.append(f"{self.one('a', 'b', 'c')}={self.expr('any', 0)}")
        if self.chance(0.03):
            out.append(self.one("*xs", "**counts", "*[1, 2]", "**{'a': 1}"))
        return ", ".join(out)

    def slice(self, depth):
        i = lambda: "" if self.chance(0.4) else self.small() if self.chance(0.8) else self.expr("int", 0)
        return self.one(f"{i()}:{i()}", f"{i()}:{i()}", f"{i()}:", f"{i()}:{i()}:{self.one('2', '-1', '1', '-2', '', 'none', '0')}", "::-1", "1:", ":-1", self.small())

    def none_(self, depth):
        return self.one("none", "None", "nothing", "d.get('nope')")

    def undefined_(self, depth):
        return self.one("missing", "nowhere", "d.nope", "messages[0].nope", "messages[99]", "d['nope']", "xs[50]", "missing", "s.nope", "n.nope", "(1 if false)", "nothing.x", "missing.x", "xs['a']", "loop", "none[0]")

    def sequence(self, kind, depth, item):
        """A list, or what takes a part of one."""
        d = depth - 1
        if depth <= 0 or self.chance(0.35):
            items = [self.expr(item, 0) for _ in range(self.one(0, 1, 2, 3, 3, 4))]
            return "[" + ", ".join(items) + ("," if items and self.chance(0.05) else "") + "]"
        e = lambda k=kind: self.operand(k, d)
        p = lambda: self.primary(kind, d)
        b = lambda: self.one("true", "false")
        return self.pick(
            (3, lambda: f"{p()}[{self.slice(d)}]"),
            (2, lambda: f"{e()} + {e()}"),
            (0.5, lambda: f"{e()} * {self.one(0, 1, 2)}"),
            (3, lambda: self.filtered(e(), "sort", self.call(reverse=b, case_sensitive=b))),
            (2, lambda: self.filtered(e(), "unique", self.call(case_sensitive=b)) + " | list"),
            (2, lambda: self.filtered(e(), "reverse") + " | list"),
            (2, lambda: self.filtered(e(), "list")),
            (4, lambda: self.filtered(e(), self.one("select", "reject"), self.selection(item)) + self.one(" | list", " | list", "|list")),
            (1, lambda: f"{e()} {self.one('or', 'and')} {e()}"),
            (2, lambda: self.conditional(kind, d)),
            (1, lambda: self.filtered(e(), "batch", self.call(self.one("2", "3"), fill_with=lambda: self.expr(item, 0))) + self.one(" | first", " | list | last")),
            (0.5, lambda: self.filtered(e(), "slice", self.call(self.one("2", "3"), fill_with=lambda: self.expr(item, 0))) + self.one(" | first", " | list | last")),
        )  # fmt: skip

    def selection(self, item):
        tests = ["'even'", "'odd'", "'divisibleby', 2", "'gt', 2", "'lt', 3", "'ne', 1", "'in', [1, 2]"] if item == "int" else ["'string'", "'in', ws", "'equalto', 'x'", "'ne', ''", "'lower'", "'upper'", "'in', 'abc'"]
        return "(" + self.one("", "'defined'", "'none'", "'nosuch'" if self.chance(0.05) else "'true'", *tests) + ")"

    def ints_(self, depth):
        d = depth - 1
        if depth > 0 and self.chance(0.3):
            return self.pick(
                (3, lambda: f"range({self.one('3', 'm', '1, 4', '0, 10, 3', '5, 0, -2', 'xs|length', '0', '-1')}){self.one('', ' | list', ' | list')}"),
                (2, lambda: self.filtered(self.operand("rows", d), "map", self.one("(attribute='age')", "(attribute='age', default=0)", "(attribute='in.x')")) + " | list"),
                (1, lambda: self.filtered(self.operand("ints", d), "map", self.one("('abs')", "('float')", "('round', 1)", "('string')", "('default', 1)")) + " | list"),
                (1, lambda: f"{self.primary('dict', d)}.values(){self.one('', ' | list')}"),
            )
        return self.sequence("ints", depth, "int")

    def strs_(self, depth):
        d = depth - 1
        if depth > 0 and self.chance(0.45):
            return self.pick(
                (3, lambda: f"{self.primary('str', d)}.{self.one('split', 'rsplit')}({self.separator()})"),
                (1, lambda: f"{self.primary('str', d)}.{self.one('splitlines()', 'splitlines(true)', 'splitlines(keepends=true)')}"),
                (1, lambda: f"{self.operand('str', d)} | list"),
                (2, lambda: self.filtered(self.operand(self.one("rows", "messages"), d), "map", self.one("(attribute='name')", "(attribute='role')", "(attribute='content')", "(attribute='kind', default='?')")) + " | list"),
                (2, lambda: self.filtered(self.operand("strs", d), "map", self.one("('upper')", "('trim')", "('length')", "('replace', 'a', 'b')", "('truncate', 5)", "('default', 'x', true)", "('tojson')", "('nosuch')" if self.chance(0.05) else "('title')")) + " | list"),
                (2, lambda: self.primary("dict", d) + self.one(".keys()", ".keys() | list", " | list", " | sort", ".values() | list")),
                (0.5, lambda: f"{self.primary('str', d)}.partition({self.word()})"),
            )
        return self.sequence("strs", depth, "str")

    def tuple_(self, depth):
        items = [self.expr("any", 0) for _ in range(self.one(0, 1, 2, 3))]
        return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"

    def dict_(self, depth):
        d = depth - 1
        entry = lambda: f"{self.one(self.key(), self.key(), self.key(), '1', 'true', 'n')}: {self.expr('any', min(d, 1))}"
        return self.pick(
            (5, lambda: "{" + ", ".join(entry() for _ in range(self.one(0, 1, 2, 3))) + "}"),
            (1, lambda: f"dict({', '.join(f'{k}={self.expr(chr(97) + chr(110) + chr(121), 0)}' for k in self.rng.sample(['a', 'b', 'c'], self.one(0, 1, 2)))})"),
            (0.5, lambda: f"dict({self.one('ps', 'counts', 'counts.items()', '[[1, 2]]', 'counts, a=1', 'xs')})"),
            (1, lambda: self.one("tricky.a", "tricky.a.b[0]", "messages[0]", "tricky['a']", "rows[0]['in']")),
            (0.3, lambda: f"dict.fromkeys({self.one('ws', 'xs, 0', chr(39) + 'ab' + chr(39))})"),
            (0.5, lambda: f"{self.primary('dict', d)}.copy()" if depth > 0 else "{}"),
        )  # fmt: skip

    def pairs_(self, depth):
        d = self.primary("dict", depth - 1)
        return self.pick(
            (4, lambda: f"{d}.items()"),
            (2, lambda: f"{d} | items"),
            (4, lambda: self.filtered(self.one("counts", "counts", d), "dictsort", self.call(case_sensitive=lambda: self.one("true", "false"), by=lambda: self.one("'key'", "'value'", "'nope'" if self.chance(0.1) else "'key'"), reverse=lambda: self.one("true", "false")))),
            (3, lambda: self.filtered(self.operand("rows", depth - 1), "groupby", self.call(self.one("'kind'", "'kind'", "'age'", "'in.ok'", "attribute='name'"), default=lambda: "''" if self.chance(0.7) else "0", case_sensitive=lambda: self.one("true", "false")))),
            (2, lambda: "[" + ", ".join(f"({self.expr('str', 0)}, {self.expr('int', 0)})" for _ in range(self.one(0, 1, 2))) + "]"),
        )  # fmt: skip

    def rows_(self, depth):
        d = depth - 1
        b = lambda: self.one("true", "false")
        if depth <= 0:
            return "rows"
        e = self.operand("rows", d)
        p = lambda: self.primary("rows", d)
        return self.pick(
            (3, lambda: self.filtered(e, "sort", self.rng.choice([self.call(reverse=b, case_sensitive=b)[:-1] + ", attribute=", "(attribute="]).replace("(, ", "(") + self.one("'name'", "'in.x'", "'name'", "'in.x,name'", "'age'", "'kind,name'") + ")")),
            (4, lambda: self.filtered(e, self.one("selectattr", "rejectattr"), "(" + self.one("'kind'", "'kind', 'equalto', 'a'", "'age', 'gt', 2", "'in.ok'", "'name', 'in', ['Ann', 'bob']", "'kind', 'defined'", "'kind', 'undefined'", "'age', 'nosuch'" if self.chance(0.1) else "'name', 'string'") + ")") + " | list"),
            (1, lambda: self.filtered(e, "unique", self.one("(attribute='kind')", "(true, 'name')", "(attribute='in.ok')")) + " | list"),
            (1, lambda: f"{p()}[{self.slice(d)}]"),
        )  # fmt: skip

    def messages_(self, depth):
        if depth <= 0:
            return self.one("messages", "messages", "messages[1:]")
        e = self.operand("messages", depth - 1)
        p = lambda: self.primary("messages", depth - 1)
        return self.pick(
            (3, lambda: f"{p()}[{self.slice(0)}]"),
            (2, lambda: self.filtered(e, self.one("selectattr", "rejectattr"), self.one("('role', 'equalto', 'user')", "('role', 'in', ['user', 'tool'])", "('tool_calls')", "('tool_calls', 'defined')", "('content', 'string')", "('role', '==', 'user')", "('role', 'ne', 'x')")) + self.one(" | list", "| list", "")),
            (1, lambda: self.filtered(e, "reverse") + self.one("", " | list")),
            (1, lambda: "[" + self.expr("message", 0) + "]"),
            (1, lambda: self.conditional("messages", depth - 1)),
        )  # fmt: skip

    def message_(self, depth):
        if self.loops and self.chance(0.2):
            return self.one("loop.previtem", "loop.nextitem")
        return self.one("messages[0]", "messages[-1]", "messages | first", "messages | last", "messages[1]", "{'role': 'user', 'content': s}", "messages.0")

    def mixed_(self, depth):
        return self.pick(
            (3, lambda: f"[{self.expr('any', 0)}, {self.expr('any', 0)}, {self.expr('any', 0)}]"),
            (1, lambda: "{" + f"{self.key()}: [{self.expr('any', 0)}, {{{self.key()}: {self.expr('any', 0)}}}]" + "}"),
            (1, lambda: self.expr("tuple", depth)),
            (1, lambda: f"[[{self.expr('any', 0)}], ({self.expr('any', 0)}, {self.expr('any', 0)})]"),
            (1, lambda: self.primary("dict", 0) + f"[{self.key()}]"),
            (1, lambda: self.primary("message", 0) + "." + self.one("content", "tool_calls", "tool_calls[0].function.arguments", "content[0].text", "nope")),
            (1, lambda: self.one("varargs", "kwargs", "ns.x", "ns", "range(3)", "counts.keys()", "counts.items()", "counts.values()", "loop.previtem", "x", "item", "v", "v1", "v2")),
        )  # fmt: skip

    def macro_call(self, depth):
        name, parameters = self.rng.choice(self.macros)
        out = []
        named = False
        for parameter in parameters:
            if self.chance(0.85):
                named = named or self.chance(0.3)
                out.append(self.expr("any", 0) if not named else f"{parameter}={self.expr('any', 0)}")
        if self.chance(0.05):
            out.append(self.one("1", "zz=1", "*xs", "**counts"))
        return f"{name}({', '.join(out)})"
