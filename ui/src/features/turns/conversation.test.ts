import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OnBatch } from "../../backend/backend";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import { setBudget } from "../../backend/fake/budgetSeeds";
import { fakeProvider } from "../../backend/fake/catalogue";
import { NO_CHOICE } from "../../shared/money";
import { toasts } from "../../shared/ui/toasts.svelte";
import { Conversation } from "./conversation.svelte";

const QUESTION = "Compare B-trees and LSM-trees for a ledger on one desktop machine.";
const LANES = ["demo/swift", "demo/scholar", "demo/poet"];

beforeEach(() => {
  vi.useFakeTimers();
  toasts.shown = [];
});
afterEach(() => vi.useRealTimers());

async function opened(change: (backend: FakeBackend) => void = () => undefined) {
  const backend = createFakeBackend();
  backend.state.providers = [fakeProvider("demo")];
  change(backend);
  const snapshot = await backend.createConversation(LANES);
  const ended: string[] = [];
  const events = {
    changed: () => undefined,
    ended: (run: { model_requested: string }) => ended.push(run.model_requested),
  };
  return { backend, ended, conversation: new Conversation(snapshot, backend, events) };
}

function texts(conversation: Conversation): (string | undefined)[] {
  const turn = conversation.turns.at(-1);
  return conversation.lanes.map((lane) => turn?.answers.get(lane.id)?.run.text);
}

function stored(backend: FakeBackend, conversation: Conversation): (string | undefined)[] {
  const turn = backend.state.conversation(conversation.id).turns.at(-1);
  return conversation.lanes.map((lane) => turn?.versions.get(lane.id)?.at(-1)?.text);
}

it("shows every character the host has, in order, and clears the draft once it is stored", async () => {
  const { backend, conversation, ended } = await opened();
  conversation.write(QUESTION);
  await conversation.send();
  expect(conversation.draft).toBe("");
  expect(conversation.running).toBe(3);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(conversation.running).toBe(0);
  expect(texts(conversation)).toEqual(stored(backend, conversation));
  expect(ended.toSorted()).toEqual(["poet", "scholar", "swift"]);
  expect(conversation.lanes.map((lane) => lane.history_messages)).toEqual([2, 2, 2]);
});

it("keeps the draft when the host refuses, and says why", async () => {
  const { conversation } = await opened((backend) => {
    backend.startTurn = () =>
      Promise.reject(Object.assign(new Error("The data folder is read-only."), { code: "read_only" }));
  });
  conversation.write(QUESTION);
  await conversation.send();
  expect(conversation.draft).toBe(QUESTION);
  expect(conversation.turns).toEqual([]);
  expect(toasts.shown.map((toast) => toast.text)).toEqual(["The data folder is read-only."]);
});

it("finds the files of a draft again after a restart, and no more once they are sent", async () => {
  const { backend, conversation } = await opened();
  const reopened = async () => (await backend.openConversation(conversation.id)).draft_attachments;
  conversation.write(QUESTION);
  await conversation.files.add([new File(["a"], "a.md"), new File(["b"], "b.md")]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await reopened()).map((file) => file.name)).toEqual(["a.md", "b.md"]);
  conversation.files.remove(conversation.files.files[0]?.key ?? 0);
  conversation.saveDraft();
  await vi.advanceTimersByTimeAsync(100);
  const snapshot = await backend.openConversation(conversation.id);
  const again = new Conversation(snapshot, backend, conversation.events);
  expect([again.draft, again.files.files.map((file) => file.name)]).toEqual([QUESTION, ["b.md"]]);
  await again.send();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(again.files.ids).toEqual([]);
  expect(await reopened()).toEqual([]);
});

it("watches a turn anew when batches are lost, and misses nothing", async () => {
  const { backend, conversation } = await opened((fake) => {
    const start: FakeBackend["startTurn"] = (...call) => fake.turns.startTurn(...call);
    // Every tenth batch never arrives.
    const leaky =
      (onBatch: OnBatch): OnBatch =>
      (batch) =>
        batch.seq % 10 === 9 ? undefined : onBatch(batch);
    fake.startTurn = (id, text, files, lanes, money, onBatch) =>
      start(id, text, files, lanes, money, leaky(onBatch));
  });
  const watch = vi.spyOn(backend, "watchTurn");
  conversation.write(QUESTION);
  await conversation.send();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(watch).toHaveBeenCalledTimes(1);
  expect(texts(conversation)).toEqual(stored(backend, conversation));
});

