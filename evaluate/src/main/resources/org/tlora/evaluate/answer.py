# The side of an answer: runs the program that a model wrote and does what the tests ask of it. It knows neither the
# tests nor what they expect, and nothing that it could say means success.
import builtins


class Answer:
    def __init__(self):
        self.line = Line()
        self.objects = []
        self.numbers = {}  # id of an object: its number; all of them stay alive in the list
        self.main = type(sys)("__main__")
        sys.modules["__main__"] = self.main
        self.shared = []

    def serve(self):
        while True:
            try:
                request = self.line.read()
            except EOFError:
                return
            self.line.write(self.reply(request))

    def reply(self, request):
        """The result of a request, or what was raised; and the containers of the request that were changed."""
        self.shared = []
        try:
            values = Decoder(self.referred, self.shared).all(request[1:])
            before = self.contents()
            try:
                result = ["r", self.encoder().of(getattr(self, "do_" + request[0])(*values))]
            except BaseException as e:
                result = raised(e)
            after = self.contents()
            return result + [[[n, form] for n, form in enumerate(after) if form != before[n]]]
        except BaseException as e:
            return raised(e) + [[]]

    def contents(self):
        encoder = self.encoder()
        return [encoder.content(v) for v in self.shared]

    def encoder(self):
        return Encoder(self.reference, None, {id(v): n for n, v in enumerate(self.shared)})

    def reference(self, value):
        if type(value) is Whole:
            value = value.value
        if id(value) not in self.numbers:
            self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        return ["h", self.numbers[id(value)]]

    def referred(self, form):
        if form[0] == "h":
            return self.objects[form[1]]
        if form[0] == "f":
            found = __import__(form[1], fromlist=["*"])
            for part in form[2].split("."):
                found = getattr(found, part)
            return found
        if form[0] == "p":
            return self.callback(form[1])
        raise Unknown(form[0])

    def callback(self, number):
        """A function of the tests that was an argument: it runs over there."""

        def function(*arguments, **named):
            encoder = self.encoder()
            self.line.write(["p", number, encoder.of(tuple(arguments)), encoder.of(list(named.items()))])
            reply = self.line.read()
            if reply[0] == "x":
                raise getattr(builtins, reply[1], RuntimeError)(reply[2])
            return Decoder(self.referred, list(self.shared)).of(reply[1])

        return function

    def do_load(self, program, lenient, module):
        self.main.__dict__["__name__"] = module
        code = compile(program, "<answer>", "exec") if not lenient else without_own_tests(program)
        sys.setrecursionlimit(1000 + depth())
        exec(code, self.main.__dict__)

    def do_add(self, imports):
        exec(compile(imports, "<imports>", "exec"), self.main.__dict__)

    def do_name(self, name):
        """What the program has by a name: nothing, a class of exceptions, or something else."""
        if name not in self.main.__dict__:
            return None
        value = self.main.__dict__[name]
        if isinstance(value, type) and issubclass(value, BaseException):
            return ("exception", [t.__name__ for t in value.__mro__])
        return ("object", Whole(value) if callable(value) else value)

    def do_call(self, function, arguments, named):
        return function(*arguments, **dict(named))

    def do_get(self, value, name):
        return getattr(value, name)

    def do_set(self, value, name, new):
        setattr(value, name, new)

    def do_drop(self, value, name):
        delattr(value, name)

    def do_item(self, value, key):
        return value[key]

    def do_put(self, value, key, new):
        value[key] = new

    def do_length(self, value):
        return len(value)

    def do_truth(self, value):
        return bool(value)

    def do_iterate(self, value):
        return Whole(iter(value))

    def do_next(self, value):
        return next(value)


class Whole:
    """Marks what is not to be taken apart: it goes by reference."""

    def __init__(self, value):
        self.value = value


def raised(e):
    try:
        text = str(e)[:300]
    except BaseException:
        text = ""
    return ["x", [t.__name__ for t in type(e).__mro__], text]


def depth():
    frame, n = sys._getframe(), 0
    while frame is not None:
        frame, n = frame.f_back, n + 1
    return n


def without_own_tests(program):
    """A program as a reader would take it: what it defines, without what it tries out or prints at its top."""
    import ast

    tree = ast.parse(program)

    def defines(node):
        if isinstance(node, ast.Assert):
            return False
        if isinstance(node, ast.If) and "__name__" in ast.dump(node.test):
            return False
        return not (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))

    tree.body = [node for node in tree.body if defines(node)]
    return compile(tree, "<answer>", "exec")


Answer().serve()
