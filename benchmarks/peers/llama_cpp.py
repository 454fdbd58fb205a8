"""llama.cpp through its C interface, from the binary that the npm package @node-llama-cpp/linux-x64 carries.

  llama_cpp.py speed MODEL.gguf --prompt-ids 1,2,3 --tokens N --threads N --library DIR
  llama_cpp.py logits MODEL.gguf --prompt-ids 1,2,3 --library DIR
  llama_cpp.py quantise MODEL.gguf --output FILE.gguf --file-type N --library DIR

speed: greedy tokens a second of one text, as GenerationBenchmark counts them. logits: those behind the last id.
quantise: its own rounding, of a file in float32, to a type by its number in general.file_type. Each prints a line of JSON.
"""
import argparse
import ctypes as c
import json
import time
from pathlib import Path

import numpy as np


class Opaque(c.Structure):
    """Parameters that only llama.cpp looks into; at least as long as its own."""

    _fields_ = [("bytes", c.c_char * 1024)]


class Batch(c.Structure):
    _fields_ = [
        ("n_tokens", c.c_int32), ("token", c.c_void_p), ("embd", c.c_void_p), ("pos", c.c_void_p),
        ("n_seq_id", c.c_void_p), ("seq_id", c.c_void_p), ("logits", c.c_void_p),
    ]  # fmt: skip


QUIET = c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)(lambda *_: None)


def loaded(library):
    """The library, which says nothing."""
    base = c.CDLL(str(next(library.glob("libggml.v*.so"))), mode=c.RTLD_GLOBAL)
    base.ggml_backend_load_all_from_path.argtypes = [c.c_char_p]
    base.ggml_backend_load_all_from_path(str(library).encode())
    l = c.CDLL(str(next(library.glob("libllama.v*.so"))), mode=c.RTLD_GLOBAL)
    l.llama_log_set.argtypes = [c.c_void_p, c.c_void_p]
    l.llama_log_set(c.cast(QUIET, c.c_void_p), None)
    l.llama_backend_init()
    return l


def quantise(l, source, target, file_type):
    l.llama_model_quantize_default_params.restype = Opaque
    l.llama_model_quantize.argtypes = [c.c_char_p, c.c_char_p, c.c_void_p]
    l.llama_model_quantize.restype = c.c_uint32
    params = l.llama_model_quantize_default_params()
    c.cast(c.byref(params), c.POINTER(c.c_int32))[1] = file_type  # behind the number of threads
    return l.llama_model_quantize(str(source).encode(), str(target).encode(), c.byref(params))


class Llama:
    """A model and one context of 512 tokens."""

    def __init__(self, l, model, threads):
        self.l = l
        for name in ("llama_model_default_params", "llama_context_default_params"):
            getattr(l, name).restype = Opaque
        l.llama_model_load_from_file.argtypes = [c.c_char_p, Opaque]
        l.llama_init_from_model.argtypes = [c.c_void_p, Opaque]
        l.llama_batch_get_one.argtypes = [c.c_void_p, c.c_int32]
        l.llama_batch_get_one.restype = Batch
        l.llama_decode.argtypes = [c.c_void_p, Batch]
        l.llama_set_n_threads.argtypes = [c.c_void_p, c.c_int32, c.c_int32]
        l.llama_memory_clear.argtypes = [c.c_void_p, c.c_bool]
        l.llama_vocab_n_tokens.argtypes = [c.c_void_p]
        for name in ("llama_model_load_from_file", "llama_init_from_model", "llama_model_get_vocab", "llama_get_memory", "llama_get_logits_ith"):
            getattr(l, name).restype = c.c_void_p
        for name in ("llama_model_get_vocab", "llama_get_memory"):
            getattr(l, name).argtypes = [c.c_void_p]
        l.llama_get_logits_ith.argtypes = [c.c_void_p, c.c_int32]
        self.model = l.llama_model_load_from_file(str(model).encode(), l.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"llama.cpp does not read {model}")
        self.context = l.llama_init_from_model(self.model, l.llama_context_default_params())
        if not self.context:
            raise SystemExit(f"llama.cpp makes no context for {model}")
        l.llama_set_n_threads(self.context, threads, threads)
        self.vocabulary = l.llama_vocab_n_tokens(l.llama_model_get_vocab(self.model))

    def clear(self):
        self.l.llama_memory_clear(self.l.llama_get_memory(self.context), True)

    def decode(self, ids):
        """Logits behind the last of some ids, which follow those that were decoded before."""
        array = (c.c_int32 * len(ids))(*ids)
        status = self.l.llama_decode(self.context, self.l.llama_batch_get_one(c.cast(array, c.c_void_p), len(ids)))
        if status != 0:
            raise SystemExit(f"llama_decode: {status}")
        pointer = self.l.llama_get_logits_ith(self.context, -1)
        return np.ctypeslib.as_array(c.cast(pointer, c.POINTER(c.c_float)), (self.vocabulary,))

    def greedy(self, ids, tokens):
        self.clear()
        made = [int(self.decode(ids).argmax())]
        while len(made) < tokens:
            made.append(int(self.decode(made[-1:]).argmax()))
        return made


p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("what", choices=["speed", "logits", "quantise"])
p.add_argument("model", type=Path)
p.add_argument("--library", type=Path, required=True, help="the folder with libllama.v….so")
p.add_argument("--prompt-ids", type=lambda s: [int(x) for x in s.split(",")])
p.add_argument("--tokens", type=int, default=128)
p.add_argument("--output", type=Path)
p.add_argument("--file-type", type=int)
p.add_argument("--threads", type=int, default=2)
a = p.parse_args()
library = loaded(a.library)
if a.what == "quantise":
    status = quantise(library, a.model, a.output, a.file_type)
    if status != 0:
        raise SystemExit(f"llama.cpp does not quantise {a.model}: {status}")
    print(json.dumps({"status": status}))
    raise SystemExit(0)

llama = Llama(library, a.model, a.threads)
if a.what == "speed":
    llama.greedy(a.prompt_ids, 32)
    start = time.perf_counter()
    made = llama.greedy(a.prompt_ids, a.tokens)
    print(json.dumps({"tokens_per_second": a.tokens / (time.perf_counter() - start), "ids": made}))
else:
    print(json.dumps({"logits": llama.decode(a.prompt_ids).tolist()}))
