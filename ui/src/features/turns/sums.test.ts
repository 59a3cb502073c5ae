import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { isFree } from "../../shared/format";
import { sumOf } from "../../shared/exact";
import { Conversation } from "./conversation.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

async function asked(lanes: string[]) {
  const backend = createFakeBackend();
  backend.state.providers = [fakeProvider("demo")];
  const snapshot = await backend.createConversation(lanes);
  const conversation = new Conversation(snapshot, backend, {
    changed: () => undefined,
    ended: () => undefined,
  });
  conversation.write("Compare B-trees and LSM-trees for a ledger.");
  await conversation.send();
  await vi.advanceTimersByTimeAsync(60_000);
  const [turn] = conversation.turns;
  if (turn === undefined) throw new Error("it was asked");
  return { backend, conversation, turn };
}

it("leaves a single answer to say itself what it has cost", async () => {
  const { turn } = await asked(["demo/swift"]);
  expect(turn.sumOf).toBeNull();
});

it("says what all versions of one lane's answer have cost together", async () => {
  const { backend, conversation, turn } = await asked(["demo/swift"]);
  const [first] = turn.answers.values();
  if (first === undefined) throw new Error("it was answered");
  conversation.retry(turn, first.run);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(turn.sumOf).toBe("versions");
  expect(turn.spend?.simulated_calls).toBe(2);
  const stored = backend.state.conversation(conversation.id).turns[0]?.versions.values().next().value ?? [];
  expect(turn.spend?.simulated_usd).toBe(sumOf(stored.map(({ cost }) => cost?.usd ?? null)));
  expect(isFree(turn.spend?.simulated_usd ?? "0")).toBe(false);
});

it("says what a comparison has cost", async () => {
  const { turn } = await asked(["demo/swift", "demo/poet"]);
  expect(turn.sumOf).toBe("answers");
  expect(turn.spend?.simulated_calls).toBe(2);
});
