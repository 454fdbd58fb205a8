"""What the peers share: GSM8K rows as ids and labels, and a line of JSON at the end."""
import json
import random
import resource

PROMPT = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{}\n\n### Response:"
)
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def rows(tokenizer, path, count, cutoff=512):
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    random.Random(1).shuffle(lines)
    out = []
    for line in lines[:count]:
        prompt = PROMPT.format(line["question"])
        answer = line["answer"].replace("####", "The answer is:")
        ids = tokenizer(prompt + answer + "\n" + tokenizer.eos_token).input_ids[:cutoff]
        known = len(tokenizer(prompt).input_ids)
        out.append((ids, [-100] * min(known, len(ids)) + ids[known:]))
    return out


def print_result(**figures):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**figures, "peak_bytes": peak}))
