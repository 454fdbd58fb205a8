"""Renders conversations with transformers' own template environment, for core/src/test/resources/chat/golden.json.

The templates are ours: each writes the turns as its family does, with the constructs of Jinja that the family's own
template uses (slices, namespaces, macros, Python's methods of texts, loop variables, whitespace control)."""
import json
import sys

from transformers.utils.chat_template_utils import render_jinja_template

LLAMA3 = """{{- bos_token }}
{%- if not date_string is defined %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set system = "" %}
    {%- set rest = messages %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system }}
{{- "<|eot_id|>" }}
{%- for m in rest %}
    {%- if m.role == 'tool' or m.role == 'ipython' %}
        {{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}
        {%- if m.content is mapping or m.content is iterable and m.content is not string %}
            {{- m.content | tojson }}
        {%- else %}
            {{- m.content }}
        {%- endif %}
        {{- '<|eot_id|>' }}
    {%- else %}
        {{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] | trim + '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

QWEN25 = """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

QWEN3 = """{%- set ns = namespace(searching=true, last_query=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last_query = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if message.role == "assistant" %}
        {%- set thought = '' %}
        {%- if '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query and (loop.last or (not loop.last and thought)) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}
{%- if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}
{{- '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"""

MISTRAL = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, roles must alternate user/assistant") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token }}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported") }}
    {%- endif %}
{%- endfor %}
"""

PHI3 = """{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{'<|system|>
' + message['content'] + '<|end|>
'}}{% elif message['role'] == 'user' %}{{'<|user|>
' + message['content'] + '<|end|>
'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>
' + message['content'] + '<|end|>
'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>
' }}{% else %}{{ eos_token }}{% endif %}"""

SMOLLM2 = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You are a helpful AI assistant named SmolLM<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}"""

CHATML = """{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' }}
{% endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant\\n' }}
{% endif %}
"""

CONSTRUCTS = """{%- macro upper_first(text, suffix='!') -%}
{{ text[:1] | upper }}{{ text[1:] }}{{ suffix }}
{%- endmacro -%}
{%- set counts = {'user': 0, 'other': 0} -%}
{%- for m in messages -%}
  {%- set key = 'user' if m.role == 'user' else 'other' -%}
  {{ loop.index }}/{{ loop.length }} {{ upper_first(m.content.strip()) }} {{ m.content.split(' ') | length }}
  {%- if loop.index == 3 %}{% break %}{% endif %}
  {{ "\\n" }}
{%- endfor %}
{{ messages | map(attribute='role') | join(',') }}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}
{% for key, value in counts.items() %}{{ key }}={{ value }};{% endfor %}
{{ messages[0] | tojson }} {{ [1, 2.5, none, true, "é\\n"] | tojson }} {{ {"a": [1]} | tojson(indent=2) }}
{{ 'a,b,c'.split(',')[-1] }} {{ 'xxaxx'.strip('x') }} {{ ' t '.rstrip() }}| {{ 'Ab'.lower() ~ 'Ab'.upper() }} {{ 7 // 2 }} {{ 7 % 4 }}
{{ 'abc'[::-1] }} {{ 'in' if 'in' in 'string' }} {{ 'out' if 3 not in [1, 2] }} {{ ('x' if false else 'y') }} {{ "it's" | replace("'", '"') }}
{#- a comment -#}
{% generation %}{{ 'kept' }}{% endgeneration %}
{%- if messages[-1].role == 'assistant' and messages[-1]['content'].endswith('.') %} full stop{% endif %}"""

# Blanks and line ends around tags, signs that keep or drop them, tags within texts, brackets and raw blocks.
BLANKS = """{% if true %}system: {% endif %}
  {% for m in messages %}
    {{ m.role }}: {% if m.content %} {{ m.content | trim }} {% endif %} end
 	{% if loop.last %}last {% else %} more {% endif %}{# a comment #}

  {#- dropped -#}
  {%+ if true %} kept{% endif +%}
 x {%- if true -%} joined {% endif %}  {% if true %}two {% endif %}
{% endfor %}
{{ '{% if %} ' }}{{ "}} " }}{{ {'a': ' c '}['a'] }}  {% set n = ' %} ' %} {{ n }}
  {% raw %}  {{ kept }} {% if %}
  {% endraw %}
  {% if add_generation_prompt %}assistant: {% endif %}
  """

# What is asked of values that may not be there, and a loop with a filter that never runs.
ASKING = """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}
{%- if not tools is defined %}{% set tools = none %}{% endif %}
{%- if not strftime_now is defined %}old{% else %}new{% endif %}{% if raise_exception is not defined %}older{% endif %}
{%- for m in messages %}
    {%- if not m.tool_calls is defined or m.tool_calls|length != 9 %}{{ m['role'] }} {% endif %}
    {%- if not m['content'] is none and not m.content is not string %}{{ 'not m is none' }}, not m is none{% endif %}
    {%- if not 'x' in m.content and not m.role == 'user' %} without{% endif %}
    {%- if tools is not none %}
        {%- for key, val in tools.items() if key != "return" %}{{ key }}{% endfor %}
    {%- endif %}
{%- endfor %}
{{- 'yes' if not messages[0].role == 'user' or not (messages | length) > 1 and not not messages else 'no' }}
{{- ' first' if [not true, not 1 in [2]][0] }}{{ ' second' if [not true, not 1 in [2]][1] }}
{%- for m in (messages if not messages is none else []) -%}{{ loop.index }}{% endfor %}
{%- if add_generation_prompt %} assistant {% endif %}"""

USER = {"role": "user", "content": "  Hello, who are you? "}
ANSWER = {"role": "assistant", "content": "I am a model.\n"}
MORE = {"role": "user", "content": "Say {{ 2 + 3 }} and {% x %} &<>\"' \\n ünï 🙂"}
LAST = {"role": "assistant", "content": "<think>\nhm\n</think>\n\nFive, yes."}
SYSTEM = {"role": "system", "content": " Be brief. "}
CONVERSATIONS = [[USER], [USER, ANSWER], [SYSTEM, USER, ANSWER, MORE], [USER, ANSWER, MORE, LAST], [SYSTEM, USER, LAST, MORE, ANSWER]]
TOOLS = [USER, {"role": "tool", "content": "42"}, {"role": "tool", "content": "{\"a\": 1}"}, ANSWER]

cases = []
for name, source in {
    "llama3": LLAMA3, "qwen2.5": QWEN25, "qwen3": QWEN3, "gemma": GEMMA, "mistral": MISTRAL, "phi3": PHI3,
    "smollm2": SMOLLM2, "chatml": CHATML, "constructs": CONSTRUCTS, "blanks": BLANKS, "asking": ASKING,
}.items():  # fmt: skip
    rendered = []
    for messages in CONVERSATIONS + ([TOOLS] if name in ("llama3", "qwen2.5") else []):
        for prompt in (False, True):
            try:
                text = render_jinja_template(
                    [messages], chat_template=source, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>"
                )[0][0]
                rendered.append({"messages": messages, "prompt": prompt, "text": text})
            except Exception as e:  # a template's own refusal
                rendered.append({"messages": messages, "prompt": prompt, "refused": str(e)})
    cases.append({"name": name, "template": source, "rendered": rendered})
json.dump(cases, open(sys.argv[1], "w"), indent=1, ensure_ascii=False)
