"""The process that serves a local model: ``python -m evals.local_server FILE.gguf PORT``.

It prints its address once it answers, and ends when its standard input closes: whoever started it may be killed
outright, nothing is left behind.
"""

from __future__ import annotations

import os
import sys

CONTEXT = 8_192  # tokens of one request
SLOTS = 4  # requests that keep their beginning computed: one a task of the assistant
THREADS = "EVALS_THREADS"  # on a busy machine, one goes faster than two that wait for each other


def main(gguf: str, port: int) -> None:
    """Serve until the standard input closes."""
    import xllamacpp

    threads = int(os.environ.get(THREADS) or 2)
    settings = xllamacpp.CommonParams()
    settings.model.path = gguf
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.n_ctx = CONTEXT * SLOTS
    settings.n_parallel = SLOTS
    settings.cpuparams.n_threads = threads
    settings.cpuparams_batch.n_threads = threads
    settings.sampling.temp = 0
    settings.use_jinja = True  # the template of the model itself: tool calls need it
    settings.offline = True
    settings.ui = False
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
