"""Serves one GGUF file with llama.cpp's own HTTP server (package xllamacpp) on a free loopback port.

Prints `listening on http://127.0.0.1:PORT` once it answers. It stops by itself: when its standard input closes (the
starter is gone) or after the time limit, whichever comes first.
"""

import argparse
import os
import sys
import threading
import urllib.request

import xllamacpp


def start(model, alias):
    """Starts the server and returns it with its base URL; the object must stay alive as long as the server."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # the system picks a free one; `listening_address` tells which
    params.n_ctx = 2048
    params.n_parallel = 2
    params.n_predict = 200
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.sampling.seed = 39  # with check.py's question: 24 tokens, three of them outside ASCII
    params.warmup = False
    server = xllamacpp.Server(params)
    return server, server.listening_address


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", help="path of the GGUF file")
    arguments.add_argument("--alias", default="roundtable-tiny", help="the model's name on the wire")
    arguments.add_argument("--limit-seconds", type=float, default=300.0, help="stops after this long")
    options = arguments.parse_args()

    server, base = start(options.model, options.alias)
    with urllib.request.urlopen(f"{base}/health", timeout=30) as answer:
        answer.read()
    print(f"listening on {base}", flush=True)

    timer = threading.Timer(options.limit_seconds, lambda: os._exit(124))
    timer.daemon = True
    timer.start()
    sys.stdin.read()
    del server


if __name__ == "__main__":
    main()
