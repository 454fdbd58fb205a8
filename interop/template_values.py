"""The values that random templates are rendered with: a conversation, and plain things of every type."""
import struct

WORDS = ["user", "assistant", "system", "tool", "Hello", "world", "naïve", "straße", "日本語", "😀", "\uff71", "e\u0301a", "İI", "x", "a b", ""]
TEXTS = [
    "Hello, who are you?", "  padded  ", "line one\nline two\n", "<think>\nhm\n</think>\n\nFive.", "a,b,,c", "it's \"quoted\"", "<b>&amp; x</b>",
    "tab\there", "ΑΣ ς Σ", "ǆ ﬁ ß ŉ", "👩‍💻 🙂🙂", "{{ x }} {% y %}", "42", "-7", "3.25", "1e3", " 12 ", "0x1f", "True", "none", "\r\nwin\r\n", "back\\slash",
    "The quick brown fox jumps over the lazy dog.", "well-known mother-in-law", "a" * 30, "http://x.y/z?a=b&c=d", "%s and %d", "{} {0} {a}", "\u00a0nbsp\u2003",
    "UPPER lower Title", "x=1;y=2", "١٢", "½ ²", "\u2028sep\x0bvt\x1cfs",
]  # fmt: skip
INTS = [0, 1, 2, 3, 4, 5, 7, 10, 12, 42, 100, -1, -2, -7]
BIG = [2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**64), 10**20, 123456789012345678901234567890]
FLOATS = [0.0, -0.0, 0.5, 1.0, 1.5, 2.5, 2.675, -3.7, 0.1, 1e16, 1e-5, 1.0e22, 123456.789, 1e300, 3.0e-310, 100.0, 1e15]
NAMES = ["role", "content", "name", "type", "text", "arguments", "a", "b", "c", "id", "n", "kind"]
TYPES = ["int", "float", "bool", "str", "none", "ints", "strs", "dict", "rows", "messages", "undefined", "pairs", "message", "mixed", "tuple"]


class Values:
    """The values that a template sees: a conversation and a number of plain things."""

    def __init__(self, rng):
        self.rng = rng

    def text(self):
        r = self.rng
        return r.choice(TEXTS) if r.random() < 0.7 else " ".join(r.choice(WORDS) for _ in range(r.randint(1, 4)))

    def plain(self, depth=2):
        r = self.rng
        kind = r.randint(0, 8 if depth else 5)
        if kind == 0:
            return r.choice(INTS)
        if kind == 1:
            return r.choice(FLOATS)
        if kind == 2:
            return r.choice([True, False])
        if kind == 3:
            return None
        if kind in (4, 5):
            return self.text()
        if kind == 6:
            return [self.plain(depth - 1) for _ in range(r.randint(0, 3))]
        return {r.choice(NAMES): self.plain(depth - 1) for _ in range(r.randint(0, 3))}

    def call(self):
        r = self.rng
        arguments = {r.choice(NAMES): self.plain(1) for _ in range(r.randint(0, 2))}
        call = {"type": "function", "function": {"name": r.choice(["add", "get_weather"]), "arguments": arguments}}
        if r.random() < 0.6:
            call["id"] = r.choice(["call_1", "c9", ""])
        return call

    def message(self, role):
        r = self.rng
        content = self.text()
        if r.random() < 0.08:
            content = r.choice([None, [{"type": "text", "text": self.text()}], [{"type": "image"}, {"type": "text", "text": self.text()}], ""])
        message = {"role": role, "content": content}
        if role == "assistant" and r.random() < 0.4:
            message["tool_calls"] = r.choice([None, [self.call()], [self.call(), self.call()], []])
        if role == "assistant" and r.random() < 0.3:
            message["reasoning_content"] = self.text()
        if role == "tool":
            message["name"] = "add"
            message["tool_call_id"] = "call_1"
        return message

    def messages(self):
        r = self.rng
        roles = (["system"] if r.random() < 0.4 else []) + ["user", "assistant"] * r.randint(0, 2)
        if r.random() < 0.3:
            roles += ["tool"]
        roles += r.choice([["user"], ["assistant"], [], ["user"]])
        return [self.message(role) for role in roles or ["user"]]

    def tool(self):
        parameters = {"type": "object", "properties": {"a": {"type": "number", "description": self.text()}}, "required": ["a"]}
        return {"type": "function", "function": {"name": "add", "description": self.text(), "parameters": parameters}}

    def row(self):
        r = self.rng
        row = {"name": r.choice(["Ann", "bob", "Zoë", "ann", "Bob"]), "age": r.choice(INTS), "kind": r.choice(["a", "b", "A"])}
        row["in"] = {"x": r.choice(INTS), "ok": r.choice([True, False])}
        if r.random() < 0.15:
            del row[r.choice(["kind", "age"])]
        return row

    def all(self):
        """Type by type, the names and their values."""
        r = self.rng
        some = lambda make, low=0, high=4: [make() for _ in range(r.randint(low, high))]
        tricky = {"items": [1, 2], "keys": "k", "get": 3, "update": None, "length": 9, "a": {"b": [{"c": 1}]}, "count": "n", "Ünï": True}
        wide = struct.unpack("<d", r.randbytes(8))[0]
        wide = wide if abs(wide) < 1e306 else 1.25
        return {
            "int": {"n": r.choice(INTS), "m": r.choice(INTS[1:6]), "big": r.choice(BIG)},
            "float": {"f": r.choice(FLOATS), "h": round(r.uniform(-10, 10), r.randint(0, 4)), "w": wide},
            "bool": {"add_generation_prompt": r.choice([True, False]), "yes": True, "no": False},
            "str": {"s": self.text(), "t": self.text(), "bos_token": "<s>", "eos_token": r.choice(["</s>", "<|im_end|>"])},
            "none": {"nothing": None},
            "ints": {"xs": some(lambda: r.choice(INTS), 0, 5)},
            "strs": {"ws": some(self.text, 0, 4), "vs": some(lambda: r.choice(WORDS), 1, 5)},
            "dict": {"d": {r.choice(NAMES): self.plain(1) for _ in range(r.randint(0, 4))}, "tricky": tricky, "counts": {"b": 2, "A": 1, "c": r.choice(INTS)}},
            "rows": {"rows": some(self.row, 1, 5)},
            "messages": {"messages": self.messages(), "tools": r.choice([None, [self.tool()], []])},
            "pairs": {"ps": [[r.choice(WORDS), r.choice(INTS)] for _ in range(r.randint(0, 3))]},
            "mixed": {"mix": self.plain(3), "documents": r.choice([None, [{"title": self.text(), "text": self.text()}]])},
        }