it("stops one answer and keeps its text while the others go on", async () => {
  const { conversation } = await opened();
  conversation.write(QUESTION);
  await conversation.send();
  await vi.advanceTimersByTimeAsync(1_500);
  const poet = conversation.turns[0]?.answers.get(conversation.lanes[2]?.id ?? "")?.run;
  if (poet === undefined) throw new Error("the poet was asked");
  conversation.stop(poet);
  await vi.advanceTimersByTimeAsync(100);
  expect(conversation.running).toBeGreaterThan(0);
  await vi.advanceTimersByTimeAsync(60_000);
  const after = conversation.turns[0]?.answers.get(poet.lane_id)?.run;
  expect(after?.state).toBe("cancelled");
  expect(after?.text).toMatch(/^Think of two/);
});

it("a retry makes the next version while the first can still be looked at", async () => {
  const { conversation } = await opened();
  conversation.write(QUESTION);
  await conversation.send();
  await vi.advanceTimersByTimeAsync(60_000);
  const [turn] = conversation.turns;
  const first = turn?.answers.get(conversation.lanes[0]?.id ?? "")?.run;
  if (turn === undefined || first === undefined) throw new Error("swift was asked");
  conversation.retry(turn, first);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(turn.answers.get(first.lane_id)?.run.version).toBe(2);
  conversation.showVersion(turn, first.lane_id, 1);
  await vi.advanceTimersByTimeAsync(10);
  expect(turn.older.get(first.lane_id)?.id).toBe(first.id);
  conversation.showVersion(turn, first.lane_id, 2);
  expect(turn.older.has(first.lane_id)).toBe(false);
});

it("marks one answer of a turn as the best", async () => {
  const { conversation } = await opened();
  conversation.write(QUESTION);
  await conversation.send();
  await vi.advanceTimersByTimeAsync(60_000);
  const [turn] = conversation.turns;
  if (turn === undefined) throw new Error("a turn was sent");
  for (const lane of conversation.lanes.slice(0, 2)) {
    const run = turn.answers.get(lane.id)?.run;
    if (run !== undefined) conversation.pick(turn, run);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(conversation.lanes.map((lane) => turn.answers.get(lane.id)?.run.picked)).toEqual([
    false,
    true,
    false,
  ]);
});

describe("what does not fit the budgets", () => {
  async function stopped() {
    const all = await opened((backend) => {
      setBudget(backend.state, { limit_usd: "0.05", simulated: true });
    });
    all.conversation.write(QUESTION);
    await all.conversation.send();
    const { stopped } = all.conversation.asking;
    if (stopped === null) throw new Error("it has to be stopped");
    return { ...all, stopped };
  }

  it("is no error: the draft stays, nothing is sent, and the ways out are shown", async () => {
    const { conversation } = await stopped();
    expect([conversation.draft, conversation.turns, toasts.shown]).toEqual([QUESTION, [], []]);
  });

  it("is sent by what is decided, to the lanes that were chosen", async () => {
    const { conversation, stopped: stop } = await stopped();
    const kept = stop.stop.lanes_that_fit;
    expect(kept.length).toBeGreaterThan(0);
    await stop.again(NO_CHOICE, kept);
    expect(conversation.asking.stopped).toBeNull();
    expect([...(conversation.turns[0]?.answers.keys() ?? [])].toSorted()).toEqual(kept.toSorted());
    expect(conversation.draft).toBe("");
  });

  it("brings new figures when the decision does not lead through", async () => {
    const { conversation, stopped: before } = await stopped();
    await before.again({ ...NO_CHOICE, cap_tokens: 16_000 }, null);
    expect(conversation.asking.stopped).not.toBeNull();
    expect(conversation.asking.stopped, "looked at anew").not.toBe(before);
    expect(conversation.turns).toEqual([]);
  });

  it("stops answers asked anew too, and lets the chosen lanes through", async () => {
    const { conversation, stopped: first } = await stopped();
    await first.again({ ...NO_CHOICE, override_budgets: first.stop.budgets.map(({ id }) => id) }, null);
    await vi.advanceTimersByTimeAsync(120_000);
    const turn = conversation.turns[0];
    if (turn === undefined) throw new Error("it was sent");
    conversation.retryTurn(turn, false);
    await vi.advanceTimersByTimeAsync(100);
    const again = conversation.asking.stopped;
    expect(again).not.toBeNull();
    const kept = again?.stop.lanes_that_fit ?? [];
    await again?.again(NO_CHOICE, kept);
    await vi.advanceTimersByTimeAsync(120_000);
    const versions = conversation.lanes.map((lane) => turn.answers.get(lane.id)?.run.version);
    expect(versions).toEqual(conversation.lanes.map((lane) => (kept.includes(lane.id) ? 2 : 1)));
  });
});
