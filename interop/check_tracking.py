"""Compares what TensorBoard and MLflow have of a run with its own metrics.jsonl.

  python check_tracking.py RUN_DIR TENSORBOARD_URL

MLFLOW_TRACKING_URI and MLFLOW_EXPERIMENT_NAME name the server and the experiment.
"""
import glob
import json
import math
import os
import struct
import sys
import time
import urllib.parse
import urllib.request

import mlflow
from mlflow.tracking import MlflowClient
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run, board = sys.argv[1], sys.argv[2]
lines = [json.loads(line) for line in open(os.path.join(run, "metrics.jsonl"))]
losses = {line["step"] + 1: line["loss"] for line in lines if "loss" in line}
held_out = {line["step"] + 1: line["eval_loss"] for line in lines if "eval_loss" in line}
samples = [json.loads(line) for line in open(os.path.join(run, "samples.jsonl"))]
assert sorted(losses) == list(range(1, 41)), sorted(losses)
assert sorted(held_out) == list(range(5, 41, 5)), sorted(held_out)


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def same(what, expected, got):
    assert {s: single(v) for s, v in expected.items()} == {s: single(v) for s, v in got.items()}, (
        what, expected, got)
    print(f"{what}: {len(got)} values")


# TensorBoard's reader in Python
files = sorted(glob.glob(os.path.join(run, "tensorboard", "*tfevents*")))
assert len(files) == 2, files
events = EventAccumulator(os.path.join(run, "tensorboard"), size_guidance={"scalars": 0, "tensors": 0})
events.Reload()
same("tensorboard, train/loss", losses, {e.step: e.value for e in events.Scalars("train/loss")})
same("tensorboard, eval/loss", held_out, {e.step: e.value for e in events.Scalars("eval/loss")})
text = [e.tensor_proto.string_val[0].decode() for e in events.Tensors("samples/1")]
assert len(text) == 3 and [e.step for e in events.Tensors("samples/1")] == [0, 20, 40], text
for t, s in zip(text, samples[::2]):
    assert s["text"].strip().splitlines()[0] in t, (t, s)
print("tensorboard, samples/1:", len(text), "texts")


# TensorBoard's server, with its own reader
def ask(path, **query):
    url = f"{board}/{path}?{urllib.parse.urlencode(query)}" if query else f"{board}/{path}"
    for attempt in range(60):
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                found = json.load(answer)
                if found:
                    return found
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit(f"{url} does not answer")


def post(path, body):
    request = urllib.request.Request(
        f"{board}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


ask("data/plugin/scalars/tags")
time.sleep(10)  # the second file too
tags = ask("data/plugin/scalars/tags")
assert "train/loss" in tags["tensorboard"], tags
for tag, expected in [("train/loss", losses), ("eval/loss", held_out)]:
    got = ask("data/plugin/scalars/scalars", run="tensorboard", tag=tag)
    same(f"tensorboard's server, {tag}", expected, {step: value for _, step, value in got})
texts = ask("data/plugin/text/text", run="tensorboard", tag="samples/1")
assert [t["step"] for t in texts] == [0, 20, 40], texts
options = ask("data/plugin/text/text", run="tensorboard", tag="options")
assert "<td>learning-rate</td>" in options[-1]["text"], options
experiment = post("data/plugin/hparams/experiment", {"experimentName": ""})
names = {h["name"] for h in experiment["hparamInfos"]}
assert {"rank", "learning-rate", "method"} <= names, experiment
sessions = post(
    "data/plugin/hparams/session_groups",
    {"allowedStatuses": ["STATUS_SUCCESS"], "colParams": [], "sliceSize": 10, "startIndex": 0})
hparams = sessions["sessionGroups"][0]["hparams"]
assert hparams["rank"] == 4 and hparams["method"] == "lora", sessions
print("tensorboard's server, hparams:", len(names), "options of a run that ended well")

# MLflow, by its own client
client = MlflowClient()
experiment = client.get_experiment_by_name(os.environ["MLFLOW_EXPERIMENT_NAME"])
runs = client.search_runs([experiment.experiment_id])
assert len(runs) == 1, runs
tracked = runs[0]
assert tracked.info.status == "FINISHED", tracked.info
assert tracked.info.run_name == "run", tracked.info
id = tracked.info.run_id
for name, expected in [("loss", losses), ("eval_loss", held_out)]:
    history = client.get_metric_history(id, name)
    assert len(history) == len(expected), (name, len(history), len(expected))
    for m in history:
        assert math.isclose(m.value, expected[m.step], rel_tol=1e-12), (name, m, expected[m.step])
    print(f"mlflow, {name}: {len(history)} values")
assert tracked.data.params["rank"] == "4" and tracked.data.params["method"] == "lora"
assert int(tracked.data.tags["best_step"]) in held_out, tracked.data.tags
artifacts = {a.path for a in client.list_artifacts(id)}
assert {"report.html", "adapter_config.json", "samples.jsonl", "run.yaml"} <= artifacts, artifacts
path = mlflow.artifacts.download_artifacts(run_id=id, artifact_path="report.html")
assert open(path).read() == open(os.path.join(run, "report.html")).read()
print("mlflow:", len(tracked.data.params), "options, artifacts", ", ".join(sorted(artifacts)))
