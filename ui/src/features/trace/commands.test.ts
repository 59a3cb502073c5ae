import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { plantRouted } from "../../backend/fake/routedSeeds";
import { Conversation } from "../turns/conversation.svelte";
import { answerCommands } from "./commands";

async function opened() {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai", "gemini", "deepseek", "ollama"].map(fakeProvider);
  plantRouted(backend.state);
  const [first] = await backend.listConversations();
  const snapshot = await backend.openConversation(first?.id ?? "");
  const events = { changed: vi.fn(), ended: vi.fn() };
  return { backend, conversation: new Conversation(snapshot, backend, events) };
}

const labels = (conversation: Conversation, at: number) =>
  answerCommands(conversation, conversation.lanes[at]?.id).map(({ label }) => label);

it("offers the palette what stands under the newest answer of the lane one is in", async () => {
  const { conversation } = await opened();
  expect(labels(conversation, 0).slice(0, 2)).toEqual([
    "Why this model gave the last answer",
    "Continue with GPT-5.6",
  ]);
  expect(labels(conversation, 1)).toContain("Ask Gemini 3.6 Flash anyway");
  expect(labels(conversation, 2), "nothing is offered about a whole answer").toHaveLength(1);
});

it("goes on in the next version, with both parts told apart and nothing lost", async () => {
  vi.useFakeTimers();
  const { backend, conversation } = await opened();
  const resumed = vi.spyOn(backend, "resumeRun");
  const turn = conversation.turns.at(-1);
  const lane = conversation.lanes[0];
  const broken = turn?.answers.get(lane?.id ?? "")?.run;
  if (turn === undefined || lane === undefined || broken === undefined) throw new Error("it was planted");
  answerCommands(conversation, lane.id)
    .find(({ label }) => label === "Continue with GPT-5.6")
    ?.run();
  await vi.advanceTimersByTimeAsync(30_000);
  const after = turn.answers.get(lane.id)?.run;
  expect(resumed.mock.calls[0]?.slice(0, 3)).toEqual([broken.id, "continue", "openai/gpt-5.6"]);
  expect(after?.version).toBe(broken.version + 1);
  expect(after?.state).toBe("complete");
  expect(after?.text.startsWith(broken.text), "what had come stays").toBe(true);
  expect(after?.segments.map(({ model }) => model)).toEqual(["claude-sonnet-5", "gpt-5.6"]);
  vi.useRealTimers();
});

it("opens the trace of the answer it was asked about", async () => {
  const { conversation } = await opened();
  const lane = conversation.lanes[2];
  answerCommands(conversation, lane?.id)[0]?.run();
  expect(conversation.tracing?.lane_id).toBe(lane?.id);
});
