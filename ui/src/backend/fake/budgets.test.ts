import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NO_CHOICE } from "../../shared/money";
import type { AppError } from "../bindings/AppError";
import type { MoneyChoice } from "../bindings/MoneyChoice";
import { createFakeBackend } from "./backend";
import { setBudget, spent } from "./budgetSeeds";
import { fakeProvider } from "./catalogue";
import { picoOf } from "./money";

const QUESTION = "Compare B-trees and LSM-trees for a ledger.";
const LANES = ["anthropic/claude-sonnet-5", "openai/gpt-5.6", "gemini/gemini-3.6-flash"];

beforeEach(() => vi.useFakeTimers({ now: new Date(2026, 10, 19, 12) }));
afterEach(() => vi.useRealTimers());

async function opened(change: (state: ReturnType<typeof createFakeBackend>["state"]) => void) {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai", "gemini"].map(fakeProvider);
  change(backend.state);
  const { summary, lanes } = await backend.createConversation(LANES);
  const ask = (money: Partial<MoneyChoice> = {}, laneIds: string[] = []) =>
    backend.startTurn(summary.id, QUESTION, [], laneIds, { ...NO_CHOICE, ...money }, () => undefined);
  const refusal = async (money: Partial<MoneyChoice> = {}, laneIds: string[] = []) => {
    const thrown = await ask(money, laneIds).then(
      () => null,
      (error: unknown) => error as AppError,
    );
    return thrown?.over_budget ?? null;
  };
  return { backend, lanes, ask, refusal };
}

it("sets aside before it sends, and counts what was spent after", async () => {
  const { backend, ask } = await opened((state) => setBudget(state, { limit_usd: "20" }));
  await ask();
  const [during] = await backend.listBudgets();
  expect(picoOf(during?.reserved_usd ?? "0")).toBeGreaterThan(0n);
  expect(during?.spent_usd).toBe("0");
  await vi.advanceTimersByTimeAsync(120_000);
  const [after] = await backend.listBudgets();
  expect(after?.reserved_usd).toBe("0");
  expect(picoOf(after?.spent_usd ?? "0")).toBeGreaterThan(0n);
  expect(picoOf(after?.spent_usd ?? "0")).toBeLessThan(picoOf(during?.reserved_usd ?? "0"));
});

it("every way out it offers leads through", async () => {
  const tight = (state: Parameters<Parameters<typeof opened>[0]>[0]) => {
    setBudget(state, { limit_usd: "2" });
    spent(state, "1.62");
  };
  const { refusal, backend } = await opened(tight);
  const stop = await refusal();
  if (stop === null) throw new Error("it has to be refused");
  expect([...backend.state.conversations.values()].at(-1)?.turns, "nothing was sent").toEqual([]);
  const [first] = stop.budgets;
  expect(picoOf(first?.missing_usd ?? "0")).toBe(
    picoOf(first?.spent_usd ?? "0") + picoOf(first?.needed_usd ?? "0") - picoOf("2"),
  );
  const ways: [Partial<MoneyChoice>, number[]][] = [
    [{ cap_tokens: stop.cap_that_fits }, []],
    [{ cheaper: true }, []],
    [{ override_budgets: stop.budgets.map(({ id }) => id) }, []],
    [{}, stop.lanes_that_fit.map((id) => stop.lanes.findIndex(({ lane_id }) => lane_id === id))],
  ];
  for (const [money, kept] of ways) {
    const fresh = await opened(tight);
    const lanes = kept.map((at) => fresh.lanes[at]?.id ?? "");
    const budgetId = fresh.backend.state.budgets.stored[0]?.id ?? "";
    const choice = money.override_budgets === undefined ? money : { override_budgets: [budgetId] };
    expect(await fresh.refusal(choice, lanes), JSON.stringify(money)).toBeNull();
  }
});

it("one token more than the cap it names does not fit", async () => {
  const { refusal } = await opened((state) => {
    setBudget(state, { limit_usd: "2" });
    spent(state, "1.62");
  });
  const cap = (await refusal())?.cap_that_fits ?? 0;
  expect(await refusal({ cap_tokens: cap + 1 })).not.toBeNull();
  expect(await refusal({ cap_tokens: cap })).toBeNull();
});

it("goes cheaper by itself where the budget says so, and an override is written down", async () => {
  const { backend, ask } = await opened((state) => {
    setBudget(state, {
      limit_usd: "2",
      on_limit: "cheaper",
      cheaper_targets: ["anthropic/claude-haiku-4.5"],
    });
    spent(state, "1.62");
  });
  const { runs } = await ask({ cap_tokens: 16_000 });
  expect(runs.map(({ model_requested }) => model_requested)).toContain("claude-haiku-4.5");
  const stopped = await opened((state) => {
    setBudget(state, { limit_usd: "2" });
    spent(state, "1.62");
  });
  const [before] = await stopped.backend.listBudgets();
  await stopped.ask({ override_budgets: [before?.id ?? ""] });
  const [after] = await stopped.backend.listBudgets();
  expect([before?.overridden_usd, picoOf(after?.overridden_usd ?? "0") > 0n]).toEqual(["0", true]);
  expect(backend.state.budgets.stored[0]?.overrides).toEqual([]);
  const [record] = await stopped.backend.listBudgetOverrides(before?.id ?? "");
  expect(record).toMatchObject({ why: "limit", question: QUESTION, over_usd: after?.overridden_usd });
  expect(after?.overrides).toBe(1);
});
