import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { THIS_MONTH } from "../../backend/blankFilter";
import { bookCorrection, bookHabit } from "../../backend/fake/spend/books";
import { YEAR } from "../../backend/fake/spend/habits";
import { sumOf } from "../../shared/exact";
import { ranking } from "./ranking.test-support";
import { sorted } from "./ranking";
import { compared } from "./replay/compared";
import { SpendRoom } from "./room.svelte";

function booked() {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai", "gemini", "deepseek", "ollama"].map(fakeProvider);
  bookHabit(backend.state, { ...YEAR, days: 40 }, Date.now());
  return backend;
}

it("keeps what is set by hand, and nothing of a look into something", async () => {
  const keep = vi.fn();
  const room = new SpendRoom(booked(), keep);
  room.begin(undefined);
  room.set({ measure: "tokens" });
  expect(keep).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ measure: "tokens" }));
  await vi.waitFor(() => expect(room.view).not.toBeNull());
  const first = room.view?.series[0];
  if (first === undefined) throw new Error("there is something in the books");
  room.lookInto("provider", first.of, "first");
  expect(keep).toHaveBeenCalledTimes(1);
  expect(room.filter.providers).toEqual([first.of.name]);
  room.back();
  expect(room.filter.providers).toEqual([]);
});

it("goes back over several looks at once", async () => {
  const room = new SpendRoom(booked());
  await room.load();
  const name = { name: "openai", label: "", provider: null, gone: false };
  room.lookInto("provider", name, "OpenAI");
  room.lookIntoTime(1, 2, "a day");
  room.lookInto("conversation", { ...name, name: "c1" }, "talk");
  expect(room.entries.open).toBe(true);
  room.back(1);
  expect(room.trail.map(({ label }) => label)).toEqual(["OpenAI"]);
  expect(room.entries.open).toBe(false);
  expect(room.filter.range).toEqual({ kind: "month" });
});

it("finds the figures there when they were read on the way, and what says the same is not drawn anew", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  const spend = vi.spyOn(backend, "spend");
  room.readAhead();
  room.readAhead();
  await vi.waitFor(() => expect(room.view).not.toBeNull());
  const end = room.watch();
  expect(spend, "once: while it is asked, and once it is known").toHaveBeenCalledTimes(1);
  const { view, choices } = room;
  if (view === null) throw new Error("it was read");
  spend.mockResolvedValueOnce(structuredClone(view));
  await room.load();
  expect([room.view === view, room.choices === choices]).toEqual([true, true]);
  spend.mockResolvedValueOnce({ ...structuredClone(view), until: view.until + 1 });
  await room.load();
  expect(room.view?.until).toBe(view.until + 1);
  end();
});

it("reads the books once for another filter: what there is to choose from does not change by it", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  await room.load();
  const [spend, choices] = [vi.spyOn(backend, "spend"), vi.spyOn(backend, "spendChoices")];
  room.set({ by: "model" });
  await vi.waitFor(() => expect(room.shown.by).toBe("model"));
  expect([spend.mock.calls.length, choices.mock.calls.length]).toEqual([1, 0]);
  await room.load();
  expect(choices, "read anew now and again, and when somebody asks for it").toHaveBeenCalledTimes(1);
});

it("stays where somebody has come to in the list when the figures are read again", async () => {
  const room = new SpendRoom(booked());
  await room.load();
  room.entries.open = true;
  await room.entries.load();
  await room.entries.loadMore();
  expect(room.entries.rows).toHaveLength(200);
  await room.load();
  expect(room.entries.rows).toHaveLength(200);
  room.set({ measure: "tokens" });
  await vi.waitFor(() => expect(room.entries.rows).toHaveLength(100));
});

it("leaves the trail when something else is looked at by hand, not when it is looked at otherwise", async () => {
  const room = new SpendRoom(booked());
  await room.load();
  const name = { name: "openai", label: "", provider: null, gone: false };
  room.lookInto("provider", name, "OpenAI");
  room.set({ measure: "tokens" });
  expect(room.trail).toHaveLength(1);
  room.set({ providers: [] });
  expect(room.trail).toEqual([]);
});

