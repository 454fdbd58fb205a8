"""The corners of Jinja: which scope a name is in, things that are used up, precedence, and what the sandbox hides."""


class Corners:
    """Statements for one corner each. What draws numbers and writes tags comes from the grammar that they are part of."""

    def corner(self):
        return self.pick(
            (6, self.scoping),
            (5, lambda: self.print(self.soup())),
            (3, self.lazy),
            (2, self.stateful),
            (2, self.outer_loop),
            (2, self.hidden),
            (2, self.numbers),
            (2, self.groups),
            (2, self.json),
            (1, self.ranges),
            (1, self.unpacked),
            (1, self.keyed),
        )

    def scoping(self):
        """Three names that are set and printed in blocks within blocks."""
        self.steps = self.one(6, 10, 16)
        return self.shown() + self.scope(0) + self.shown()

    def shown(self):
        return "[{{ a }},{{ b }},{{ c }}]"

    def scope(self, depth):
        return "".join(self.scope_step(depth) for _ in range(self.one(1, 2, 3)))

    def scope_step(self, depth):
        self.steps -= 1
        name, other = self.one("a", "b", "c"), self.one("a", "b", "c")
        value = self.one("1", "2", "'x'", other, f"{other} ~ 'y'", f"({other} or 0) ~ 1", "loop.index" if depth else "0", "[1, 2]", "n")
        if depth > 3 or self.steps < 0:
            return self.one(f"{{% set {name} = {value} %}}", self.shown())
        inner = lambda: self.scope(depth + 1) + (self.shown() if self.chance(0.5) else "")
        test = self.one(name, f"not {name}", f"{name} is defined", f"{name} == 1", "yes", "no", f"{name} ~ '' == '1'")
        return self.pick(
            (5, lambda: f"{{% set {name} = {value} %}}"),
            (4, self.shown),
            (4, lambda: f"{{% if {test} %}}{inner()}" + (f"{{% elif {other} %}}{inner()}" if self.chance(0.3) else "") + (f"{{% else %}}{inner()}" if self.chance(0.5) else "") + "{% endif %}"),
            (4, lambda: f"{{% for {name} in {self.one('[1, 2]', '[]', 'xs', other + ' or []', '[3, 4, 5]', 'range(2)', name + ' or [7]').replace('a or', '[a] or')}{self.one('', '', f' if {name}', f' if {test}', f' if {other} is undefined')} %}}{inner()}" + (f"{{% else %}}{inner()}" if self.chance(0.3) else "") + "{% endfor %}"),
            (2, lambda: f"{{% with {name} = {value} %}}{inner()}{{% endwith %}}"),
            (1, lambda: f"{{% with {name} = {value}, {other} = {name} %}}{inner()}{{% endwith %}}"),
            (3, lambda: f"{{% macro {self.one('fa', 'ga')}({self.one('', name, name + '=' + value, f'{name}={other}', 'a, b=a', 'a=b')}) %}}{inner()}{{% endmacro %}}"),
            (3, lambda: f"{{{{ {self.one('fa', 'ga')}({self.one('', '1', '5', name)}) }}}}" if self.chance(0.5) else f"{{% if fa is callable %}}{{{{ fa({self.one('', '8')}) }}}}{{% endif %}}"),
            (1, lambda: f"{{% set {name} %}}{inner()}{{% endset %}}"),
            (1, lambda: f"{{% filter upper %}}{inner()}{{% endfilter %}}"),
            (1, lambda: f"{{% generation %}}{inner()}{{% endgeneration %}}"),
            (1, lambda: f"{{% macro ha({self.one('', 'a', 'b=2')}) %}}{self.shown()}<{{{{ caller({self.one('', '1')}) }}}}>{{% endmacro %}}{{% call{self.one('', '(a)', '(b=4)', '()')} ha() %}}{inner()}{{% endcall %}}"),
            (0.5, lambda: f"{{% if {test} %}}{{% {self.one('break', 'continue')} %}}{{% endif %}}" if depth else ""),
            (1, lambda: f"{{% set {name}, {other} = {self.one('1, 2', f'{other}, {name}', '[4, 5]')} %}}"),
            (0.5, lambda: f"{{% set ns = namespace({name}={value}) %}}{{% set ns.{name} = {other} %}}{{{{ ns.{name} }}}}"),
        )  # fmt: skip

    def soup(self):
        """Operators in a row, without brackets: what binds to what."""
        numbers = self.chance(0.6)
        operand = lambda: self.one("1", "2", "3", "7", "n", "m", "-1", "(2)", "xs | length") if numbers else self.one("'a'", "'b'", "s", "1", "2", "none", "true", "missing", "[1]", "['a']", "xs", "d", "''", "0")
        operators = ["+", "-", "*", "//", "%", "**", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or"] if numbers else ["~", "==", "!=", "and", "or", "in", "not in", "~", "and", "or", "is", "+"]
        out = []
        for i in range(self.one(2, 3, 3, 4, 5)):
            if i:
                operator = self.rng.choice(operators)
                if operator == "is":
                    out.append("is " + self.one("defined", "string", "number", "not none", "mapping", "not defined", "eq 1", "in ['a']", "sameas none", "true"))
                    continue
                if operator == "**":
                    out.append("** " + self.one("2", "1", "0", "m", "-1"))
                    continue
                out.append(operator)
            prefix = self.one("", "", "", "", "not ", "-" if numbers else "", "- " if numbers else "", "+" if numbers else "", "not not ")
            if prefix.startswith("not") and i and out[-1] not in ("and", "or"):
                prefix = ""
            out.append(prefix + operand() + self.one("", "", "", "", "", " | abs" if numbers else " | string", " | string", " | default(1)", " is number", " is defined", " | int"))
        text = " ".join(out)
        if self.chance(0.2):
            text += f" if {operand()}" + (f" else {operand()}" if self.chance(0.7) else "")
        return text

    def lazy(self):
        """What filters give is used up by being read."""
        maker = self.one("xs | select('odd')", "xs | reject('odd')", "xs | map('abs')", "xs | map('string')", "rows | selectattr('kind')", "rows | map(attribute='name')", "xs | unique", "xs | batch(2)", "xs | slice(2)", "xs | reverse", "counts | items", "s | reverse", "counts.items()", "counts.keys()", "vs | reverse", "rows | rejectattr('age', 'gt', 2)", "messages | selectattr('role', 'eq', 'user')", "range(3)", "xs | sort", "rows | groupby('age', default=0)")  # fmt: skip
        use = lambda: self.pick(
            (4, lambda: "{{ g | list }}"),
            (2, lambda: "{{ g | first }}"),
            (1, lambda: "{{ g | last }}"),
            (1, lambda: "{{ g | length }}"),
            (1, lambda: "{{ g | join(',') }}"),
            (2, lambda: "{% for y in g %}{{ y }}{{ '' if loop.last else '|' }}{% endfor %}"),
            (2, lambda: "{% for y in g %}{{ loop.index }}{% if loop.first %}{% break %}{% endif %}{% endfor %}"),
            (1, lambda: "{% for y in g %}{{ loop.length }}{{ loop.revindex }}{{ loop.nextitem is defined }}{% endfor %}"),
            (1, lambda: "{{ 'full' if g else 'empty' }}"),
            (1, lambda: "{{ 1 in g }}"),
            (1, lambda: "{{ g is iterable }}{{ g is sequence }}{{ g is mapping }}{{ g is string }}{{ g is callable }}"),
            (0.5, lambda: "{{ g[0] }}"),
            (0.5, lambda: "{{ g[:1] }}"),
            (0.5, lambda: "{{ g | tojson }}"),
            (0.5, lambda: "{{ g == g }}{{ g | sort }}"),
            (0.5, lambda: "{{ g | sum }}"),
            (0.5, lambda: "{{ g | map('string') | list }}"),
            (0.5, lambda: "{{ (g | list) + [1] }}"),
        )
        return self.tag(f"set g = {maker}") + "/".join(use() for _ in range(self.one(1, 2, 3)))

    def stateful(self):
        return self.one(
            "{%% set j = joiner(%s) %%}{%% for x in xs %%}{{ j() }}{{ x }}{%% endfor %%}" % self.one("", "', '", "'|'", "sep='-'"),
            "{% set k = cycler('odd', 'even', 3) %}{% for x in xs %}{{ k.current }}{{ k.next() }}{% if x == 2 %}{% set _ = k.reset() %}{% endif %}{% endfor %}",
            "{% set k = cycler(*xs) %}{{ k.next() }}{{ k.next() }}{{ k.items }}{{ k.pos }}",
            "{% for x in xs %}{{ loop.cycle('a', 'b', 'c') }}{% if loop.changed(x > 2) %}!{% endif %}{% endfor %}",
            "{% for m in messages %}{% if loop.changed(m.role) %}{{ m.role }}{% else %}same{% endif %}{% endfor %}",
            "{% for x in xs %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.previtem is defined }}{{ loop.nextitem is undefined }};{% endfor %}",
            "{% for m in messages %}{{ loop.previtem.role if not loop.first }}>{{ loop.nextitem.role if not loop.last }};{% endfor %}",
            "{% for m in messages if m.role != 'system' %}{{ loop.index }}{{ loop.length }}{{ loop.last }}{{ loop.nextitem.role if loop.nextitem }};{% endfor %}",
        )  # fmt: skip

    def outer_loop(self):
        return self.one(
            "{% for x in [1, 2] %}{% set outer = loop %}{% for y in 'ab' %}{{ outer.index }}{{ loop.index }}{{ outer.last }}{% endfor %}{% endfor %}",
            "{% for x in xs %}{% for x in [x, 1] %}{{ x }}{% endfor %}{{ x }}{% endfor %}{{ x }}",
            "{% for x in [1, 2] %}{% for y in [] %}{% else %}{{ loop.index }}{{ x }}{% endfor %}{% endfor %}",
            "{% for x in [1, 2] %}{% macro in_loop(y) %}{{ x }}{{ y }}{{ loop is defined }}{% endmacro %}{{ in_loop(3) }}{% endfor %}",
            "{% macro late() %}{{ word }}{% endmacro %}{% set word = 'late' %}{{ late() }}{% set word = 'later' %}{{ late() }}",
            "{% macro rec(k) %}{{ k }}{% if k > 0 %},{{ rec(k - 1) }}{% endif %}{% endmacro %}{{ rec(m if m < 9 else 2) }}",
            "{% macro one() %}{{ two() }}{% endmacro %}{% macro two() %}2{% endmacro %}{{ one() }}",
            "{% for x in xs recursive %}{{ x }}{% endfor %}{{ loop }}",
            "{% for x in [[1, [2]], [3]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}@{{ loop.depth }}{{ loop.previtem }}{% endif %}{% endfor %}",
            "{% for x in [1, 2, 3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% else %}none{% endfor %}",
            "{% for x in [1, 2, 3] %}{{ x }}{% break %}{% else %}none{% endfor %}{% for x in xs %}{% for y in xs %}{% if y == 2 %}{% break %}{% endif %}{{ y }}{% endfor %}|{% endfor %}",
            "{% if yes %}{% macro inside() %}in{% endmacro %}{% endif %}{{ inside() }}",
            "{% set x = 1 %}{% if no %}{% set x = 2 %}{% endif %}{{ x }}{% if yes %}{% set x = 3 %}{% endif %}{{ x }}",
            "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = i + 5 %}{{ x }}{% endfor %}{{ x }}",
            "{% set x %}{% for m in messages %}{{ m.role }} {% endfor %}{% endset %}{{ x | length }}{{ x }}",
            "{% for x in s %}{{ x }}{{ loop.last }}{% endfor %}{% for k in d %}{{ k }}={{ d[k] }};{% endfor %}",
            "{% for i in range(2) %}{% for j in range(loop.index) %}{{ i }}{{ j }}{{ loop.depth }}{% endfor %}{% endfor %}",
            "{% macro v() %}{{ varargs }}{{ kwargs }}{{ caller is defined }}{% endmacro %}{{ v(1, 'a', k=2) }}{% call v(3) %}{% endcall %}",
            "{% macro v(a, b='d') %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v() }}{{ v(b=1) }}{{ v(1, 2, 3) }}{{ v(1, c=3) }}{{ v(a=missing) }}",
            "{% macro p(x) %}{{ x is defined }}{{ x }}{% endmacro %}{{ p() }}{{ p(missing) }}{{ p(none) }}",
        )  # fmt: skip

    def hidden(self):
        """What is no value's business: attributes of Python, changes to values."""
        value = self.one("s", "xs", "d", "n", "messages", "none", "ns", "loop", "missing", "macro0", "range", "namespace", "dict", "cycler", "f", "true", "(1, 2)", "raise_exception", "joiner")
        name = self.one("__class__", "__len__", "_private", "mro", "append", "update", "pop", "clear", "sort", "upper", "items", "func_code", "__init__", "insert", "popitem", "nope", "real", "copy")
        return self.one(
            "{{ %s.%s is defined }}" % (value, name),
            "{{ %s['%s'] is defined }}" % (value, name),
            "{{ %s.%s() }}" % (value, name),
            "{{ %s.%s }}" % (value, self.one("__class__", "_private", "append", "update", "pop", "__init__", "nope")),
            "{{ %s | attr('%s') is defined }}" % (value, name),
            "{{ %s.%s.%s }}" % (value, name, self.one("x", "__name__")),
            "{%% set _ = %s.%s(%s) %%}{{ %s }}" % (value, self.one("append", "update", "pop", "extend", "setdefault", "remove"), self.one("1", "'a'", "d", ""), self.one("xs", "d", "1")),
            "{{ '{0.%s}'.format(%s) }}" % (self.one("__class__", "real", "role", "nope"), value),
            "{{ '{0[%s]}'.format(%s) }}" % (self.one("0", "role", "a", "__class__"), self.one("xs", "d", "messages", "s", "messages[0]")),
            "{{ %s is callable }}{{ %s is mapping }}{{ %s is sequence }}{{ %s is iterable }}{{ %s is string }}" % ((value,) * 5),
            "{{ %s() }}" % value,
            "{{ %s == %s }}{{ %s != none }}{{ not %s }}" % ((value,) * 4),
        )

    def numbers(self):
        """Numbers of every size, and what is made of them."""
        rng = self.rng
        digits = self.one(0, 1, 2, 3, 5, 12)
        number = self.one(
            repr(round(rng.uniform(-1000, 1000), digits)), repr(rng.uniform(-1, 1)), repr(rng.random() * 10.0 ** rng.randint(-30, 30)), "h", "f", "w", "n", "big",
            str(rng.randint(-(10**6), 10**6)), str(rng.randint(0, 10**25)), f"{rng.randint(1, 9)}.5", f"{rng.randint(1, 99)}.{rng.randint(0, 9)}5", "1e22", "1e21", "1e23", "1e16", "123456789012345680.0", "1e15", "0.0001", "0.00001", "5e-324", "1.7976931348623157e308", "9007199254740993", "4.35", "2.675", "1.005",
        )  # fmt: skip
        number = f"({number})"
        return "{{ %s }}" % self.one(
            number, f"{number} | string", f"[{number}]", f"{number} | tojson", f"{number} | round", f"{number} | round({rng.randint(-3, 6)})", f"{number} | round({rng.randint(-2, 4)}, '{self.one('floor', 'ceil', 'common')}')",
            f"{number} | int", f"{number} | float", f"{number} // {self.one(1, 3, 7, 0.5, -2, -0.3)}", f"{number} % {self.one(1, 3, 7, 0.5, -2, -0.3)}", f"{number} / {self.one(3, 7, 10, -9, '1e-300')}", f"{number} * {self.one(3, 0.1, 1.1, 'big')}",
            f"'%.{digits}f' % {number}", f"'%.{digits}e' % {number}", f"'%.{digits}g' % {number}", f"'%d' % {number}", f"'%8d|' % {number}", f"'%-8d|' % {number}", f"'%08d' % {number}", f"'%08.{digits}f' % {number}", f"'%+.{digits}f' % {number}", f"'%10s|' % {number}", f"'%g' % {number}", f"'%r' % {number}",
            f"'{{:.{digits}f}}'.format({number})", f"'{{:,}}'.format({number})", f"'{{:,.2f}}'.format({number})", f"'{{:>12}}'.format({number})", f"'{{:e}}'.format({number})", f"'{{:g}}'.format({number})", f"'{{:.3}}'.format({number})", f"'{{:012.3f}}'.format({number})", f"'{{:+}}'.format({number})", f"'{{:%}}'.format({number})", f"'{{}}'.format({number})", f"'{{:_}}'.format({number})",
            f"{number} == {number} | int", f"{number} | abs", f"-{number}", f"{number} ** 2", f"{number} is number", f"{number} is integer", f"{number} is even", f"{number} is divisibleby 3", f"{number} + 0.1", f"{number} - 1", f"{number} > 1e20", f"{{{number}: 1}}", f"{{{number}: 1}} | tojson", f"[{number}, 2.0, 2, true] | unique | list", f"[{number}, 0.5, -3, 10] | sort", f"[{number}, 1] | sum",
            f"({number} | string).split('.')", f"{number} | string | float", f"{number} | string | int",
        )  # fmt: skip

    def groups(self):
        key = self.one("'kind'", "'name'", "'in.ok'", "'age'", "'in'")
        default = self.one("", "", ", default=''", ", default=0", ", case_sensitive=true")
        return "{%% for g in rows | groupby(%s%s) %%}%s;{%% endfor %%}" % (key, default, self.one("{{ g.grouper }}:{{ g.list | length }}", "{{ g[0] }}{{ g[1] | map(attribute='name') | join(',') }}", "{{ g }}", "{{ g.list | tojson }}", "{{ g | length }}{{ g is sequence }}{{ g | list | length }}"))

    def json(self):
        keys = lambda: self.one("'a'", "'b'", "1", "1.5", "true", "none", "2", "'é'", "'</x>'", "'\"'", "'\\n'", "n", "s", "(1, 2)" if self.chance(0.1) else "'z'")
        leaf = lambda: self.one("1", "'x'", "s", "none", "true", "1.0", "1e400" if self.chance(0.01) else "1e22", "f", "'\\u0001\\x7f'", "'\\u2028'", "'é😀'", "[]", "{}", "()", "(1, 'b')", "messages[0]", "big", "'/'", "missing" if self.chance(0.05) else "0", "range(2)" if self.chance(0.05) else "h")
        thing = lambda: self.one(leaf(), f"[{leaf()}, {leaf()}]", f"{{{keys()}: {leaf()}, {keys()}: {leaf()}}}", f"{{{keys()}: [{leaf()}, {{{keys()}: {leaf()}}}]}}", "tools", "messages", "d", "rows")
        arguments = ", ".join(self.rng.sample([f"indent={self.one('2', '4', '0', 'none', chr(39) + '--' + chr(39), '-1', 'true')}", f"ensure_ascii={self.one('true', 'false')}", f"sort_keys={self.one('true', 'false')}", f"separators={self.one('(chr, chr)', 'none', '(chr, chr)')}".replace("(chr, chr)", self.one("(',', ':')", "(', ', ': ')", "('; ', '=')", "(',', ': ')"))], self.one(0, 1, 1, 2, 3)))
        return "{{ %s | tojson(%s) }}" % (thing(), arguments) if arguments else "{{ %s | tojson }}" % thing()

    def ranges(self):
        r = self.one("range(3)", "range(1, 7, 2)", "range(5, 0, -2)", "range(0)", "range(3, 1)", "range(-2, 2)", "range(m)", "range(100000)[:2]", "range(100001)[:2]", "range(1, 2, 0)", "range(2.0)", "range('3')", "range(10**9 - 1, 10**9)", "range(true)")
        return "{{ %s }}" % self.one(r, f"{r} | list", f"{r} | length", f"{r}[0]", f"{r}[-1]", f"{r}[1:]", f"{r}[::-1]", f"{r} == range(0, 3)", f"2 in {r}", f"1.0 in {r}", f"{r} | first", f"{r} | last", f"{r} | sum", f"{r} | reverse | list", f"{r} is sequence", f"{r} | join", f"{r}.index(1)", f"{r}.count(1)", f"{r}.start", f"{r} or 'none'", f"{r} | map('string') | list", f"{r} | max", f"{r} + [1]", f"{r} | batch(2) | list")

    def unpacked(self):
        return self.one(
            "{% for a, b in [[1, 2], 'xy', (3, 4)] %}{{ a }}{{ b }};{% endfor %}",
            "{% for a, (b, c) in [[1, [2, 3]], ['x', 'yz']] %}{{ a }}{{ b }}{{ c }};{% endfor %}",
            "{% for a, b in ps %}{{ a }}={{ b }};{% endfor %}",
            "{% for (a, b) in counts.items() %}{{ a }}={{ b }};{% endfor %}",
            "{% for k, v in d %}{{ k }}{{ v }}{% endfor %}",
            "{% for k, v in d.items() if v is string %}{{ k }}{{ v }}{% else %}none{% endfor %}",
            "{% set a, b = xs[:2] %}{{ a }}{{ b }}",
            "{% set a, b, c = 'xyz' %}{{ a }}{{ b }}{{ c }}",
            "{% set (a, b) = d | list %}{{ a }}",
            "{% set a, b = 1 %}{{ a }}",
            "{% set a, = [5] %}{{ a }}",
            "{% set x = 1, %}{{ x }}",
            "{% set x = 1, 'a' %}{{ x }}{{ x[1] }}",
            "{{ 1, 2 }}{{ s, }}",
            "{% if n, m %}tuple{% endif %}",
            "{% for x in 1, 2, 'a' %}{{ x }}{% endfor %}",
            "{% for x in (1,) %}{{ x }}{{ loop.last }}{% endfor %}{% for x in () %}{% else %}none{% endfor %}",
            "{% with a, b = 1, 2 %}{{ a }}{% endwith %}",
            "{% for a, b in [1, 2] %}{{ a }}{% endfor %}",
            "{% for a, b in [[1]] %}{{ a }}{% endfor %}",
            "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}",
        )

    def keyed(self):
        return "{{ %s }}" % self.one("{1: 'a', true: 'b'}", "{1: 'a', 1.0: 'b'}[true]", "{'a': 1, 'a': 2}", "{none: 1}[none]", "{(1, 2): 3}[(1, 2)]", "{[1]: 2}", "{missing: 1}", "{}['a'] is defined", "{'a': 1}.a", "{'a': {'b': 2}}.a.b", "{0: 'z'}[0]", "{0: 'z'}.0", "{'items': 1}['items']", "{1: 2}.get(1.0)", "{'x': none}.get('x', 5)", "{'x': 1} == {'x': true}", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "[1, 2] == (1, 2)", "[1] == [1.0]", "[[]] == [[]]", "'a' in {'a': none}", "none in [none]", "missing in [missing]", "missing == missing2", "missing == none", "[missing]", "{'a': missing}", "(missing,)", "missing ~ 'x'", "missing | length", "missing | list", "missing | join", "missing | default", "d.x.y | default('z')", "(d.x | default({})).y", "missing is none", "missing or 'o'", "missing and 'o'", "not missing", "'x' * missing" if self.chance(0.3) else "missing | string | length", "xs[missing]", "d[missing]", "d[none]", "s[none]" if self.chance(0.2) else "s[:none]", "xs[true]", "xs[1.0]" if self.chance(0.3) else "xs[0]", "xs['0']", "d[1]", "s['x']", "none.x is defined", "messages.0.role", "messages['0']", "messages[0].content[0]", "{'a': [1, 2]}.a.1", "[[1, 2]].0.1", "'abc'.0", "'abc'.5 is defined", "n.0 is defined")  # fmt: skip
