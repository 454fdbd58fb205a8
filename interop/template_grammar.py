"""Chat templates made at random from the grammar of Jinja, with values to render them with.

The same seed and number give the same template, whatever was made before. Expressions are made by the type that they
should have, so that most templates render; now and then an expression of another type, a name that nothing defines, or
a broken sign is put in, so that a good share is refused. What our evaluator refuses by name is left out: the filters
pprint, random, striptags, urlize, wordwrap and xmlattr, lipsum, and templates that take in others.
"""
import random

from template_corners import Corners
from template_expressions import Expressions
from template_values import Values


class Grammar(Corners, Expressions):
    """Writes one template: statements with expressions and text between them."""

    def tag(self, body):
        left = self.one("{%", "{%", "{%-", "{%-", "{%+") if self.chance(0.8) else "{%-"
        right = self.one("%}", "%}", "%}", "-%}", "-%}") if self.chance(0.97) else "+%}"
        space = self.one(" ", " ", " ", " ", "", "\n", "  ")
        return f"{left}{space}{body}{self.one(' ', ' ', space)}{right}"

    def print(self, text):
        left = self.one("{{", "{{", "{{", "{{-", "{{-", "{{+" if self.chance(0.1) else "{{")
        right = self.one("}}", "}}", "}}", "-}}")
        return f"{left} {text}{self.one(' ', ' ', '', chr(10)) if text[-1] != '}' else ' '}{right}" if text[0] in "-+{" or self.chance(0.8) else f"{left}{text} {right}"

    def data(self):
        return self.one("\n", "\n", "\n", "\n\n", "  ", "\t", "", "", "text", " text ", "x\n", "\n    ", "  \n", "end.\n\n  ", "<|im_start|>", "日本\n", "\r\n", " \r\n  ", "\r", "# no\n", "\n \n", "-", "\\n", "\u00a0\n", "'") if self.chance(0.994) else self.one("}}", "{ { ", "%}", "\x0b", "#}", "{ ", "{\n", "\u2028", "{")

    def body(self, count=None):
        out = []
        for _ in range(count or self.one(1, 1, 2, 2, 3)):
            if self.chance(0.5):
                out.append(self.data())
            out.append(self.statement() if self.budget > 0 else self.print(self.expr("any", 0)))
        if self.chance(0.5):
            out.append(self.data())
        return "".join(out)

    def statement(self):
        self.budget -= 2
        return self.pick(
            (14, lambda: self.print(self.expr("str", 3))),
            (9, lambda: self.print(self.expr("any", 3))),
            (2, lambda: self.print(self.expr(self.one("float", "bool", "int", "pairs", "tuple", "undefined", "mixed"), 2))),
            (7, self.if_),
            (8, self.for_),
            (7, self.set_),
            (2, self.set_block),
            (2, self.namespace),
            (2.5, self.macro),
            (2, self.call_block),
            (1, self.filter_block),
            (1, self.with_),
            (0.7, lambda: self.tag("raw") + self.one("{{ x }}", " {% if %} ", "\n {# c #} \n", "", " a ", "\n\n") + self.tag("endraw")),
            (1.5, lambda: self.one("{#", "{#-") + self.one(" a comment ", "\n{{ x }}\n", "", "-", " {% if %}") + self.one("#}", "-#}")),
            (1.2, lambda: self.scoped(lambda: self.tag("generation") + self.body(1) + self.tag("endgeneration"))),
            (3, self.conversation),
            (1.5, lambda: self.data() + self.data()),
            (0.4, lambda: self.tag("if " + self.asked("bool", 1)) + self.print(f"raise_exception({self.one(self.word(), 's', '1 + 1')})") + self.tag("endif")),
            (1.5, lambda: self.tag(self.one("break", "continue")) if self.loops and self.chance(0.3) else self.tag("if " + self.asked("bool", 2)) + self.tag(self.one("break", "continue")) + self.tag("endif") if self.loops else ""),
            (5, self.each),
            (6, self.corner),
            (0.05, lambda: self.tag(self.one("do 1", "nosuch", "endif", "else", "endfor", "set", "for x", "if", "break", "set 1 = 2", "set loop = 1", "for loop in xs", "set true = 1", "macro f", "set a.b.c = 1", "set d.a = 1"))),
        )  # fmt: skip

    def end(self, name):
        return self.tag(f"end{name}")

    def expressions(self):
        """A few expressions alone, so that one that is refused hides no others."""
        self.budget = 60
        return self.one("", "|", "\n").join(self.pick((4, lambda: self.print(self.expr(self.one("str", "str", "any", "bool", "int", "float", "strs", "ints", "pairs", "dict", "mixed", "rows", "tuple"), 3))), (1, self.each), (3, self.corner)) for _ in range(self.one(1, 1, 2, 3)))

    def if_(self):
        out = [self.tag("if " + self.asked(self.one("bool", "bool", "bool", "any"), 3)), self.body()]
        for _ in range(self.one(0, 0, 0, 1, 2)):
            out += [self.tag("elif " + self.asked(self.one("bool", "any"), 2)), self.body(1)]
        if self.chance(0.4):
            out += [self.tag("else"), self.body(1)]
        return "".join(out) + self.end("if")

    def for_(self):
        def inner():
            what = self.pick(
                (4, lambda: ("int", "ints")),
                (4, lambda: ("str", "strs")),
                (6, lambda: ("message", "messages")),
                (2, lambda: ("row", "rows")),
                (1, lambda: ("str", "str")),
                (1, lambda: ("str", "dict")),
                (3, lambda: ("pair", "pairs")),
                (0.7, lambda: ("mixed", "undefined")),
                (0.3, lambda: ("mixed", "any")),
                (0.4, lambda: ("recursive", "")),
            )
            item, kind = what
            if item == "recursive":
                return self.recursive()
            source = self.asked(kind, 2)
            if item == "pair":
                if self.chance(0.8):
                    target = self.define("str") + self.one(", ", ",") + self.define("mixed")
                    target = f"({target})" if self.chance(0.05) else target
                else:
                    target = self.define("mixed")
            else:
                name = self.one("m", "message", None, None) if item == "message" else None
                target = self.define({"row": "dict"}.get(item, item), name)
            test = f" if {self.asked(self.one('bool', 'bool', 'any'), 2)}" if self.chance(0.2) else ""
            self.loops += 1
            body = self.body()
            self.loops -= 1
            other = self.tag("else") + self.body(1) if self.chance(0.2) else ""
            return self.tag(f"for {target} in {source}{test}") + body + other + self.end("for")

        return self.scoped(inner)

    def each(self):
        """One test, filter or method, asked of many values."""
        kinds = self.one(["any"], ["str"], ["str"], ["int", "float"], ["int", "str", "bool", "none"], ["any", "undefined"])
        values = [self.expr(self.rng.choice(kinds), 1) for _ in range(self.one(2, 3, 4, 6))]
        text = kinds == ["str"]
        asked = self.pick(
            (6, lambda: "x is " + self.one("", "", "not ") + self.test()),
            (4, lambda: self.of("x", self.str_filter)),
            (4 if text else 0, lambda: self.of("x", self.str_method)),
            (2 if text else 0, lambda: "x" + self.one(".isdigit()", ".isalpha()", ".isspace()", ".isupper()", ".islower()", ".istitle()", ".isalnum()", ".isnumeric()", ".isdecimal()", ".isidentifier()", ".title()", ".capitalize()", ".swapcase()", ".casefold()", ".lower()", ".upper()", ".split()", ".splitlines()", ".strip()", ".zfill(6)", "[::-1]", "[1:]")),
            (2, lambda: self.one("x | int", "x | int(7)", "x | int(base=16)", "x | float", "x | float(0.5)", "x | string", "x ~ ''", "x | tojson", "[x]", "{'k': x}", "not x", "x or 'z'", "x and 'z'", "'y' if x", "x | default('q')", "x | default('q', true)", "(x,)", "x | list", "x | length", "x | e", "x | urlencode", "x == 1", "x == '1'", "x in [1, none, '']", "x | title", "x | upper", "x | trim", "'%s' % x", "'%s|%r' % (x, x)", "'{}'.format(x)")),
            (2 if kinds == ["int", "float"] else 0, lambda: self.one("x | round", "x | round(1)", "x | round(2, 'floor')", "x | round(-1, 'ceil')", "x | abs", "x | int", "x / 3", "x // 2", "x % 3", "-x", "+x", "x ** 2", "x * 1.5", "x - 0.1", "2 ** x" if self.chance(0.1) else "x + 1", "'%d' % x", "'%.3f' % x", "'%g' % x", "'%e' % x", "'{:.2f}'.format(x)", "x is even", "x is divisibleby 3", "x > 1", "x | string | length", "x == x | int", "x % -3", "x // -2", "-7 % x if x", "7.5 // x if x")),
        )
        return self.tag(f"for x in [{', '.join(values)}]") + self.print(asked) + self.one(",", " ", "|", "\n") + self.end("for")

    def of(self, name, make):
        """A filter or a method of a variable."""
        operand, primary = self.operand, self.primary
        self.operand = self.primary = lambda kind, depth: name
        try:
            return make(0)
        finally:
            self.operand, self.primary = operand, primary

    def recursive(self):
        name = self.one("x", "node")
        self.loops += 1
        body = self.one("{{ loop.depth }}", "{{ loop.depth0 }}:{{ loop.index }}", "{{ loop.first }}", "{{ loop.length }}")
        self.loops -= 1
        tree = self.one("[1, [2, [3]], 4]", "[[], [[1]], 2]", "(mix if mix is sequence and mix is not string else [])", "[[1, 2], [3, 4]]")
        again = self.one("loop(%s)", "loop(%s) | trim", "'(' ~ loop(%s) ~ ')'", "loop(%s)") % name
        inner = "{% if " + name + " is iterable and " + name + " is not string %}{{ " + again + " }}{% else %}{{ " + name + " }},{% endif %}"
        return self.tag(f"for {name} in {tree} recursive") + body + inner + self.end("for")

    def set_(self):
        kind = self.one("int", "str", "bool", "ints", "strs", "dict", "any", "messages", "str", "float")
        if self.chance(0.12):
            values = f"{self.expr('int', 1)}, {self.expr('str', 1)}" if self.chance(0.7) else self.one("[1, 2]", "'ab'", "(1, 2)", "xs[:2]", "ps[0]", "counts")
            return self.tag(f"set {self.define('int')}, {self.define('str')} = {values}")
        value = self.expr(kind, 3)
        if self.chance(0.04):
            value += ", 1"
        return self.tag(f"set {self.define(kind)}{self.one(' = ', ' = ', '=')}{value}")

    def set_block(self):
        body = self.scoped(lambda: self.body(self.one(1, 2)))
        filters = self.one("", "", " | trim", " | upper | trim", " | replace('a', 'b')", " | length")
        return self.tag(f"set {self.define('str')}{filters}") + body + self.end("set")

    def namespace(self):
        name = self.one("ns", "ns", "state")
        first = self.tag(f"set {name} = namespace({self.one('x=0', 'x=0', 'x=%sa%s' % (chr(39), chr(39)), 'counts, x=1') if self.chance(0.8) else self.one('x=[], n=1', '', 'x=messages', 'counts')})")
        if self.chance(0.03):
            return self.tag(self.one("set missing.x = 1", "set ns2 = namespace(_a=1)", "set ns._x = 1"))
        change = self.tag(f"set {name}.x = {self.one(name + '.x + 1' if '=0' in first or '=1' in first else name + '.x + [1]', name + '.x ~ 1', self.expr('any', 1))}")
        if self.chance(0.5):
            change = self.scoped(lambda: self.tag("for i in " + self.asked(self.one("ints", "str", "messages"), 1)) + change + self.end("for"))
        if self.chance(0.15):
            change += self.tag(f"set {name}.y") + self.data() + "b" + self.end("set") + self.print(f"{name}.y")
        return first + change + self.print(f"{name}.{'x' if self.chance(0.93) else self.one('y', 'nope')}")

    def macro(self, calls=False):
        name = f"macro{len(self.macros)}"
        parameters = self.rng.sample(["a", "b", "c", "n", "s"], self.one(0, 1, 1, 2, 3))
        signature, defaults = [], False
        for parameter in parameters:
            defaults = defaults or self.chance(0.3)
            signature.append(f"{parameter}={self.expr('any', 0) if self.chance(0.8) else self.one('a', 'b')}" if defaults else parameter)
        uses = [p for p in parameters if self.chance(0.8)]
        loops, self.loops = self.loops, 0
        caller, self.caller = self.caller, self.one(0, 0, 1, 2) if calls or self.chance(0.25) else None

        def inner():
            for parameter in parameters:
                self.define("mixed", parameter)
            body = self.data() + "".join(self.print(p) for p in uses) + self.body(self.one(1, 2))
            if self.caller is not None:
                call = self.caller_call()
                body += self.one(f"{{{{ {call} }}}}", f"{{{{- {call} | upper -}}}}", f"{{% if caller %}}{{{{ {call} }}}}{{% endif %}}", f"{{% if caller is defined %}}{{{{ {call} }}}}{{% endif %}}")
            if self.chance(0.2):
                body += self.one("{{ varargs }}", "{{ kwargs }}", "{{ varargs | length }}", "{% for k, v in kwargs.items() %}{{ k }}={{ v }} {% endfor %}", "{{ kwargs | dictsort }}")
            if self.chance(0.05):
                body += "{% if n is number and n > 0 %}{{ " + name + "(n=n - 1) }}{% endif %}"
            return body

        body = self.scoped(inner)
        takes_caller = self.caller
        self.loops, self.caller = loops, caller
        text = self.tag(f"macro {name}({', '.join(signature)})") + body + self.end("macro")
        self.macros.append((name, parameters))
        if takes_caller is not None:
            self.callers.append((name, parameters, takes_caller))
        if self.chance(0.1 if calls else 0.7):
            text += self.data() + self.print(self.macro_call(1))
        if self.chance(0.05):
            text += self.print(f"{name}.{self.one('name', 'arguments', 'catch_kwargs', 'catch_varargs', 'caller', 'nope')}")
        return text

    def caller_call(self):
        given = [self.expr("any", 0) for _ in range(self.caller)]
        if given and self.chance(0.15):
            given[-1] = f"{'pq'[len(given) - 1]}={given[-1]}"
        if self.chance(0.02):
            given.append("1")
        return f"caller({', '.join(given)})"

    def call_block(self):
        before = self.macro(calls=True) if not self.callers else ""
        macros, given = self.macros, self.one(0, 0, 1, 2)
        if self.callers and not self.chance(0.05):
            name, names, given = self.rng.choice(self.callers)
            self.macros = [(name, names)]
        call = self.macro_call(1)
        self.macros = macros
        parameters = ["p", "q"][:given] if self.chance(0.9) else self.one([], ["p"], ["p", "q"])
        signature = "(" + ", ".join(p + (f"={self.expr('any', 0)}" if self.chance(0.3) and p == parameters[-1] else "") for p in parameters) + ")" if parameters else self.one("", "", "()")

        def inner():
            for parameter in parameters:
                self.define("mixed", parameter)
            return "".join(self.print(p) for p in parameters) + self.body(1)

        return before + self.data() + self.tag(f"call{signature} {call}") + self.scoped(inner) + self.end("call")

    def filter_block(self):
        filters = self.one("upper", "trim", "replace('a', 'b')", "trim | title", "indent(2)", "length", "upper | replace('E', '3')", "escape", "tojson", "nosuch" if self.chance(0.05) else "lower", "indent(width=4, first=true)", "wordcount")
        return self.tag(f"filter {filters}") + self.scoped(self.body) + self.end("filter")

    def with_(self):
        values = [self.expr("any", 1) for _ in range(self.one(0, 1, 1, 2))]

        def inner():
            names = [self.define("mixed") for _ in values]
            pairs = ", ".join(f"{n} = {v}" for n, v in zip(names, values))
            return self.tag(f"with {pairs}") + self.body() + self.end("with")

        return self.scoped(inner)

    def conversation(self):
        """A loop over the messages as chat templates write it."""
        marks = self.one(("<|im_start|>", "<|im_end|>"), ("[INST] ", " [/INST]"), ("<start>", "<end>"))
        quote = self.one("'", '"')
        content = self.one("message.content", "message['content'] | trim", "message['content']", "(message.content or '')", "message.content | default('', true)", "(message.content if message.content is string else message.content | tojson)")
        role = self.one("message.role", "message['role']", 'message["role"] | upper')
        plus = self.one(" + ", " + ", " ~ ")
        printed = self.print(f"{quote}{marks[0]}{quote}{plus}{role}{plus}{quote}\\n{quote}{plus}{content}{plus}{quote}{marks[1]}{quote}{plus}{self.one(quote + chr(92) + 'n' + quote, quote + chr(10) + quote)}")
        calls = self.one("", "", "{%- if message.tool_calls %}{% for call in message.tool_calls %}{{ call.function.name }}{{ call.function.arguments | tojson }}{{ ',' if not loop.last }}{% endfor %}{% endif %}\n")
        inner = self.one(printed, self.tag(f"if message.role == {self.one(chr(39) + 'user' + chr(39), chr(39) + 'assistant' + chr(39))}") + printed + self.tag("else") + self.data() + self.print("message.role") + self.tag("endif"))
        prompt = self.tag("if add_generation_prompt") + self.print(f"{quote}{marks[0]}assistant\\n{quote}") + self.tag("endif") if self.chance(0.5) else ""
        return self.tag("for message in messages") + self.data() + inner + calls + self.data() + self.tag("endfor") + self.data() + prompt


def broken(rng, template):
    """A template with one sign too many or too few."""
    at = rng.randrange(len(template) + 1)
    kind = rng.randrange(4)
    if kind == 0:
        return template[:at] + template[at + 1 :]
    if kind == 1:
        return template[:at] + rng.choice("{}%#-+'\"()[]|.,:=~!<>\\ \n0a_$&@;") + template[at:]
    if kind == 2:
        return template[:at]
    return template[:at] + template[at + rng.randint(2, 12) :]


def case(seed, number):
    """The template of a number, and its values."""
    rng = random.Random(f"{seed}:{number}")
    groups = Values(rng).all()
    grammar = Grammar(rng, groups)
    if rng.random() < 0.35:
        template = grammar.expressions()
    else:
        template = grammar.body(rng.choice([1, 2, 3, 3, 4, 6]))
    if rng.random() < 0.03:
        template = broken(rng, template)
    values = {name: value for group in groups.values() for name, value in group.items()}
    return template, values
