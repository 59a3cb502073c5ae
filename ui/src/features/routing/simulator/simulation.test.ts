import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeBackend } from "../../../backend/fake/backend";
import { fakeProvider } from "../../../backend/fake/catalogue";
import { someRoutes } from "../../../backend/fake/routeSeeds";
import { someStanding } from "../../../backend/fake/standing";
import { Simulation } from "./simulation.svelte";

let still = false;

beforeEach(() => {
  vi.useFakeTimers();
  still = false;
  vi.stubGlobal("matchMedia", () => ({ matches: still }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function simulation() {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai", "gemini", "deepseek", "ollama"].map(fakeProvider);
  backend.state.providers = backend.state.providers.map((provider) =>
    provider.id === "anthropic" ? { ...provider, key: null, keys: [] } : provider,
  );
  backend.state.routing = someRoutes();
  backend.state.standing = someStanding();
  const made = new Simulation(backend);
  made.target = "coding";
  made.prompt = "Refactor this.";
  return { backend, made };
}

it("lets those who cannot answer fall out one by one, each with its reason", async () => {
  const { made } = simulation();
  await made.run();
  expect(made.out.map(({ target, excluded }) => [target, excluded])).toEqual([
    ["anthropic/claude-sonnet-5", "no_key"],
    ["deepseek/deepseek-v4", "breaker_open"],
  ]);
  expect([made.fallen, made.settled]).toEqual([0, false]);
  await vi.advanceTimersByTimeAsync(200);
  expect([made.fallen, made.settled]).toEqual([1, false]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect([made.fallen, made.settled]).toEqual([2, true]);
  expect(vi.getTimerCount(), "nothing moves any more").toBe(0);
});

it("keeps the order of the ladder among those who are left", async () => {
  const { made } = simulation();
  await made.run();
  const ranks = made.left.map(({ rank }) => rank);
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
});

it("does not move where movement is not wanted", async () => {
  still = true;
  const { made } = simulation();
  await made.run();
  expect(made.settled).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it("shows the answer to the last question, whichever comes back last", async () => {
  const { backend, made } = simulation();
  const slow = backend.simulateRoute.bind(backend);
  const answers: (() => void)[] = [];
  vi.spyOn(backend, "simulateRoute").mockImplementation(async (target, prompt) => {
    await new Promise<void>((done) => answers.push(done));
    return slow(target, prompt);
  });
  const first = made.run();
  made.target = "everyday";
  const second = made.run();
  answers[1]?.();
  await second;
  answers[0]?.();
  await first;
  expect(made.trace?.asked).toBe("everyday");
  expect(made.running).toBe(false);
});

it("says why nothing could be simulated", async () => {
  const { backend, made } = simulation();
  await made.run();
  vi.spyOn(backend, "simulateRoute").mockRejectedValue({ code: "closed", message: "Closing.", action: null });
  await made.run();
  expect(made.trace).toBeNull();
  expect(made.error?.message).toBe("Closing.");
});
