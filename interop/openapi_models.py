"""Tiny models for check-openapi, out of what the repository has: a decoder with a chat template, and an encoder."""

import json
import random
import shutil
import struct
import sys
from pathlib import Path

# of Hermes' kind, so that tools can be called
TEMPLATE = (
    "{%- if tools %}{% for tool in tools %}{{ tool.function.name }} {% endfor %}<tool_call>{% endif -%}"
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n"
    "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "book", "the", "is"]
HIDDEN, INNER, POSITIONS = 16, 32, 4096


def decoder(of, to):
    shutil.copytree(of, to)
    config = json.loads((to / "config.json").read_text())
    config["max_position_embeddings"] = POSITIONS  # what is tried is not what its prompts may be as long as
    (to / "config.json").write_text(json.dumps(config))
    (to / "chat_template.jinja").write_text(TEMPLATE)


def encoder(to):
    """A random BERT of one layer that tells two labels apart."""
    to.mkdir()
    config = {
        "architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_act": "gelu",
        "layer_norm_eps": 1e-12, "vocab_size": len(WORDS), "hidden_size": HIDDEN, "intermediate_size": INNER,
        "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": POSITIONS, "type_vocab_size": 2,
        "pad_token_id": 0, "id2label": {"0": "bad", "1": "good"}, "label2id": {"bad": 0, "good": 1},
    }  # fmt: skip
    (to / "config.json").write_text(json.dumps(config))
    (to / "tokenizer.json").write_text(json.dumps(tokenizer()))
    shapes = {
        "bert.embeddings.word_embeddings.weight": [len(WORDS), HIDDEN],
        "bert.embeddings.position_embeddings.weight": [POSITIONS, HIDDEN],
        "bert.embeddings.token_type_embeddings.weight": [2, HIDDEN],
    }

    def linear(name, out, into):
        shapes[name + ".weight"] = [out, into]
        shapes[name + ".bias"] = [out]

    def norm(name):
        shapes[name + ".weight"] = shapes[name + ".bias"] = [HIDDEN]

    norm("bert.embeddings.LayerNorm")
    layer = "bert.encoder.layer.0."
    for part in ("self.query", "self.key", "self.value", "output.dense"):
        linear(layer + "attention." + part, HIDDEN, HIDDEN)
    norm(layer + "attention.output.LayerNorm")
    linear(layer + "intermediate.dense", INNER, HIDDEN)
    linear(layer + "output.dense", HIDDEN, INNER)
    norm(layer + "output.LayerNorm")
    linear("bert.pooler.dense", HIDDEN, HIDDEN)
    linear("classifier", 2, HIDDEN)
    write(to / "model.safetensors", shapes)


def write(file, shapes):
    numbers, header, data = random.Random(1), {"__metadata__": {"format": "pt"}}, b""
    for name, shape in shapes.items():
        size = shape[0] * (shape[1] if len(shape) > 1 else 1)
        own = struct.pack(f"<{size}f", *(numbers.gauss(0, 0.2) for _ in range(size)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(own)]}
        data += own
    head = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(head)) + head + data)


def tokenizer():
    added = [
        {"id": i, "content": w, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, w in enumerate(WORDS[:4])
    ]

    def piece(kind, name, of=0):
        return {kind: {"id": name, "type_id": of}}

    single = [piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]")]
    special = {w: {"id": w, "ids": [i], "tokens": [w]} for i, w in enumerate(WORDS) if w in ("[CLS]", "[SEP]")}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing", "single": single,
            "pair": single + [piece("Sequence", "B", 1), piece("SpecialToken", "[SEP]", 1)], "special_tokens": special,
        },
        "decoder": None,
        "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {w: i for i, w in enumerate(WORDS)}},
    }  # fmt: skip


if __name__ == "__main__":
    source, work = Path(sys.argv[1]), Path(sys.argv[2])
    decoder(source, work / "decoder")
    encoder(work / "encoder")
    (work / "rows.jsonl").write_text('{"prompt": "say lani", "response": "lanilanilani"}\n' * 8)
