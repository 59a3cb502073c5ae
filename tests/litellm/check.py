"""Runs `roundtable-cli ask` against a real LiteLLM proxy and checks what it says and what it books.

Answers: two models on the OpenAI and the Anthropic endpoint, streamed and whole. Failures: too many requests, a broken
server, an unknown model, a wrong key. What the proxy answers to the same request without us in between is what has to come
out: text and usage, or the error's type, code and message.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
KEY = "sk-litellm-test"
PROMPT = "What is a table, and who sits at it?"
PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}


def start_server():
    """The proxy's process and its base URL. It ends when its standard input closes, so never later than this script."""
    errors = tempfile.TemporaryFile("w+")
    server = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
    )
    line = server.stdout.readline()
    if not line.startswith("listening on "):
        server.kill()
        errors.seek(0)
        sys.exit(f"the LiteLLM proxy did not start:\n{errors.read()[-3000:]}")
    return server, line.removeprefix("listening on ").strip()


def direct(base, kind, model, key):
    """Status and body of the same request without us in between."""
    body = {"model": model, "max_tokens": 4096, "messages": [{"role": "user", "content": PROMPT}]}
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}", "anthropic-version": "2023-06-01"}
    request = urllib.request.Request(base + PATHS[kind], json.dumps(body).encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def ask(cli, data_dir, kind, base, model, streamed, key=KEY):
    """Exit code and the `run` object of one ask."""
    command = [cli, "ask", "--json", "--data-dir", str(data_dir), "--no-keyring", "--no-retry", "--kind", kind]
    command += ["--base-url", f"{base}/v1", "--key-env", "LITELLM_TEST_KEY", "--model", model]
    command += ([] if streamed else ["--no-stream"]) + [PROMPT]
    environment = {**os.environ, "LITELLM_TEST_KEY": key}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    if not lines or lines[-1].get("type") != "run":
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.returncode, lines[-1]


def require(name, checks, run):
    wrong = [what for what, holds in checks.items() if not holds]
    if wrong:
        sys.exit(f"{name}: not as it should be: {', '.join(wrong)}\n{json.dumps(run, indent=2, ensure_ascii=False)}")


def text_and_usage(kind, reply):
    if kind == "openai":
        usage = reply["usage"]
        return reply["choices"][0]["message"]["content"], (usage["prompt_tokens"], usage["completion_tokens"])
    usage = reply["usage"]
    return reply["content"][0]["text"], (usage["input_tokens"], usage["output_tokens"])


def check_answer(cli, data_dir, kind, base, model, streamed):
    name = f"{kind}, {model}, {'streamed' if streamed else 'whole'}"
    status, reply = direct(base, kind, model, KEY)
    if status != 200:
        sys.exit(f"{name}: the proxy itself answers {status}: {reply}")
    text, usage = text_and_usage(kind, reply)
    code, run = ask(cli, data_dir, kind, base, model, streamed)
    counted = (run["usage"]["input"], run["usage"]["output"])
    checks = {
        "exit code 0": code == 0,
        "state complete": run["state"] == "complete",
        "the same text": run["text"] == text,
        "finish reason stop": run["finish_reason"] == "stop",
        "no error": run["error"] is None,
        # How the proxy counts a stream differs from how it counts a reply of its own in one piece.
        "its usage": counted == usage if not streamed else None not in counted,
    }
    require(name, checks, run)
    print(f"{name}: {counted[0]} tokens in, {counted[1]} out, cost {run['cost']['usd']} ({run['cost']['provenance']})")
    return run


def check_failure(cli, data_dir, kind, base, model, wanted, key=KEY):
    name = f"{kind}, {model}"
    status, reply = direct(base, kind, model, key)
    error = reply["error"]
    code, run = ask(cli, data_dir, kind, base, model, True, key)
    told = run["error"] or {}
    checks = {
        "exit code 1": code == 1,
        "state failed": run["state"] == "failed",
        f"status {status}": told.get("status") == status,
        "type": told.get("type") == error.get("type"),
        "code": told.get("code") == error.get("code"),
        "message": told.get("message") == error["message"],
        f"category {wanted}": told.get("category") == wanted,
        "nothing booked": run["cost"]["usd"] is None,
    }
    require(name, checks, {"run": run, "the proxy's own": reply})
    print(f"{name}: {status} {told['category']}: {told['message'][:70]!r}")


def check_ledger(cli, data_dir, runs):
    """One entry for each answer, newest first, with the usage and the cost the answer showed."""
    command = [cli, "ledger", "--json", "--data-dir", str(data_dir), "--no-keyring", "--limit", "100"]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    entries = [entry for entry in map(json.loads, lines) if entry["type"] == "entry"]
    answers = [entry for entry in reversed(entries) if entry["usage"]["output"]]
    booked = [(entry["model_requested"], entry["usage"], entry["usd"], entry["provenance"]) for entry in answers]
    shown = [(run["model_requested"], run["usage"], run["cost"]["usd"], run["cost"]["provenance"]) for run in runs]
    if booked != shown:
        sys.exit(f"the ledger differs from the answers:\nbooked {booked}\nshown  {shown}")
    print(f"ledger: {len(booked)} entries, each with the usage and the cost its answer showed")


def main(cli):
    with tempfile.TemporaryDirectory(prefix="roundtable-litellm-") as scratch:
        data_dir = pathlib.Path(scratch) / "state"
        server, base = start_server()
        try:
            runs = [
                check_answer(cli, data_dir, kind, base, model, streamed)
                for kind in PATHS
                for model in ("round-table", "relayed")
                for streamed in (True, False)
            ]
            for kind in PATHS:
                check_failure(cli, data_dir, kind, base, "too-many-requests", "rate_limited")
                check_failure(cli, data_dir, kind, base, "broken", "unavailable")
                check_failure(cli, data_dir, kind, base, "nobody", "model_not_found")
                # Without a database the proxy says of a wrong key that it has none.
                check_failure(cli, data_dir, kind, base, "round-table", "invalid_request", key="not-its-key")
        finally:
            server.stdin.close()
            server.wait(timeout=20)
        check_ledger(cli, data_dir, runs)
        print(f"LiteLLM: {len(runs)} answers and {4 * len(PATHS)} failures came out as the proxy sent them")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check.py ROUNDTABLE_CLI")
    main(sys.argv[1])