it("keeps how it is looked at within a look, and not what is looked into", async () => {
  const keep = vi.fn();
  const room = new SpendRoom(booked(), keep);
  room.begin({ range: { kind: "days", days: 30 } });
  await room.load();
  const name = { name: "openai", label: "", provider: null, gone: false };
  room.lookInto("provider", name, "OpenAI");
  room.lookIntoTime(1, 2, "a day");
  room.set({ measure: "tokens" });
  room.set({ step: "hour" });
  const set = { range: { kind: "days", days: 30 }, measure: "tokens", step: "hour", by: "provider" };
  expect(keep).toHaveBeenLastCalledWith(expect.objectContaining({ ...set, providers: [] }));
  room.set({ by: "key" });
  expect(keep).toHaveBeenLastCalledWith(expect.objectContaining({ ...set, by: "key", providers: [] }));
  expect(room.filter).toMatchObject({ providers: ["openai"], range: { kind: "between" } });
});

it("looks into today as into a column: Back leads to the range before", async () => {
  const room = new SpendRoom(booked());
  await room.load();
  room.lookIntoToday("Today");
  expect(room.filter).toMatchObject({ range: { kind: "today" }, by: "model" });
  room.back();
  expect(room.filter.range).toEqual({ kind: "month" });
});

it("leads to all of the ranking from what is beyond the stack, and stays where it is", async () => {
  const room = new SpendRoom(booked());
  await room.load();
  const { filter } = room;
  room.lookInto("provider", { name: "*", label: "", provider: null, gone: false }, "all others");
  expect([room.rankingWanted, room.filter, room.trail]).toEqual([true, filter, []]);
});

it("goes on with the lines of the filter they were read with, while another is on its way", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  room.set({ range: { kind: "days", days: 30 } });
  await vi.waitFor(() => expect(room.view).not.toBeNull());
  await room.entries.show();
  const asked = vi.spyOn(backend, "spendEntries");
  const known = room.entries.more;
  // The figures of the other filter are slow.
  vi.spyOn(backend, "spend").mockReturnValue(new Promise(() => undefined));
  room.set({ providers: ["openai"] });
  await room.entries.loadMore();
  expect(asked).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ providers: [] }), known);
});

describe("a saved file", () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date(2026, 10, 20, 23, 59, 50), toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  const costOf = (file: Uint8Array | undefined) => {
    const rows = new TextDecoder().decode(file).trim().split("\r\n").slice(1);
    return sumOf(rows.map((row) => row.split(",")[1] ?? null));
  };

  async function today() {
    const backend = booked();
    const room = new SpendRoom(backend);
    room.set({ range: { kind: "today" } });
    await vi.waitFor(() => expect(room.view).not.toBeNull());
    return { backend, room };
  }

  it("holds what stands on the screen, where something was booked since", async () => {
    const { backend, room } = await today();
    const last = backend.state.books.findLast(({ pico }) => pico !== null && pico > 0n);
    if (last === undefined) throw new Error("there is a call");
    backend.state.books.push({ ...last, id: "late", at: Date.now() });
    await room.saveCsv("ranking");
    const file = backend.saved.get("roundtable-ranking.csv");
    expect(costOf(file)).toBe(room.view?.figures.range.usd);
  });

  it("is of the day on the screen, where midnight passes while it is written", async () => {
    const { backend, room } = await today();
    const write = backend.spendCsv.bind(backend);
    vi.spyOn(backend, "spendCsv").mockImplementation((filter, what) => {
      vi.setSystemTime(new Date(2026, 10, 21, 0, 0, 1));
      return write(filter, what);
    });
    await room.saveCsv("ranking");
    const cost = room.view?.figures.range.usd;
    expect(cost, "something was spent that day").not.toBe("0");
    expect(costOf(backend.saved.get("roundtable-ranking.csv"))).toBe(cost);
  });
});

