# The side of the tests: runs them and asks the other process for what the answer's functions give. What comes back is
# plain data, made anew here and compared here; an object of the answer's own can be called, changed and handed back,
# but has no equality and no order. The last line, which only this process can write, says how it went.
import ast
import builtins
import signal

MODULES = (
    "math cmath re sys itertools collections functools operator string heapq bisect decimal fractions datetime time"
    " copy random statistics typing json array queue"
).split()
SOURCES = [m for m in MODULES if m not in ("sys", "re", "time", "random", "json", "queue", "array")]


class Left(BaseException):
    """The answer ended its process, or tried to."""


class NotLoaded(Exception):
    """The answer is no program that runs."""


def refused(*ignored):
    raise TypeError("an object of the answer's own class is no value to compare or compute with")


class Handle:
    """An object that only the answer's process has."""

    __slots__ = ("_of", "_number")

    def __init__(self, of, number):
        object.__setattr__(self, "_of", of)
        object.__setattr__(self, "_number", number)

    def __call__(self, *arguments, **named):
        return self._of.ask("call", self, arguments, list(named.items()))

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._of.ask("get", self, name)

    def __setattr__(self, name, value):
        self._of.ask("set", self, name, value)

    def __delattr__(self, name):
        self._of.ask("drop", self, name)

    def __getitem__(self, key):
        return self._of.ask("item", self, key)

    def __setitem__(self, key, value):
        self._of.ask("put", self, key, value)

    def __len__(self):
        return int(self._of.ask("length", self))

    def __bool__(self):
        return self._of.ask("truth", self) is True

    def __iter__(self):
        return Items(self._of.ask("iterate", self))

    def __next__(self):
        return self._of.ask("next", self)

    __hash__ = None
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = refused


class Items:
    """Walks over an iterator of the answer's."""

    def __init__(self, iterator):
        self.iterator = iterator

    def __iter__(self):
        return self

    def __next__(self):
        return self.iterator.__next__()


class Names(dict):
    """The tests' globals: their own, then Python's, and the answer's only where they are what is tested."""

    def __init__(self, judge, tested):
        super().__init__(__name__="__main__", __builtins__=builtins)
        self.judge = judge
        self.tested = tested  # None: whatever is not known here

    def __missing__(self, name):
        if self.tested is None or name not in self.tested:
            if hasattr(builtins, name) or self.judge.ask("name", name) is None:
                raise KeyError(name)
            if name in MODULES:
                return __import__(name)
            for module in map(__import__, SOURCES):
                if hasattr(module, name):
                    return getattr(module, name)
            if self.tested is not None:
                raise KeyError(name)
        found = self.judge.ask("name", name)
        if found is None:
            raise KeyError(name)
        value = self.judge.exception(found[1]) if found[0] == "exception" else found[1]
        if isinstance(value, (Handle, type)):
            self[name] = value
        return value


