#!/usr/bin/env python3
"""Writes models.jsonl, the catalogue that is built into the program, from a table of published price facts.

    python3 generate.py FACTS.json > models.jsonl

FACTS.json is a list of models (or an object with a list `models`), each with: provider, model, name, usd_per_mtok
(decimal strings, dollars per million tokens: input, output, cache_read, cache_write_5m, ...), long_context_tiers,
tier_ranges, service_tier_{batch,flex,priority}, off_peak, extra.per_request_usd, context_window, max_input, max_output,
capabilities, deprecation_date, status, price_source, disagreements.

One model a line, sorted, absent facts left out, so that a new table is a readable diff. Prices with more than six
decimals, negative ones and models that stand twice stop the program: the catalogue must be exact. A price of zero that
another source contradicts is not believed: that source's price is taken (its table knew the model only as free). A zero
nobody confirms, from a provider that is not known to give models away, is left out: unpriced is not the same as free.
"""

import json
import re
import sys

# The day of each source's snapshot. litellm's table (1.109.1) carries none; it is newer than that of genai-prices, whose
# day stands for it: a price must not look fresher than it is known to be.
DATES = {"models.dev": "2026-07-02", "genai-prices": "2026-08-21", "litellm": "2026-08-21"}
OTHERS = ("models.dev", "genai-prices")
OUR_SLUGS = {"google": "gemini"}
GIVES_AWAY = {"zai": ("glm-4.5-flash", "glm-4.7-flash")}
RATES = (
    "input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_12h",
    "audio_input", "audio_output", "reasoning_output",
)  # fmt: skip

# Invented, so that budgets and charts can be tried without spending: shaped like a small, a large and three middle models.
DEMO_DATE = "2026-11-01"
# What the emulator plays. The poet sees nothing, so that leaving something out can be tried as well.
DEMO = (
    ("swift", "Swift", 32_768, 4_096, False, "0.1", "0.4", "0.01"),
    ("scholar", "Scholar", 200_000, 16_384, True, "5", "25", "0.5"),
    ("poet", "Poet", 16_384, 4_096, False, "1", "5", "0.1"),
    ("critic", "Critic", 65_536, 8_192, False, "0.8", "4", "0.08"),
    ("coder", "Coder", 131_072, 16_384, False, "2", "10", "0.2"),
)


def rates(source):
    found = {name: source[name] for name in RATES if source.get(name) is not None}
    for name, price in found.items():
        if not re.fullmatch(r"\d+(\.\d{1,6})?", price):
            sys.exit(f"not an exact price: {name} {price!r} in {source}")
    return found


def windows(off_peak):
    spans = lambda hours: hours if isinstance(hours, list) else [hours]
    return [{"weekdays": w["weekdays"], "hours_utc": spans(w["hours_utc"])} for w in off_peak["windows"]]


def believed(model):
    """Prices by kind and the source they come from, or None where a zero cannot be believed."""
    prices, source = rates(model["usd_per_mtok"]), model["price_source"]
    free = prices["input"] == "0" and prices["output"] == "0"
    if not free or model["model"] in GIVES_AWAY.get(model["provider"], ()):
        return prices, source
    for other in OTHERS:
        named = {d["field"]: d[other] for d in model["disagreements"] if d.get(other) not in (None, "0")}
        if "input" in named and "output" in named:
            return rates(named), other
    return None, None


def price(model):
    prices, source = believed(model)
    if prices is None:
        return None
    if model["long_context_tiers"]:
        prices["tiers"] = [
            {"prompt_tokens_above": tier["prompt_tokens_above"], **rates(tier)} for tier in model["long_context_tiers"]
        ]
    if model.get("tier_ranges"):
        prices["tier_ranges"] = [{"range": tier["range"], **rates(tier)} for tier in model["tier_ranges"]]
    service = {name: rates(model[f"service_tier_{name}"]) for name in ("batch", "flex", "priority")
               if model.get(f"service_tier_{name}")}  # fmt: skip
    if service:
        prices["service_tiers"] = service
    if model.get("off_peak"):
        prices["off_peak"] = {"windows": windows(model["off_peak"]), **rates(model["off_peak"])}
    fee = (model.get("extra") or {}).get("per_request_usd")
    if fee:
        prices["per_request_usd"] = fee
    prices["date"] = DATES[source]
    return prices


def facts(model):
    line = {
        "p": OUR_SLUGS.get(model["provider"], model["provider"]),
        "m": model["model"],
        "name": model.get("name") or model["model"],
        "ctx": model.get("context_window"),
        "in": model.get("max_input") if model.get("max_input") != model.get("context_window") else None,
        "out": model.get("max_output"),
        "can": {name: can for name, can in model["capabilities"].items() if can is not None},
        "retires": model.get("deprecation_date"),
        "status": model.get("status"),
        "price": price(model),
    }
    return {name: value for name, value in line.items() if value is not None}


def demo():
    for model, name, window, answer, reasons, prompt, output, read in DEMO:
        yield {
            "p": "demo", "m": model, "name": name, "ctx": window, "out": answer,
            "can": {"vision": model != "poet", "tools": model != "poet", "reasoning": reasons},
            "price": {"input": prompt, "output": output, "cache_read": read, "date": DEMO_DATE, "simulated": True},
        }  # fmt: skip


def main():
    (path,) = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        table = json.load(file)
    lines = [facts(model) for model in (table["models"] if isinstance(table, dict) else table)]
    lines += demo()
    names = [(line["p"], line["m"].lower()) for line in lines]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"models that stand twice: {sorted(twice)}")
    print("# Written by generate.py; do not edit. Facts of litellm, models.dev and pydantic/genai-prices (all MIT).")
    for line in sorted(lines, key=lambda line: (line["p"], line["m"])):
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


main()
