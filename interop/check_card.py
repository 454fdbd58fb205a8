"""The Python half of interop/check-card: what huggingface_hub reads of our cards."""
import pathlib
import re
import sys

from huggingface_hub import ModelCard

RELATIONS = {"adapter", "finetune", "quantized", "merge"}
LIBRARIES = {"peft", "transformers"}
PIPELINES = {"text-generation", "text-classification"}
ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")


def problems(directory):
    path = pathlib.Path(directory, "README.md")
    card = ModelCard.load(path)
    data = card.data
    if data.base_model is not None and not ID.fullmatch(data.base_model):
        yield f"base_model {data.base_model} is no id"
    if data.get("base_model_relation") not in RELATIONS:
        yield f"base_model_relation {data.get('base_model_relation')} is not known"
    if data.library_name is not None and data.library_name not in LIBRARIES:
        yield f"library_name {data.library_name} is not known"
    if data.pipeline_tag not in PIPELINES:
        yield f"pipeline_tag {data.pipeline_tag} is not known"
    for name in ("tags", "datasets", "language"):
        value = data.get(name)
        if value is not None and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
            yield f"{name} {value} is no list of texts"
    for result in data.eval_results or []:
        if not isinstance(result.metric_value, (int, float)):
            yield f"{result.dataset_name}: {result.metric_value} is no number"
    # what it writes of what it has read is the same card
    again = ModelCard(str(card))
    if again.data.to_dict() != data.to_dict() or again.text != card.text:
        yield "it is another card once it was written again"
    home = str(pathlib.Path.home())
    if len(home) > 3 and home + "/" in path.read_text(encoding="utf-8"):
        yield f"it names {home}"
    print(f"{directory}: {data.to_dict()}")


def main():
    found = [f"{d}: {p}" for d in sys.argv[1:] for p in problems(d)]
    for line in found:
        print(line, file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
