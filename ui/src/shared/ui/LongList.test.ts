import { cleanup, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import Long from "./LongList.test.svelte";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** An observer that says what the test has it say. */
function observe() {
  let tell: (isIntersecting: boolean) => void = () => undefined;
  const watched = new Set<Element>();
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(told: (entries: { isIntersecting: boolean }[]) => void) {
        tell = (isIntersecting) => told([{ isIntersecting }]);
      }
      observe = (of: Element) => watched.add(of);
      unobserve = (of: Element) => watched.delete(of);
      disconnect = () => watched.clear();
    },
  );
  return {
    watched,
    say: async (isIntersecting: boolean) => {
      tell(isIntersecting);
      await tick();
    },
  };
}

const rows = () => screen.getAllByRole("listitem").length;

it("puts up the rest as somebody comes near it, and then watches no more", async () => {
  const { watched, say } = observe();
  render(Long, { count: 130 });
  expect(rows()).toBe(60);
  await say(false);
  expect(rows()).toBe(60);
  await say(true);
  expect(rows()).toBe(120);
  await say(true);
  expect([rows(), watched.size]).toEqual([130, 0]);
  expect(screen.getByText("row 129")).toBeTruthy();
});

it("watches nothing where all of it is up", () => {
  const { watched } = observe();
  render(Long, { count: 60 });
  expect([rows(), watched.size]).toEqual([60, 0]);
});
