# Values between the two processes that grade a program, as lines of JSON. Both sides read it; see CodeTest in the
# program's sources. What comes off the wire is of exactly these types, whatever the other side claims about its own.
import json
import sys

TYPES = {
    t.__name__: t
    for t in (bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, object)
}
TYPES["NoneType"] = type(None)
SMALL = 1 << 53
VIEWS = {"dict_keys": "keys", "dict_values": "values", "dict_items": "items"}


class Unknown(TypeError):
    """A value that has no form of its own on the wire."""


def named_value(value):
    """Values of the standard library whose text says everything; their modules only where they are in use."""
    kind = type(value)
    name = (kind.__module__, kind.__name__)
    if name == ("decimal", "Decimal"):
        return ["v", "Decimal", str(value)]
    if name == ("fractions", "Fraction"):
        return ["v", "Fraction", str(value)]
    if name == ("datetime", "timedelta"):
        return ["v", "timedelta", "%d %d %d" % (value.days, value.seconds, value.microseconds)]
    if name[0] == "datetime" and name[1] in ("date", "datetime", "time"):
        return ["v", name[1], value.isoformat()]
    return None


def value_named(name, text):
    if name in ("Decimal", "Fraction"):
        module = __import__(name.lower() if name == "Decimal" else "fractions")
        return getattr(module, name)(text)
    import datetime

    if name == "timedelta":
        return datetime.timedelta(*map(int, text.split()))
    if name in ("date", "datetime", "time"):
        return getattr(datetime, name).fromisoformat(text)
    raise Unknown(name)


class Encoder:
    """
    Turns values into JSON. Lists, dictionaries and the like get a number when `shared` is a list, which then holds
    them: so the other side can say which of them it changed. `other` has forms for what is not plain, or raises.
    """

    def __init__(self, other, shared=None, known=None):
        self.other = other
        self.shared = shared
        self.known = {} if known is None else known  # id of an object: its number

    def of(self, v):
        if v is None or v is True or v is False:
            return v
        kind = type(v)
        if kind is str or kind is float:
            return v
        if isinstance(v, int):
            v = int.__add__(v, 0)
            return v if -SMALL < v < SMALL else ["i", "%x" % v]
        if isinstance(v, (list, dict, set, bytearray)) or kind.__name__ == "deque":
            return self.container(v)
        if isinstance(v, str):
            return str.__str__(v) + ""
        if isinstance(v, float):
            return float.__add__(v, 0.0)
        if isinstance(v, complex):
            return ["c", v.real, v.imag]
        if isinstance(v, bytes):
            return ["b", bytes.hex(v)]
        if isinstance(v, tuple):
            fields = getattr(kind, "_fields", None)
            items = self.all(tuple.__iter__(v))
            if isinstance(fields, tuple) and len(fields) == len(items):
                return ["n", list(fields), items]
            return ["t", items]
        if isinstance(v, frozenset):
            return ["z", self.all(frozenset.__iter__(v))]
        if kind is range:
            return ["r", self.all((v.start, v.stop, v.step))]
        if kind.__name__ in VIEWS and kind.__module__ == "builtins":
            return ["w", VIEWS[kind.__name__], self.all(v)]
        if v is Ellipsis:
            return ["e"]
        if isinstance(v, type) and TYPES.get(v.__name__) is v:
            return ["y", v.__name__]
        found = named_value(v)
        return self.other(v) if found is None else found

    def all(self, items):
        return [self.of(i) for i in items]

    def container(self, v):
        number = self.known.get(id(v))
        if number is not None:
            return ["a", number]
        if self.shared is None:
            return self.content(v)
        number = len(self.shared)
        self.shared.append(v)
        self.known[id(v)] = number
        form = self.content(v)
        return ["m", number, form]

    def content(self, v):
        """One level of a container; those in it that are known stand there by their numbers."""
        if isinstance(v, list):
            return ["l", self.all(list.__iter__(v))]
        if isinstance(v, dict):
            return ["d", [[self.of(k), self.of(x)] for k, x in dict.items(v)]]
        if isinstance(v, set):
            return ["s", self.all(set.__iter__(v))]
        if isinstance(v, bytearray):
            return ["x", bytes(v).hex()]
        return ["q", self.all(v), v.maxlen]


class Decoder:
    """Turns JSON into values. `shared` are containers by their numbers; `other` gives a meaning to further forms."""

    def __init__(self, other, shared=None):
        self.other = other
        self.shared = [] if shared is None else shared

    def of(self, j):
        if not isinstance(j, list):
            if isinstance(j, dict):
                raise Unknown("an object of JSON")
            return j
        tag = j[0]
        if tag == "a":
            return self.shared[j[1]]
        if tag == "m":
            if j[1] != len(self.shared):
                raise Unknown("a container out of turn")
            empty = self.empty(j[2])
            self.shared.append(empty)
            fill(empty, self.content(j[2]))
            return empty
        if tag in ("l", "d", "s", "x", "q"):
            empty = self.empty(j)
            fill(empty, self.content(j))
            return empty
        if tag == "t":
            return tuple(self.all(j[1]))
        if tag == "i":
            return int(j[1], 16)
        if tag == "c":
            return complex(float(j[1]), float(j[2]))
        if tag == "b":
            return bytes.fromhex(j[1])
        if tag == "z":
            return frozenset(self.all(j[1]))
        if tag == "r":
            return range(*self.all(j[1]))
        if tag == "n":
            from collections import namedtuple

            return namedtuple("answer", [str(f) for f in j[1]])(*self.all(j[2]))
        if tag == "w":
            items = self.all(j[2])
            whole = dict(items) if j[1] == "items" else dict.fromkeys(items) if j[1] == "keys" else dict(enumerate(items))
            return {"keys": whole.keys, "values": whole.values, "items": whole.items}[j[1]]()
        if tag == "e":
            return Ellipsis
        if tag == "y":
            return TYPES[j[1]]
        if tag == "v":
            return value_named(j[1], j[2])
        return self.other(j)

    def all(self, items):
        return [self.of(i) for i in items]

    def empty(self, form):
        tag = form[0]
        if tag == "q":
            from collections import deque

            return deque(maxlen=form[2])
        return {"l": list, "d": dict, "s": set, "x": bytearray}[tag]()

    def content(self, form):
        if form[0] == "d":
            return [(self.of(k), self.of(v)) for k, v in form[1]]
        return bytes.fromhex(form[1]) if form[0] == "x" else self.all(form[1])


def fill(container, content):
    """Gives a container other contents; it stays the object it is."""
    container.clear()
    if isinstance(container, (dict, set)):
        container.update(content)
    else:
        container.extend(content)


class Line:
    """One line of JSON at a time, over descriptors of its own; the usual ones lead nowhere from then on."""

    def __init__(self):
        import os

        self.input = os.fdopen(os.dup(0), "rb")
        self.output = os.fdopen(os.dup(1), "wb")
        nowhere = os.open("/dev/null", os.O_RDWR)
        for usual in (0, 1, 2):
            os.dup2(nowhere, usual)
        os.close(nowhere)

    def read(self):
        line = self.input.readline()
        if not line:
            raise EOFError("the other side has left")
        return json.loads(line)

    def write(self, message):
        self.say(json.dumps(message, separators=(",", ":")))

    def say(self, text):
        self.output.write(text.encode("ascii") + b"\n")
        self.output.flush()
