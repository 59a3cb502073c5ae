import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Countdown } from "./countdown.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("counts whole seconds down to the moment and not beyond it", () => {
  const countdown = new Countdown();
  const stop = countdown.until(Date.now() + 2_400);
  expect(countdown.leftMs).toBe(3_000);
  vi.advanceTimersByTime(1_500);
  expect(countdown.leftMs).toBe(1_000);
  vi.advanceTimersByTime(1_000);
  expect(countdown.leftMs, "no negative seconds are shown").toBeNull();
  stop();
});

it("says nothing of a moment that is past, and stops when it is told", () => {
  const countdown = new Countdown();
  countdown.until(Date.now() - 1)();
  expect(countdown.leftMs).toBeNull();
  countdown.until(Date.now() + 60_000)();
  expect(vi.getTimerCount(), "nothing goes on ticking").toBe(0);
});
