import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { Live, LOOK_EVERY_MS } from "./live.svelte";

let visible: DocumentVisibilityState = "visible";

beforeEach(() => {
  vi.useFakeTimers();
  visible = "visible";
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visible);
});
afterEach(() => vi.useRealTimers());

function show(state: DocumentVisibilityState): void {
  visible = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

it("looks at once and every two seconds while the page is visible, and not at all when it is not", async () => {
  const backend = createFakeBackend();
  const looked = vi.spyOn(backend, "routingState");
  const stop = new Live(backend).watch();
  await vi.advanceTimersByTimeAsync(0);
  expect(looked).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(3 * LOOK_EVERY_MS);
  expect(looked).toHaveBeenCalledTimes(4);
  show("hidden");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looked, "nobody looks").toHaveBeenCalledTimes(4);
  show("visible");
  await vi.advanceTimersByTimeAsync(0);
  expect(looked).toHaveBeenCalledTimes(5);
  stop();
  show("hidden");
  show("visible");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looked, "the room was left").toHaveBeenCalledTimes(5);
});

it("does not ask a slow host twice at once", async () => {
  const backend = createFakeBackend({ delayMs: 5_000 });
  const looked = vi.spyOn(backend, "routingState");
  const stop = new Live(backend).watch();
  await vi.advanceTimersByTimeAsync(2 * LOOK_EVERY_MS);
  expect(looked).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(LOOK_EVERY_MS);
  expect(looked).toHaveBeenCalledTimes(2);
  stop();
});

it("keeps what it saw last when a look fails, and says why", async () => {
  const backend = createFakeBackend();
  const live = new Live(backend);
  await live.look();
  const seen = live.state;
  backend.state.standing.fails = "The program is closing.";
  await live.look();
  expect(live.error?.message).toBe("The program is closing.");
  expect(live.state).toBe(seen);
  backend.state.standing.fails = null;
  await live.look();
  expect(live.error).toBeNull();
});
