"""The child that holds the engine, run as `python -m extract.engine_server`.

It reads its settings from a line of JSON on stdin, writes `{"address": ...}` in a line on stdout
once it listens, and lives as long as its stdin is open.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any, NoReturn

PARENT_CHECK_SECONDS = 1.0
PR_SET_PDEATHSIG = 1


def main() -> NoReturn:
    """Serves until the parent is gone. Exit 3: the engine is not installed; 1: it failed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_leave_at_eof, daemon=True).start()
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    answer = _redirect(told["log"])
    try:
        # Loading holds the interpreter's lock, so that the two threads cannot act until it is over;
        # later the kernel's signal would come as soon as the one thread that started us ends.
        _die_with_parent_thread(True)
        server = _serve(told)
        _die_with_parent_thread(False)
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(3)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os.write(answer, (json.dumps({"address": server.listening_address}) + "\n").encode())
    os.close(answer)
    while True:
        time.sleep(3600)


def _serve(told: dict[str, Any]) -> Any:
    xllamacpp = importlib.import_module("xllamacpp")  # typed as Any, installed or not
    params = xllamacpp.CommonParams()
    params.model.path = told["model"]
    params.api_keys = [told["api_key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.offline = True
    params.ui = False
    params.fit_params = False  # it would shrink the context in silence
    params.warmup = False
    params.verbosity = 3 if told["log"] else 1
    params.n_parallel = told["slots"]
    params.n_ctx = told["slots"] * told["context_per_slot"]
    params.cache_ram_mib = told["cache_ram_mib"]
    params.cpuparams.n_threads = told["threads"]
    params.cpuparams_batch.n_threads = told["threads"]
    params.lora_adapters = [
        xllamacpp.CommonAdapterLoraInfo(path, scale) for path, scale in told["adapters"]
    ]
    if told["ngram"]:
        _draft_from_ngrams(xllamacpp, params, **told["ngram"])
    return xllamacpp.Server(params)


def _draft_from_ngrams(xllamacpp: Any, params: Any, size: int, draft: int, min_hits: int) -> None:
    kinds = xllamacpp.common_speculative_type
    params.speculative.types = [kinds.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    params.speculative.ngram_simple.size_n = size
    params.speculative.ngram_simple.size_m = draft
    params.speculative.ngram_simple.min_hits = min_hits


def _redirect(log: str | None) -> int:
    """Keeps the way to the parent apart, since the engine writes to stdout what it likes."""
    answer = os.dup(1)
    if log:
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, 2)
    os.dup2(2, 1)
    return answer


def _die_with_parent_thread(wanted: bool) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL if wanted else 0)


def _leave_at_eof() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def _leave_with_parent(parent: int) -> None:
    # A fork of the parent may hold the pipe open after the parent is gone.
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