class Judge:
    def __init__(self):
        self.line = Line()
        self.functions = []
        self.exceptions = {}

    def ask(self, *request):
        shared = []
        encoder = Encoder(self.reference, shared)
        self.line.write([request[0]] + encoder.all(request[1:]))
        reply = self.line.read()
        while reply[0] == "p":
            self.line.write(self.called(*reply[1:]))
            reply = self.line.read()
        decoder = Decoder(self.referred, shared)
        for container, content in [(shared[n], decoder.content(form)) for n, form in reply[-1]]:
            fill(container, content)
        if reply[0] == "x":
            raise self.fault(reply[1], str(reply[2]))
        return decoder.of(reply[1])

    def called(self, number, arguments, named):
        """The answer calls a function of the tests that it was given."""
        try:
            decoder = Decoder(self.referred)
            value = self.functions[number](*decoder.of(arguments), **dict(decoder.of(named)))
            return ["r", Encoder(self.reference).of(value)]
        except Exception as e:
            return ["x", type(e).__name__, str(e)[:300]]

    def reference(self, value):
        if type(value) is Handle:
            return ["h", value._number]
        if callable(value):
            place = standard(value)
            if place is not None:
                return ["f"] + place
            self.functions.append(value)
            return ["p", len(self.functions) - 1]
        raise Unknown("an argument of class %s has no plain form" % type(value).__name__)

    def referred(self, form):
        if form[0] == "h":
            return Handle(self, int(form[1]))
        raise Unknown(form[0])

    def fault(self, names, message):
        """What the answer raised, as an exception of this side."""
        kinds = [k for k in (getattr(builtins, str(n), None) for n in names) if isinstance(k, type)]
        kind = next(k for k in kinds if issubclass(k, BaseException))
        if not issubclass(kind, Exception):
            return Left(names[0])
        try:
            return (kind if kind.__name__ == names[0] else self.exception(names))(message)
        except TypeError:  # one that is made of more than a text
            return RuntimeError(message)

    def exception(self, names):
        """A class of its own for one of the answer's exceptions, so that tests can name it."""
        if names[0] not in self.exceptions:
            kinds = (getattr(builtins, str(n), None) for n in names)
            base = next(k for k in kinds if isinstance(k, type) and issubclass(k, Exception))
            self.exceptions[names[0]] = type(str(names[0]), (base,), {})
        return self.exceptions[names[0]]

    def run(self, job):
        tested = tested_names(job)
        try:
            signal.signal(signal.SIGALRM, late)
            signal.alarm(job["load_seconds"])
            self.ask("load", chosen(job), job["lenient"], job["module"])
            signal.alarm(0)
        except BaseException as e:
            raise NotLoaded(told(e))
        tests = job["tests"]
        imports = [n for n in parsed(tests) if isinstance(n, (ast.Import, ast.ImportFrom))]
        if imports:  # the program and its tests are one module where they are published
            self.ask("add", "\n".join(ast.get_source_segment(tests, n) for n in imports))
        names = Names(self, tested)
        if parsed(job["helpers"]):
            exec(compile(job["helpers"], "<helpers>", "exec"), names)
        for name in tested or ():
            names.pop(name, None)
        exec(compile(tests, "<tests>", "exec"), names)


def late(*ignored):
    raise TimeoutError("it takes too long before anything of it is tested")


def parsed(source):
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError):
        return []


def defined(source):
    names = set()
    for node in parsed(source):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(t.id for t in node.targets if isinstance(t, ast.Name))
    return names


def tested_names(job):
    """What the tests mean when they use a name of the answer's; None where no reference says it."""
    entry = {job["entry"]} if job["entry"] else set()
    own = defined(job["reference"]) - defined(job["helpers"])
    return entry | own or None


def chosen(job):
    """The first program that is one; of a text that is none, as many lines as are."""
    programs = job["programs"]
    if not job["lenient"]:
        return programs[0]
    for program in programs:
        if compiles(program):
            return program
    for program in programs:
        lines = program.rstrip().split("\n")
        for end in range(len(lines) - 1, max(0, len(lines) - 400), -1):
            shorter = "\n".join(lines[:end])
            if compiles(shorter):
                return shorter
    return programs[0]


def compiles(program):
    try:
        compile(program, "<answer>", "exec")
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def standard(value):
    """Module and name of something that both processes have."""
    module = getattr(value, "__module__", None) or ""
    name = getattr(value, "__qualname__", None) or ""
    if module == "__main__" or module not in sys.modules:
        return None
    found = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part, None)
    return [module, name] if found is value else None


def main():
    judge = Judge()
    try:
        judge.run(judge.line.read())
        judge.line.say("passed")
    except NotLoaded as e:
        judge.line.say("unusable " + json.dumps(str(e)))
    except BaseException as e:
        judge.line.say("failed " + json.dumps(told(e)))


def told(e):
    text = str(e)[:300]
    return type(e).__name__ + (": " + text if text else "")


main()
