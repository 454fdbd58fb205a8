"""What check-openapi tells schemathesis; as a program it makes what is there from the start, and writes the configuration."""

import os
import re
import sys
import threading
import time
import tomllib

import requests

KEY = {"Authorization": "Bearer interop-key"}
JOBS = "/v1/fine_tuning/jobs"


def prepare(address, rows, configuration):
    """A file, and a job that has succeeded."""
    with open(rows, "rb") as file:
        sent = requests.post(
            address + "/v1/files", headers=KEY, files={"file": ("rows.jsonl", file)}, data={"purpose": "fine-tune"}
        ).json()
    options = {"rank": 2, "steps": 2, "template": "plain", "save_every": 1}
    body = {"model": "base", "training_file": sent["id"], "method": {"type": "lora", "lora": options}}
    job = requests.post(address + JOBS, headers=KEY, json=body).json()
    while job["status"] in ("queued", "running"):
        time.sleep(0.2)
        job = requests.get(f"{address}{JOBS}/{job['id']}", headers=KEY).json()
    if job["status"] != "succeeded":
        sys.exit(f"the first job: {job}")
    with open(configuration) as file:
        text = file.read()
    for name, value in (("TRAINING_FILE", sent["id"]), ("JOB", job["id"]), ("MODEL", job["fine_tuned_model"])):
        text = re.sub(rf"\b{name}\b", value, text)
    print(text, end="")


if __name__ == "__main__":
    prepare(*sys.argv[1:])
    sys.exit()

import schemathesis  # noqa: E402  not needed above
from hypothesis.strategies import sampled_from  # noqa: E402
from schemathesis.core.parameters import ParameterLocation  # noqa: E402
from schemathesis.generation.meta import TestPhase  # noqa: E402
from schemathesis.openapi.checks import RejectedPositiveData  # noqa: E402

schemathesis.openapi.format("json", sampled_from(["", "{}", '{"a": [1, null]}']))

ADDRESS = os.environ["OPENAPI_ADDRESS"]
with open("schemathesis.toml", "rb") as file:
    NAMES = {kind: entry["values"] for kind, entry in tomllib.load(file)["dictionaries"].items()}
KEPT = {name for names in NAMES.values() for name in names}
VOCABULARY = 258
SCHEMAS = [
    {"type": "object"},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["a"]},
    {"$ref": "#/$defs/list", "$defs": {"list": {"type": "array", "items": {"enum": ["a", 1, None]}, "maxItems": 2}}},
]

# Requests whose shape is right and that are refused with status 400 all the same, as the description says in words: by
# operation, and the error's field and message.
NOT_OF_THE_SHAPE = {
    # there are more schemas than can be described, and models look back as far as they do
    "chat": "null: the schema cannot be held to|null: the prompt has .* look back on",
    "complete": "null: the prompt has .* look back on",
    "createJob": "method: |.* is given twice|.*: there is no file",  # options that do not go together
    "cancelJob": "fine_tuning_job_id: a job that is",  # by its state
    "pauseJob": "fine_tuning_job_id: a job that is",
    "resumeJob": "fine_tuning_job_id: a job that is",
    "loadAdapter": "lora_path: there is no|lora_name: the name .* is taken",
    "previewFile": "file_id: ",  # any bytes may be sent as a file
}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    known = NOT_OF_THE_SHAPE.get(case.operation.definition.raw.get("operationId"))
    if not isinstance(failure, RejectedPositiveData) or known is None or response.status_code != 400:
        return True
    error = response.json()["error"]
    return not re.match(known, f"{error['param'] or 'null'}: {error['message']}", re.DOTALL)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Nothing takes away what other requests need."""
    name = (case.path_parameters or {}).get("id")
    if case.method.upper() == "DELETE" and name in KEPT:
        case.path_parameters["id"] = "another"


@schemathesis.hook
def map_case(context, case):
    """What a request names is there, so that it is looked at as a whole, and not refused for a name alone."""
    body = case.body
    if case.meta is None:
        return case
    negative = case.meta.generation.mode.is_negative
    if negative or case.meta.phase.name == TestPhase.COVERAGE:
        name_what_is_there(case, body)
    if not negative and isinstance(body, dict):
        fit(body)
    return case


def name_what_is_there(case, body):
    for field, kind in (("model", "models"), ("training_file", "files"), ("validation_file", "files")):
        # one that is empty may be what is wrong with the request
        if isinstance(body, dict) and isinstance(body.get(field), str) and (body[field] or field == "validation_file"):
            body[field] = NAMES[kind][0]
    if "id" in (case.path_parameters or {}) and not case.meta.is_negative_at(ParameterLocation.PATH):
        kind = "files" if "/files/" in case.path else "jobs" if "/jobs/" in case.path else "all-models"
        case.path_parameters["id"] = NAMES[kind][-1]


def fit(body):
    """Puts values into a valid request that are valid in this model, which a schema cannot tell."""
    if isinstance(body.get("logit_bias"), dict):
        body["logit_bias"] = {str(int(token) % VOCABULARY): value for token, value in body["logit_bias"].items()}
    if "prompt" in body:
        body["prompt"] = prompt(body["prompt"], body.get("n") or 1)
    if isinstance(body.get("tools"), list):
        for i, tool in enumerate(body["tools"]):
            if "parameters" in tool["function"]:
                tool["function"]["parameters"] = SCHEMAS[i % 2]
        if isinstance(body.get("tool_choice"), dict):
            body["tool_choice"]["function"]["name"] = body["tools"][0]["function"]["name"]
    if isinstance(body.get("response_format"), dict) and "json_schema" in body["response_format"]:
        own = body["response_format"]["json_schema"]
        if isinstance(own, dict) and "schema" in own:
            own["schema"] = SCHEMAS[len(repr(own["schema"])) % len(SCHEMAS)]


def prompt(given, answers):
    """Of tokens that there are, and not more answers than there may be; 3.0 is a whole number and stays it."""
    if isinstance(given, (int, float)):
        return type(given)(int(given) % VOCABULARY)
    if isinstance(given, list) and not isinstance(given[0], (int, float)):
        given = given[: max(1, 16 // int(answers))]
    return [prompt(one, answers) for one in given] if isinstance(given, list) else given


def cancel_jobs():
    """What is created here would train on and on: after two seconds, in which it can be paused and so on, it ends."""
    while True:
        time.sleep(1)
        try:
            jobs = requests.get(ADDRESS + JOBS, headers=KEY, params={"limit": 10000}).json()
            for job in jobs.get("data", []):
                if job["status"] in ("queued", "running", "paused") and time.time() - job["created_at"] > 2:
                    requests.post(f"{ADDRESS}{JOBS}/{job['id']}/cancel", headers=KEY)
        except (requests.RequestException, ValueError):
            pass  # the server without jobs, or at its end


threading.Thread(target=cancel_jobs, daemon=True).start()
