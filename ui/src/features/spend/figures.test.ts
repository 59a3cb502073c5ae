import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { SpendFigures } from "../../backend/bindings/SpendFigures";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { bookHabit } from "../../backend/fake/spend/books";
import { someBudget, YEAR } from "../../backend/fake/spend/habits";
import { showZone } from "../../shared/zone.svelte";
import { Budgets } from "../budgets/budgets.svelte";
import Host from "./Host.test.svelte";
import { SpendRoom } from "./room.svelte";

// jsdom lays nothing out, so there is nothing to observe.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

afterEach(() => {
  cleanup();
  showZone(null);
});

function booked() {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai", "gemini", "deepseek", "ollama"].map(fakeProvider);
  bookHabit(backend.state, { ...YEAR, days: 40, even: true }, Date.now());
  someBudget(backend.state);
  return backend;
}

async function shown(change: Partial<SpendFigures> = {}) {
  const backend = booked();
  const room = new SpendRoom(backend);
  await room.load();
  if (room.view === null) throw new Error("it was read");
  const view = { ...room.view, figures: { ...room.view.figures, ...change } };
  const openRoom = vi.fn();
  const budgets = new Budgets(backend, openRoom);
  render(Host, { props: { backend, budgets, room, view } });
  return { room, budgets, openRoom, tightest: view.figures.tightest };
}

const button = (name: RegExp) => screen.getByRole("button", { name });

it("lead from the total to today, to the budget, to the requests and to how models did", async () => {
  const today = { usd: "0.5", estimated_usd: "0", requests: 3, unpriced: 0 };
  const tokens = { input_tokens: 1, cached_tokens: 0, output_tokens: 1 };
  const { room, budgets, openRoom, tightest } = await shown({ today: { ...today, ...tokens } });
  await fireEvent.click(button(/: show this budget$/));
  expect(budgets.wantedOne).toBe(tightest?.id);
  expect(openRoom).toHaveBeenCalledOnce();
  await fireEvent.click(button(/estimated: show the requests$/));
  expect(room.entries.open).toBe(true);
  await fireEvent.click(button(/^\d+ %: show how|^\d+\.\d %: show how/));
  expect(room.part).toBe("analysis");
  await fireEvent.click(button(/: look into today$/));
  expect(room.filter.range).toEqual({ kind: "today" });
  expect(room.trail).toHaveLength(1);
});

it("lead to where a budget is made where there is none, and nowhere where nothing is", async () => {
  const nothing = { usd: "0", estimated_usd: "0", requests: 0, unpriced: 0 };
  const tokens = { input_tokens: 0, cached_tokens: 0, output_tokens: 0 };
  const { openRoom } = await shown({ tightest: null, today: { ...nothing, ...tokens } });
  expect(screen.queryByRole("button", { name: /look into today$/ })).toBeNull();
  await fireEvent.click(button(/^none set: show the budgets$/));
  expect(openRoom).toHaveBeenCalledOnce();
});

it("say the digits of what is left, and of a spent budget not that it is free", async () => {
  const { tightest } = await shown();
  if (tightest === null) throw new Error("there is a budget");
  await fireEvent.focus(button(/: show this budget$/));
  expect(await screen.findByText(`$${tightest.left_usd}`)).toBeDefined();
  cleanup();
  await shown({ tightest: { ...tightest, left_usd: "0" } });
  await fireEvent.focus(button(/^nothing: show this budget$/));
  expect(screen.queryByText("free")).toBeNull();
});

it("round a rate of success down, as the analysis does", async () => {
  await shown({ success_basis_points: 9_896 });
  expect(button(/^98\.9 %: show how each model did$/)).toBeDefined();
});

it("the sheet of an entry tells the time of the settings' zone, whichever part was opened first", async () => {
  const backend = booked();
  const entry = backend.state.books[0];
  if (entry === undefined) throw new Error("there is one");
  entry.at = Date.UTC(2026, 10, 20, 15, 30, 5);
  showZone("Asia/Tokyo");
  const room = new SpendRoom(backend);
  render(Host, { props: { backend, budgets: new Budgets(backend, vi.fn()), room, view: null } });
  await room.entries.look(entry.id);
  expect((await screen.findByRole("dialog")).textContent).toContain("21 Nov 2026, 00:30:05");
});
