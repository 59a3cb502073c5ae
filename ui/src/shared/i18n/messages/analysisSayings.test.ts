import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { showCurrency } from "../../currency.svelte";
import { speak } from "../language.svelte";
import { ANALYSIS_CHINESE } from "./analysisSayings";
import { sayIt } from "./sayings";

const HOST = "../src-tauri/engine/src/analysis/sayings.rs";
const ENGLISH = "In English.";

/** The host's table of codes: each with the names of what stands in it. */
function codesOfHost(): Map<string, string[]> {
  const codes = new Map<string, string[]>();
  for (const line of readFileSync(HOST, "utf8").split("\n")) {
    const [, left = "", right = ""] = /^\/\/! \| (`[^|]*) \| ([^|]*) \|$/.exec(line) ?? [];
    const names = [...right.matchAll(/`([a-z0-9_]+)`/g)].map(([, name = ""]) => name);
    for (const [, code = ""] of left.matchAll(/`([a-z0-9_]+)`/g)) codes.set(code, names);
  }
  return codes;
}

afterEach(() => {
  speak("en");
  showCurrency(null);
});

describe("what the host says of an analysis", () => {
  const codes = codesOfHost();

  it("is found in the host's own file", () => {
    expect(codes.size).toBeGreaterThan(30);
    expect(codes.get("advice_timeout_cut")).toEqual(["cut", "calls", "limit_ms"]);
  });

  it.each([...codes])("has a Chinese sentence for %s with all that stands in it", (code, names) => {
    const asked = new Set<string>();
    const isName = (name: string) => /^(key|provider|models?|cheaper|subject|file|rule|mode)$/.test(name);
    const values = Object.fromEntries(names.map((name) => [name, isName(name) ? "Name" : "1"]));
    ANALYSIS_CHINESE[code]?.((name) => {
      asked.add(name);
      return values[name] ?? "1";
    });
    expect([...asked].toSorted()).toEqual(names.toSorted());
    speak("zh");
    const said = sayIt({ code, values }, ENGLISH);
    expect(said).toMatch(/[\u4e00-\u9fff]/);
    expect(said).not.toMatch(/NaN|undefined/);
  });

  it("has no sentence the host does not say", () => {
    expect(Object.keys(ANALYSIS_CHINESE).filter((code) => !codes.has(code))).toEqual([]);
  });

  it("says money short and in the currency that is shown, in English too", () => {
    const values = { simple: "312", answers: "2914", model: "Dear", usd: "4.37812345" };
    const saying = { code: "advice_simple_share", values };
    expect(sayIt(saying, ENGLISH)).toBe(
      "312 of 2,914 answers of Dear were to prompts read as simple. They cost $4.38.",
    );
    showCurrency({ code: "EUR", per_usd: "0.5" });
    expect(sayIt(saying, ENGLISH)).toContain("≈€2.19");
    expect(sayIt({ code: "advice_retry_effect", values: {} }, ENGLISH)).toBe(ENGLISH);
  });

  it("says limits to the tenth, amounts and counts as everywhere", () => {
    speak("zh");
    const saying = { code: "advice_timeout_cut", values: { cut: "29", calls: "2610", limit_ms: "90500" } };
    expect(sayIt(saying, ENGLISH)).toBe("2,610 次调用中有 29 次在 1\u00a0min\u00a030.5\u00a0s 后被放弃。");
    const limit = (limit_ms: string) => ({ code: "value_unset_usual", values: { limit_ms } });
    expect(sayIt(limit("120000"), ENGLISH)).toBe("未设置（2 分）");
    expect(sayIt(limit("90250"), ENGLISH)).toBe("未设置（1 分 30.25 秒）");
  });
});
