import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Params } from "../../backend/bindings/Params";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { refused } from "../../backend/fake/state";
import { ParameterForm } from "./parameterForm.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

async function opened(change: (backend: FakeBackend) => void = () => undefined) {
  const backend = createFakeBackend();
  backend.state.providers = [fakeProvider("anthropic")];
  change(backend);
  const snapshot = await backend.createConversation(["anthropic/claude-sonnet-5"]);
  const id = snapshot.lanes[0]?.id ?? "";
  let params: Params = { stop: [] };
  const form = new ParameterForm({
    layer: "user",
    get params() {
      return params;
    },
    save: async (changed) => {
      params = (await backend.setLaneParams(id, changed)).params;
    },
    effective: () => backend.effectiveValues(id),
  });
  await vi.advanceTimersByTimeAsync(0);
  const stored = () => backend.state.conversation(snapshot.summary.id).lanes[0]?.params;
  return { backend, form, stored };
}

it("saves what was written, after the last key, and says where it stands now", async () => {
  const { backend, form, stored } = await opened();
  const save = vi.spyOn(backend, "setLaneParams");
  for (const text of ["0", "0.", "0.4"]) form.write("temperature", text);
  await vi.advanceTimersByTimeAsync(400);
  expect(save).toHaveBeenCalledTimes(1);
  expect(stored()).toEqual({ stop: [], temperature: 0.4 });
  expect(form.effective.get("temperature")?.layer).toBe("user");
});

it("does not save what the model does not take, and says what it takes", async () => {
  const { form, stored } = await opened();
  form.write("temperature", "1.5");
  await vi.advanceTimersByTimeAsync(400);
  expect(form.problems.temperature).toBe("This model takes 0 to 1.");
  expect(stored()).toEqual({ stop: [] });
  form.write("temperature", "0.5");
  await vi.advanceTimersByTimeAsync(400);
  expect(form.problems.temperature).toBeUndefined();
  expect(stored()).toEqual({ stop: [], temperature: 0.5 });
});

it("loses nothing when it closes in the middle of a word, nor between two changes at once", async () => {
  const { form, stored } = await opened();
  form.write("max_tokens", "500");
  form.writeStops("END\nSTOP");
  form.set("reasoning_effort", "off");
  form.flush();
  await vi.advanceTimersByTimeAsync(0);
  expect(stored()).toEqual({ stop: ["END", "STOP"], max_tokens: 500, reasoning_effort: "off" });
});

it("goes back to what holds elsewhere", async () => {
  const { form, stored } = await opened((backend) => {
    backend.state.environment = { temperature: ["LLM_DEFAULT_TEMPERATURE", 0.7] };
  });
  form.write("temperature", "0.1");
  await vi.advanceTimersByTimeAsync(400);
  form.reset("temperature");
  await vi.advanceTimersByTimeAsync(0);
  expect(stored()).toEqual({ stop: [] });
  expect(form.effective.get("temperature")).toMatchObject({ layer: "environment", value: "0.7" });
});

it("shows the host's refusal beside the field it is about", async () => {
  const { form } = await opened((backend) => {
    backend.setLaneParams = () => Promise.reject(refused("read_only", "The data folder is read-only."));
  });
  form.write("top_k", "5");
  await vi.advanceTimersByTimeAsync(400);
  expect(form.problems.top_k).toBe("The data folder is read-only.");
});
