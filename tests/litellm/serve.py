"""Runs a LiteLLM proxy on a free port of loopback. Prints `listening on URL`; ends when its standard input closes or its
time is up, so that it never outlives who started it."""

import argparse
import os
import pathlib
import socket
import sys
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
STARTS_WITHIN_SECONDS = 90


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


def end_after(seconds):
    time.sleep(seconds)
    os._exit(1)


def announce(base, out):
    """Says where it listens once it answers."""
    last = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < last:
        try:
            with urllib.request.urlopen(f"{base}/health/liveliness", timeout=1):
                print(f"listening on {base}", file=out, flush=True)
                return
        except OSError:
            time.sleep(0.1)
    os._exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit-seconds", type=int, default=300)
    limit = parser.parse_args().limit_seconds
    # Its prices, its updates and its telemetry would need the network; proxies of the environment are not for loopback.
    os.environ.update(
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        LITELLM_TELEMETRY="False",
        LITELLM_MODE="PRODUCTION",
        LITELLM_LOG="ERROR",
        NO_DOCS="True",
        NO_PROXY="*",
    )
    for name in ("DATABASE_URL", "LITELLM_MASTER_KEY", "CONFIG_FILE_PATH"):
        os.environ.pop(name, None)
    port = free_port()
    os.environ["ROUNDTABLE_LITELLM_SELF"] = f"http://127.0.0.1:{port}/v1"
    # The proxy prints banners: standard output is for the one line.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for task, argument in ((end_with_stdin, ()), (end_after, (limit,)), (announce, (f"http://127.0.0.1:{port}", out))):
        threading.Thread(target=task, args=argument, daemon=True).start()
    from litellm.proxy.proxy_cli import run_server

    words = ["--config", str(HERE / "config.yaml"), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    run_server(words, standalone_mode=False)


if __name__ == "__main__":
    main()
