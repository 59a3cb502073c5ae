import { expect, it } from "vitest";
import { createFakeBackend } from "../../../backend/fake/backend";
import { fakeProvider } from "../../../backend/fake/catalogue";
import { bookHabit } from "../../../backend/fake/spend/books";
import { YEAR } from "../../../backend/fake/spend/habits";
import { THIS_MONTH } from "../filter";
import { Replay } from "./replay.svelte";

function booked() {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai"].map(fakeProvider);
  bookHabit(backend.state, { ...YEAR, days: 20 }, Date.now());
  return backend;
}

const everything = { kind: "filter" as const, filter: { ...THIS_MONTH, range: { kind: "all" as const } } };

it("says what it was where no model is left to compare with", async () => {
  const backend = booked();
  const replay = new Replay(backend);
  replay.open(everything, "Everything", []);
  await replay.load();
  expect(replay.view?.models).toEqual([]);
  expect(replay.view?.actual_usd).toBe((await backend.spend(everything.filter)).figures.range.usd);
});

it("tells a model nobody has heard of from one without a price", async () => {
  const replay = new Replay(booked());
  replay.open(everything, "Everything", ["openai/nobody"]);
  await replay.load();
  expect(replay.view?.models.map(({ usd, unknown }) => [usd, unknown])).toEqual([[null, true]]);
});

it("is about one turn or one answer", async () => {
  const backend = booked();
  const some = backend.state.books[0];
  if (some === undefined) throw new Error("there are books");
  Object.assign(some, { turn: "turn-1", run: "run-1", simulated: false });
  const replay = new Replay(backend);
  for (const of of [
    { kind: "turn" as const, turn_id: "turn-1", simulated: false },
    { kind: "run" as const, run_id: "run-1", simulated: false },
  ]) {
    replay.open(of, "This", []);
    await replay.load();
    expect(replay.view?.requests).toBe(1);
  }
});
