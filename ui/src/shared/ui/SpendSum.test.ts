import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Spend } from "../../backend/bindings/Spend";
import SpendSum from "./SpendSum.svelte";

// jsdom lays nothing out, so there is nothing to observe.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

afterEach(cleanup);

const none: Spend = {
  usd: "0",
  simulated_usd: "0",
  estimated: false,
  at_least: false,
  unpriced_calls: 0,
  calls: 0,
  simulated_calls: 0,
};
const words = { label: "What this has cost", note: "Everything in it." };

async function opened(props: { spend: Spend; booked?: Spend; onreplay?: () => void }) {
  render(SpendSum, { props: { ...words, ...props } });
  const button = screen.getByRole("button");
  await fireEvent.click(button);
  return { short: button.textContent.replace(/\s+/g, " ").trim(), panel: await screen.findByRole("dialog") };
}

it("is a button that tells the exact amounts of both worlds apart", async () => {
  const { short, panel } = await opened({
    spend: { ...none, usd: "0.051234567891", calls: 2, simulated_usd: "0.0000024", simulated_calls: 1 },
  });
  expect(short).toBe("$0.051 + demo");
  expect(panel.textContent).toContain("$0.051234567891");
  expect(panel.textContent).toContain("$0.0000024");
});

it("keeps the mark of an amount that is the least", async () => {
  const { short, panel } = await opened({ spend: { ...none, usd: "0.05", calls: 1, at_least: true } });
  expect(short).toBe("≥ $0.05");
  expect(panel.textContent).toContain("≥ $0.05");
  expect(panel.textContent).toContain("fees outside tokens may come on top");
});

it("says what is booked under a folder's name where that is another sum", async () => {
  const spend = { ...none, usd: "3", calls: 1 };
  const { short, panel } = await opened({ spend, booked: { ...none, usd: "5", calls: 2 } });
  expect(short).toBe("$3.00");
  expect(panel.textContent).toContain("Booked under this name");
  expect(panel.textContent).toContain("$5");
});

it("asks for other models on the way out, and says nothing where nothing was spent", async () => {
  const onreplay = vi.fn();
  await opened({ spend: { ...none, usd: "1", calls: 1 }, onreplay });
  await fireEvent.click(screen.getByRole("button", { name: "On other models" }));
  expect(onreplay).toHaveBeenCalledOnce();
  cleanup();
  render(SpendSum, { props: { ...words, spend: none } });
  expect(screen.queryByRole("button")).toBeNull();
});
