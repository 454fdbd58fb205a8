"""What openai's Python client makes of the server; see check-serve."""

import asyncio
import enum
import sys

import openai
import pydantic

address, key = sys.argv[1], sys.argv[2]
models = ["base"] + sys.argv[3:]
client = openai.OpenAI(base_url=address + "/v1", api_key=key)
chat = [{"role": "user", "content": "Name a colour of the sky."}]
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"wrong: {what}")


def refused(kind, what, **request):
    try:
        client.chat.completions.create(**request)
    except kind as e:
        check(e.body and e.body["message"], what + ": a message")
        return e
    sys.exit(f"wrong: {what} was not refused")


check([m.id for m in client.models.list()] == models, "the models")
check(client.models.retrieve("base").id == "base", "one model")

for model in models:
    whole = client.chat.completions.create(model=model, messages=chat, temperature=0, max_tokens=16)
    text = ""
    last = None
    stream = client.chat.completions.create(
        model=model, messages=chat, temperature=0, max_tokens=16, stream=True,
        stream_options={"include_usage": True})
    for piece in stream:
        if piece.choices:
            text += piece.choices[0].delta.content or ""
            last = piece.choices[0].finish_reason or last
        else:
            check(piece.usage.total_tokens == whole.usage.total_tokens, "usage of a stream")
    check(text == whole.choices[0].message.content, f"{text!r}, {whole.choices[0].message.content!r}")
    check(last == whole.choices[0].finish_reason, "why it ended")

    with client.chat.completions.stream(model=model, messages=chat, temperature=0, max_tokens=16) as helper:
        check(helper.get_final_completion().choices[0].message.content == text, "the client's helper for streams")

several = client.chat.completions.create(model="base", messages=chat, n=3, seed=5, temperature=1.2, max_tokens=8)
again = client.chat.completions.create(model="base", messages=chat, n=3, seed=5, temperature=1.2, max_tokens=8)
check([c.message.content for c in several.choices] == [c.message.content for c in again.choices], "a seed")

scored = client.chat.completions.create(
    model="base", messages=chat, temperature=0, max_tokens=4, logprobs=True, top_logprobs=5)
for token in scored.choices[0].logprobs.content:
    check(len(token.top_logprobs) == 5 and token.logprob <= 0, "scores")
    check(token.token == token.top_logprobs[0].token, "the best token is taken")

completion = client.completions.create(model="base", prompt=["One, two,", "A, B,"], temperature=0, max_tokens=6, n=2, logprobs=1)
check(len(completion.choices) == 4, "completions of two prompts")
check(len(completion.choices[0].logprobs.tokens) == len(completion.choices[0].logprobs.token_logprobs), "scores")


class Colour(str, enum.Enum):
    red = "red"
    blue = "blue"


class Shade(pydantic.BaseModel):
    colour: Colour
    dark: bool


class Thing(pydantic.BaseModel):
    colour: Colour
    sure: bool
    shades: list[Shade] = pydantic.Field(max_length=2)
    other: Shade | None


parsed = client.chat.completions.parse(
    model="base", messages=chat, response_format=Thing, temperature=0, max_tokens=300)
check(parsed.choices[0].finish_reason == "stop", "a type has an end")
check(isinstance(parsed.choices[0].message.parsed, Thing), "a type")

plain = client.chat.completions.create(
    model="base", messages=chat, response_format={"type": "json_object"}, temperature=0, max_tokens=100)
check(plain.choices[0].message.content.lstrip().startswith("{"), "an object")

refused(openai.NotFoundError, "an unknown model", model="none", messages=chat)
refused(openai.BadRequestError, "a temperature", model="base", messages=chat, temperature=9)
refused(openai.BadRequestError, "no message", model="base", messages=[])
check(refused(openai.BadRequestError, "a long prompt", model="base",
              messages=[{"role": "user", "content": "word " * 20000}]).code == "context_length_exceeded", "its code")
client = openai.OpenAI(base_url=address + "/v1", api_key="other")
refused(openai.AuthenticationError, "another key", model="base", messages=chat)


async def at_once():
    each = openai.AsyncOpenAI(base_url=address + "/v1", api_key=key)
    jobs = [each.chat.completions.create(model=models[i % len(models)], messages=chat, temperature=0, max_tokens=16)
            for i in range(16)]
    return [r.choices[0].message.content for r in await asyncio.gather(*jobs)]


texts = asyncio.run(at_once())
for i, model in enumerate(models):
    check(len(set(texts[i::len(models)])) == 1, "the same answer, whatever runs beside it")
print(f"{checks} checks hold, openai {openai.__version__}")
