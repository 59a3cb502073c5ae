import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { showCurrency } from "../../currency.svelte";
import { speak } from "../language.svelte";
import { ALERT_SENTENCES, sayAlert } from "./alertSayings";
import { TELEMETRY_CHINESE } from "./telemetrySayings";

const ALERTS = "../src-tauri/engine/src/alerts/sayings.rs";
const TELEMETRY = "../src-tauri/engine/src/telemetry/words.rs";

/** The host's table of codes: each with the names of what stands in it. `_ask` beside a code ends it another way. */
function codesOfAlerts(): Map<string, string[]> {
  const codes = new Map<string, string[]>();
  let before: string[] = [];
  for (const line of readFileSync(ALERTS, "utf8").split("\n")) {
    const [, left = "", right = ""] = /^\/\/! \| (`[^|]*) \| ([^|]*) \|$/.exec(line) ?? [];
    if (left === "") continue;
    const own = [...right.replace(/\([^)]*\)/g, "").matchAll(/`([a-z0-9_]+)`/g)].map(([, name = ""]) => name);
    // "those" and "that" are the names of the line above.
    const names = /^(those|that)\b/.test(right.trim()) ? [...before, ...own] : own;
    before = names;
    let stem = "";
    for (const [, code = ""] of left.replace(/\([^)]*\)/g, "").matchAll(/`([a-z0-9_]+)`/g)) {
      if (!code.startsWith("_")) stem = code;
      codes.set(code.startsWith("_") ? stem.slice(0, stem.lastIndexOf("_")) + code : code, names);
    }
  }
  return codes;
}

/** The host's codes of telemetry, with what its comments say stands in them. */
function codesOfTelemetry(): Map<string, string[]> {
  const text = readFileSync(TELEMETRY, "utf8");
  const found = text.matchAll(/\/\/\/ (.*)\nconst [A-Z_]+: &str = "([a-z_]+)";/g);
  return new Map(
    [...found].map(([, comment = "", code = ""]) => [
      code,
      [...(comment.split("Values:")[1] ?? "").matchAll(/`([a-z_]+)`/g)].map(([, name = ""]) => name),
    ]),
  );
}

afterEach(() => {
  speak("en");
  showCurrency(null);
});

describe("what the host tells", () => {
  const codes = codesOfAlerts();

  it("is found in the host's own table", () => {
    expect(codes.get("alert_budget_full_cheaper")).toEqual(["spent_usd", "limit_usd"]);
    expect(codes.get("alert_price_main_replayed")).toContain("input_before");
    expect(codes.size).toBeGreaterThan(20);
  });

  it.each([...codes])("has a sentence for %s in both languages, of what the host sends", (code, names) => {
    for (const tongue of ["en", "zh"] as const) {
      const asked = new Set<string>();
      const said = ALERT_SENTENCES[tongue][code]?.((name) => {
        asked.add(name);
        return "7";
      });
      expect(said, `${tongue} has no sentence`).toBeDefined();
      expect([...asked].toSorted(), tongue).toEqual(names.toSorted());
    }
  });

  it("has no sentence that the host never says", () => {
    const known = Object.keys({ ...ALERT_SENTENCES.en, ...ALERT_SENTENCES.zh });
    expect(known.filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe("what the host says of telemetry", () => {
  const codes = codesOfTelemetry();

  it.each([...codes])("has a Chinese sentence for %s", (code, names) => {
    const asked: string[] = [];
    TELEMETRY_CHINESE[code]?.((name) => {
      asked.push(name);
      return "7";
    });
    expect(TELEMETRY_CHINESE[code]).toBeDefined();
    expect(asked.toSorted()).toEqual(names.toSorted());
  });

  it("is all that is known here", () => {
    expect(Object.keys(TELEMETRY_CHINESE).toSorted()).toEqual([...codes.keys()].toSorted());
  });
});

describe("an alert", () => {
  const body = {
    text: "$4.12 of $5.00 are spent, $0.88 are left.",
    saying: {
      code: "alert_budget_step_body",
      values: { spent_usd: "4.12", limit_usd: "5", left_usd: "0.88" },
    },
  };

  it("names amounts as the window does, in its language and currency", () => {
    expect(sayAlert(body)).toBe("$4.12 of $5.00 spent, $0.88 left.");
    showCurrency({ code: "EUR", per_usd: "0.5" });
    expect(sayAlert(body)).toBe("≈€2.06 of ≈€2.50 spent, ≈€0.44 left.");
    speak("zh");
    expect(sayAlert(body)).toBe("≈€2.50 中已花费 ≈€2.06，剩余 ≈€0.44。");
  });

  it("calls nothing that is left nothing", () => {
    const values = { ...body.saying.values, left_usd: "0" };
    const said = { text: "", saying: { ...body.saying, values } };
    expect(sayAlert(said)).toBe("$4.12 of $5.00 spent, nothing left.");
    speak("zh");
    expect(sayAlert(said)).toBe("$5.00 中已花费 $4.12，没有剩余。");
  });

  it("calls prices what the settings call them, each once", () => {
    const values = { fields: "cache_write_5m, cache_write_1h, tiers.200000.output" };
    expect(sayAlert({ text: "", saying: { code: "alert_price_other", values } })).toBe(
      "Other prices of it have changed: Written to a cache; Answer, above 200,000 tokens.",
    );
  });

  it("keeps the host's words where the code is of a newer one or something is missing", () => {
    expect(sayAlert({ text: "Said.", saying: { code: "alert_of_tomorrow", values: {} } })).toBe("Said.");
    expect(sayAlert({ ...body, saying: { ...body.saying, values: {} } })).toBe(body.text);
  });
});
