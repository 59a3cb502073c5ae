import { flushSync } from "svelte";
import { describe, expect, it } from "vitest";
import type { AppError } from "../../../backend/bindings/AppError";
import { createFakeBackend } from "../../../backend/fake/backend";
import { plant } from "../../../backend/fake/seed";
import { NO_CONDITIONS } from "../../../backend/blankRoutes";
import { rule, someRoutes } from "../../../backend/fake/routeSeeds";
import { speak } from "../../../shared/i18n/language.svelte";
import { listOf, RuleDrafts } from "./ruleDrafts.svelte";
import { ruleSentence } from "./sentence";

describe("a rule as a sentence", () => {
  it.each([
    [rule("x", {}, {}), "Always: nothing yet"],
    [
      rule("x", { task: ["code", "analysis"], min_tokens: 2_000 }, { to: "coding", stop: true }),
      "When the work is code or analysis, it has at least 2k tokens: ask coding",
    ],
    [
      rule("x", { tags: ["private"] }, { local_only: true, stop: true }),
      "When the conversation is tagged private: nothing leaves the house, read no further",
    ],
    [
      rule(
        "x",
        { regex: "^/sql" },
        { never: ["openai/*"] },
        { unless: { ...NO_CONDITIONS, language: ["zh"] } },
      ),
      "When it matches /^/sql/, unless the language is zh: never openai/*",
    ],
    [
      rule(
        "x",
        { cost_so_far: { conversation_over: null, day_over: "5", month_over: null } },
        { priority: "cost" },
      ),
      "When more than $5.00 was spent today: price first",
    ],
  ])("%#", (of, sentence) => expect(ruleSentence(of)).toBe(sentence));

  it("speaks Chinese", () => {
    speak("zh");
    expect(ruleSentence(rule("x", { task: ["code"] }, { to: "coding" }))).toBe("当任务为代码时：询问 coding");
    speak("en");
  });
});

async function opened() {
  const backend = createFakeBackend();
  backend.state.routing = someRoutes();
  plant(backend.state, {
    title: "t",
    targets: ["demo/swift"],
    age: 1,
    prompts: ["Compare two poems, please."],
  });
  const rules = new RuleDrafts(backend, async (written) => {
    try {
      await backend.saveRules(written);
      return null;
    } catch (thrown) {
      return thrown as AppError;
    }
  });
  const kept = (await backend.routes()).rules;
  rules.take(kept);
  return { backend, rules, kept };
}

describe("editing", () => {
  it("moves a rule, keeps what is open, and saves the list as a whole", async () => {
    const { backend, rules } = await opened();
    rules.open = rules.drafts[1]?.key ?? null;
    expect(rules.move(1, -1)).toBe(true);
    expect(rules.move(0, -1)).toBe(false);
    expect(rules.open).toBe(rules.drafts[0]?.key);
    expect(rules.changed).toBe(true);
    expect(await rules.save()).toBe(true);
    expect(rules.changed).toBe(false);
    expect(backend.state.routing.rules[0]?.name).toBe("Nothing private leaves");
  });

  it("does not lose what is written when the file changes meanwhile", async () => {
    const { rules, kept } = await opened();
    const first = rules.drafts[0];
    if (first !== undefined) first.rule.name = "Mine";
    rules.take(kept.slice(1));
    expect(rules.drafts[0]?.rule.name).toBe("Mine");
    rules.discard(kept.slice(1));
    expect(rules.drafts).toHaveLength(kept.length - 1);
    expect(rules.changed).toBe(false);
  });

  it("tries the rules as they stand on the screen, not as they are kept", async () => {
    const { rules } = await opened();
    await rules.try();
    expect(rules.dryRun?.untouched).toBe(1);
    rules.add("Poems");
    const last = rules.drafts.at(-1);
    if (last !== undefined) last.rule.when.keywords = ["poems"];
    await rules.try();
    expect(rules.dryRun?.rules.at(-1)).toEqual({ name: "Poems", held: 1, hidden: 0 });
    expect(rules.dryRun?.examples[0]?.rules).toEqual(["Poems"]);
  });

  it("keeps what is wrong from being saved, and says what the host has against the rest", async () => {
    const { rules } = await opened();
    const first = rules.drafts[0]?.rule;
    if (first === undefined) throw new Error("there is a rule");
    first.when.time = { from: "9:00", to: "17:00" };
    expect(rules.readable).toBe(false);
    first.when.time = { from: "09:00", to: "17:00" };
    expect(rules.readable).toBe(true);
    first.when.cost_so_far = { conversation_over: "a lot", day_over: null, month_over: null };
    expect(rules.readable).toBe(false);
    first.when.cost_so_far = null;
    first.when.regex = "(open";
    expect(await rules.save()).toBe(false);
    expect(rules.error?.message).toContain("when.regex");
    await rules.try();
    expect(rules.dryRun?.mistakes[0]?.code).toBe("bad_regex");
  });

  it("knows of a change also when it was asked before the file was read", async () => {
    const backend = createFakeBackend();
    backend.state.routing = someRoutes();
    const rules = new RuleDrafts(backend, () => Promise.resolve(null));
    const seen: boolean[] = [];
    const stop = $effect.root(() => {
      $effect(() => void seen.push(rules.changed));
    });
    flushSync();
    rules.take((await backend.routes()).rules);
    rules.remove(0);
    flushSync();
    stop();
    expect(seen.at(-1)).toBe(true);
  });

  it("reads lists as people write them", () => {
    expect(listOf(" en , zh,，, de、en")).toEqual(["en", "zh", "de"]);
  });
});