it("looks into what is outside of conversations, and into money without calls", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  room.set({ by: "conversation", range: { kind: "days", days: 30 } });
  await vi.waitFor(() => expect(room.shown.by).toBe("conversation"));
  const outside = room.view?.ranking.find(({ of }) => of.name === "");
  if (outside === undefined) throw new Error("batches are outside of conversations");
  room.lookInto("conversation", outside.of, "outside conversations");
  await vi.waitFor(() => expect(room.shown.conversations).toEqual([""]));
  expect(room.view?.figures.range).toEqual(outside.sums);

  backend.state.books = backend.state.books.slice(-1);
  const [call] = backend.state.books;
  if (call === undefined) throw new Error("there is a call");
  bookCorrection(backend.state, call, 5_000_000_000n, call.at);
  backend.state.books = backend.state.books.filter(({ kind }) => kind === "adjustment");
  const view = await backend.spend({ ...THIS_MONTH, range: { kind: "all" } });
  expect(view.figures).toMatchObject({ corrections: 1, range: { usd: "0.005", requests: 0 } });
  expect(view.totals.filter((total) => total !== null)).toEqual(["0.005"]);
});

it("does not read the books again that its door is reading or has just read", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  const spend = vi.spyOn(backend, "spend");
  const read = room.load();
  room.watch()();
  await read;
  room.watch()();
  expect(spend).toHaveBeenCalledTimes(1);
});

it("an answer that comes late does not take the place of a newer one", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  const answers: (() => void)[] = [];
  const real = backend.spend.bind(backend);
  backend.spend = (filter) => new Promise((done) => answers.push(() => void real(filter).then(done)));
  const first = room.load();
  room.set({ by: "model" });
  answers[1]?.();
  await vi.waitFor(() => expect(room.shown.by).toBe("model"));
  answers[0]?.();
  await first;
  expect(room.shown.by).toBe("model");
});

it("old figures stay while the books cannot be read, and it says so", async () => {
  const backend = booked();
  const room = new SpendRoom(backend);
  await room.load();
  const { view } = room;
  backend.state.booksFail = "busy";
  await room.load();
  expect(room.view).toBe(view);
  expect(room.error?.message).toBe("busy");
});

it("the fake host's figures, columns, ranking and entries are one set of books", async () => {
  const backend = booked();
  const filter = { ...new SpendRoom(backend).filter, range: { kind: "days" as const, days: 30 } };
  const view = await backend.spend(filter);
  const whole = view.figures.range.usd;
  expect(sumOf(view.totals)).toBe(whole);
  expect(sumOf(view.series.flatMap(({ values }) => values))).toBe(whole);
  expect(sumOf(view.ranking.map(({ sums }) => sums.usd))).toBe(whole);
  expect(sumOf(view.hours.map(({ usd }) => usd))).toBe(whole);
  const lines: (string | null)[] = [];
  for (let cursor: string | null = null, more = true; more;) {
    const page = await backend.spendEntries(filter, cursor);
    lines.push(...page.entries.map(({ usd }) => usd));
    cursor = page.next;
    more = cursor !== null;
  }
  expect(sumOf(lines)).toBe(whole);
});

it("an entry's formula comes to its amount", async () => {
  const backend = booked();
  const page = await backend.spendEntries(new SpendRoom(backend).filter, null);
  for (const { id, usd } of page.entries.slice(0, 20)) {
    const { lines } = await backend.ledgerEntry(id);
    if (usd !== null) expect(sumOf(lines.map((line) => line.usd))).toBe(usd);
  }
});

it("sorts with the unknown last either way", () => {
  const rows = [ranking("b", "2"), ranking("a", null), ranking("c", "10")];
  expect(sorted(rows, "cost", true).map(({ label }) => label)).toEqual(["c", "b", "a"]);
  expect(sorted(rows, "cost", false).map(({ label }) => label)).toEqual(["b", "c", "a"]);
  expect(sorted(rows, "name", false).map(({ label }) => label)).toEqual(["a", "b", "c"]);
});

it("lays another price beside what was paid", () => {
  expect(compared("0.5", "1")).toMatchObject({ kind: "less", percent: 50 });
  expect(compared("1.2", "1")).toMatchObject({ kind: "more", percent: 20 });
  expect(compared("3", "1")).toMatchObject({ kind: "times", times: "3" });
  expect(compared("1", "1")).toMatchObject({ kind: "same" });
  expect(compared(null, "1")).toBeNull();
  expect(compared("1", "0")).toBeNull();
});
