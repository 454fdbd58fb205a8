"""What public templates are rendered with: conversations of every form that a template may ask for."""

TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
SYSTEM = {"role": "system", "content": "  Be brief & kind.\n"}
USER = {"role": "user", "content": " Hello, who are you? "}
ANSWER = {"role": "assistant", "content": "I am a model.\n"}
MORE = {"role": "user", "content": "Say {{ 2 + 3 }} and {% x %} &<>\"' \\n ünï 🙂\n\n"}
THOUGHT = {"role": "assistant", "content": "<think>\nhm, so\n</think>\n\nFive, yes."}
SUM = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds two numbers; \"both\" are needed.",
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"type": "number", "description": "the first", "default": 0.5},
                "b": {"type": ["integer", "null"], "description": "the second"},
                "how": {"type": "string", "enum": ["fast", "exact"]},
                "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "boolean"}}}},
            },
            "required": ["a", "b"],
        },
        "return": {"type": "number", "description": "the sum"},
    },
}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Météo", "parameters": {"type": "object", "properties": {}, "required": []}},
}
BARE = {"name": "bare", "description": "no envelope", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}}


def call(name, arguments, id=None):
    return {"type": "function", "function": {"name": name, "arguments": arguments}} | ({"id": id} if id else {})


def calls(*made, content=""):
    return {"role": "assistant", "content": content, "tool_calls": list(made)}


def result(content, **more):
    return {"role": "tool", "content": content} | more


ASK = {"role": "user", "content": "What are 2 and 3?"}
NESTED = {"a": 2, "b": None, "c": [1.5, True, "é\"'"], "d": {"e": {}}, "big": 12345678901234567890, "small": 1e-07}
PARTS = [{"type": "text", "text": "First."}, {"type": "text", "text": " Second. "}]
IMAGE = [{"type": "image"}, {"type": "text", "text": "What is this?"}]
TWO = [call("add", {"a": 1, "b": 2}, "call00001"), call("get_weather", {}, "call00002")]
LONG = [m for i in range(6) for m in ({"role": "user", "content": f"Question {i}?"}, {"role": "assistant", "content": f"Answer {i}."})]

# Each: the messages, and what else is given beside them.
CONVERSATIONS = {
    "question": ([USER], {"add_generation_prompt": True}),
    "question-only": ([USER], {}),
    "answered": ([USER, ANSWER], {}),
    "answered-and-asked": ([USER, ANSWER, MORE], {"add_generation_prompt": True}),
    "system": ([SYSTEM, USER, ANSWER, MORE, THOUGHT], {}),
    "system-and-prompt": ([SYSTEM, USER], {"add_generation_prompt": True}),
    "thinking-off": ([SYSTEM, USER, THOUGHT, MORE], {"add_generation_prompt": True, "enable_thinking": False, "thinking": False}),
    "thinking-on": ([USER, THOUGHT, MORE], {"add_generation_prompt": True, "enable_thinking": True, "thinking": True, "reasoning_effort": "high"}),
    "reasoning": ([USER, ANSWER | {"reasoning_content": "Who am I?\n"}, MORE, ANSWER | {"reasoning_content": " a\nb "}], {}),
    "reasoning-and-call": ([ASK, calls(call("add", {"a": 2, "b": 3}, "call00001")) | {"reasoning_content": "add them"}, result("5", tool_call_id="call00001", name="add")], {"tools": [SUM], "add_generation_prompt": True}),
    "tools": ([SYSTEM, ASK], {"tools": [SUM, WEATHER], "add_generation_prompt": True}),
    "tools-without-system": ([ASK], {"tools": [SUM], "add_generation_prompt": True}),
    "tools-bare": ([ASK], {"tools": [BARE]}),
    "no-tools": ([ASK, ANSWER], {"tools": []}),
    "call-with-id": ([ASK, calls(call("add", {"a": 2, "b": 3}, "call00001")), result("5", tool_call_id="call00001", name="add"), ANSWER], {"tools": [SUM]}),
    "call-without-id": ([ASK, calls(call("add", {"a": 2, "b": 3})), result("5"), ANSWER], {"tools": [SUM]}),
    "call-as-text": ([ASK, calls(call("add", '{"a": 2, "b": 3}', "call00001")), result('{"sum": 5}', tool_call_id="call00001")], {"tools": [SUM]}),
    "call-without-content": ([SYSTEM, ASK, calls(call("add", NESTED, "call00001"), content=None), result("5", tool_call_id="call00001", name="add")], {"tools": [SUM], "add_generation_prompt": True}),
    "calls-of-two": ([ASK, calls(*TWO, content="Both."), result("3", tool_call_id="call00001", name="add"), result("☀", tool_call_id="call00002", name="get_weather"), ANSWER, MORE], {"tools": [SUM, WEATHER]}),
    "call-unwrapped": ([ASK, calls({"name": "add", "arguments": NESTED}), result({"sum": 5}, name="add")], {"tools": [SUM]}),
    "calls-that-are-not": ([USER, ANSWER | {"tool_calls": None}, MORE, ANSWER | {"tool_calls": []}], {}),
    "parts": ([SYSTEM | {"content": PARTS}, USER | {"content": PARTS}, ANSWER | {"content": PARTS}], {}),
    "image": ([USER | {"content": IMAGE}], {"add_generation_prompt": True}),
    "parts-of-a-result": ([ASK, calls(call("add", {}, "call00001")), result(PARTS, tool_call_id="call00001", name="add")], {"tools": [SUM]}),
    "documents": ([SYSTEM, USER], {"documents": [{"title": "One", "text": "of one"}, {"title": "Two", "text": "of two", "doc_id": 2}], "add_generation_prompt": True}),
    "continued": ([USER, ANSWER | {"content": "I am CONTINUE_FINAL_MESSAGE_TAG "}], {}),
    "empty": ([], {"add_generation_prompt": True}),
    "two-users": ([USER, MORE], {}),
    "answer-first": ([ANSWER, USER], {"add_generation_prompt": True}),
    "developer": ([{"role": "developer", "content": "Be exact."}, USER, ANSWER], {}),
    "unknown-role": ([USER, {"role": "observer", "content": "I see."}, ANSWER], {}),
    "no-content": ([USER, {"role": "assistant"}, {"role": "user", "content": None}], {}),
    "empty-texts": ([SYSTEM | {"content": ""}, USER | {"content": ""}, ANSWER | {"content": ""}], {}),
    "settings": ([SYSTEM, USER], {"add_generation_prompt": True, "date_string": "26 Jul 2024", "builtin_tools": ["browser", "python"], "tools_in_user_message": False, "model_identity": "You are Tim.", "documents": [], "controls": {"length": "short"}, "preserve_thinking": True}),
    "long": (LONG, {}),
}  # fmt: skip


def values(messages, more, tokens=True):
    """What transformers hands to a template for a conversation: reasoning stands under its older name too."""
    seen = []
    for message in messages:
        reasoning = message.get("reasoning_content")
        seen.append(message if reasoning is None else {"thinking": reasoning, **message, "reasoning_content": reasoning})
    return {"messages": seen, "tools": None, "documents": None, "add_generation_prompt": False} | (TOKENS if tokens else {}) | more
