import { expect, it } from "vitest";
import { THIS_MONTH } from "../../backend/blankFilter";
import { createFakeBackend } from "../../backend/fake/backend";
import type { SpendModel } from "../../backend/bindings/SpendModel";
import type { SpendName } from "../../backend/bindings/SpendName";
import type { SpendView } from "../../backend/bindings/SpendView";
import type { Takeaway } from "../../backend/bindings/Takeaway";
import { sayChart, sayHour, sayHours, sayModels } from "./sayings";

const calendar = { zone: "UTC", locale: "en" };
const of: SpendName = { name: "openai", label: "OpenAI", provider: "openai", gone: false };

async function said(takeaway: Takeaway, change: Partial<typeof THIS_MONTH> = {}): Promise<string> {
  const view: SpendView = { ...(await createFakeBackend().spend(THIS_MONTH)), step: "day", takeaway };
  return sayChart(view, { ...THIS_MONTH, ...change }, calendar);
}

it("puts what a chart shows in a sentence", async () => {
  expect(await said({ kind: "nothing" })).toBe("Nothing was booked in this time.");
  expect(await said({ kind: "mostly", of, share_basis_points: 7_100 })).toBe("OpenAI is 71 % of the cost.");
  expect(await said({ kind: "mostly", of, share_basis_points: 10_000 })).toBe("Everything here is OpenAI.");
  expect(await said({ kind: "changed", percent: 250, of })).toMatch(/^2\.5 times as much .* OpenAI/);
  expect(await said({ kind: "changed", percent: 160, of })).toMatch(/^60 % more/);
  expect(await said({ kind: "changed", percent: 40, of })).toMatch(/^60 % less/);
  expect(await said({ kind: "peak", at: Date.UTC(2026, 10, 12), share_basis_points: 3_400, of })).toBe(
    "34 % of the cost fell on Thu, 12 Nov 2026, most of that on OpenAI.",
  );
  expect(
    await said(
      { kind: "spread", of, share_basis_points: 2_800, count: 8 },
      { measure: "tokens", by: "provider" },
    ),
  ).toBe("Spread over 8 providers; the largest is OpenAI with 28 % of the tokens.");
});

it("does not call free what has no price", async () => {
  const view = await createFakeBackend().spend(THIS_MONTH);
  const said = (requests: number, unpriced: number, measure: "cost" | "tokens" = "cost") => {
    const range = { ...view.figures.range, requests, unpriced };
    const of = { ...view, figures: { ...view.figures, range }, takeaway: { kind: "nothing" as const } };
    return sayChart(of, { ...THIS_MONTH, measure }, calendar);
  };
  expect(said(3, 0)).toBe("Requests were made in this time, and none of them cost anything.");
  expect(said(3, 3)).toBe("Requests were made in this time, and none of them has a price.");
  expect(said(3, 1)).toBe("1 of 3 requests in this time have no price; the others cost nothing.");
});

it("names nothing that is not known", async () => {
  expect(await said({ kind: "changed", percent: 250, of: null }, { by: "conversation" })).toBe(
    "2.5 times as much as in the same part of the time before.",
  );
  expect(await said({ kind: "peak", at: Date.UTC(2026, 10, 12), share_basis_points: 3_400, of: null })).toBe(
    "34 % of the cost fell on Thu, 12 Nov 2026.",
  );
  expect(await said({ kind: "nothing" }, { by: "conversation", measure: "latency" })).toMatch(
    /not kept by conversation/,
  );
});

it("makes no subject of what has no name", async () => {
  const none: SpendName = { name: "", label: "", provider: null, gone: false };
  expect(
    await said({ kind: "mostly", of: none, share_basis_points: 7_600 }, { by: "tag", measure: "tokens" }),
  ).toBe("76 % of the tokens is without a tag.");
});

it("says who is slow, for means are no shares", async () => {
  expect(await said({ kind: "mostly", of, share_basis_points: 9_000 }, { measure: "latency" })).not.toContain(
    "90 %",
  );
});

it("names the busiest hour by cost, and by requests where nothing cost anything", () => {
  const hours = [
    { weekday: 1, hour: 9, usd: "1", requests: 9, unpriced: 0 },
    { weekday: 2, hour: 14, usd: "3", requests: 2, unpriced: 0 },
  ];
  expect(sayHours(hours, "en")).toBe("The busiest hour is Tuesday at 14:00: 75 % of the cost.");
  const free = hours.map((hour) => ({ ...hour, usd: "0" }));
  expect(sayHours(free, "en")).toBe("The busiest hour is Monday at 09:00 with 9 requests.");
});

it("says of an hour what it cost, and calls free only what is known to be", () => {
  const hour = { weekday: 2, hour: 14, usd: "0", requests: 3, unpriced: 0 };
  const said = (change: Partial<typeof hour>) => sayHour({ ...hour, ...change }, 2, 14, "en");
  expect(said({ usd: "0.5" })).toBe("Tuesday 14:00: $0.50, 3 requests");
  expect(said({ usd: "0.5", unpriced: 1 })).toBe("Tuesday 14:00: $0.50+, 3 requests");
  expect(said({ unpriced: 3 })).toBe("Tuesday 14:00: unpriced, 3 requests");
  expect(said({})).toBe("Tuesday 14:00: free, 3 requests");
  expect(sayHour(undefined, 2, 14, "en")).toBe("Tuesday 14:00: nothing, 0 requests");
});

const model = (label: string, change: Partial<SpendModel>): SpendModel => ({
  of: { name: `x/${label}`, label, provider: "x", gone: false },
  requests: 10,
  usd_per_request: "0.01",
  average_ms: 2_000,
  picks: 0,
  comparisons: 0,
  ...change,
});

it("weighs votes only where there are enough of them", () => {
  const dear = model("Dear", { usd_per_request: "0.05", picks: 8, comparisons: 10 });
  const cheap = model("Cheap", { usd_per_request: "0.001", picks: 2, comparisons: 10 });
  expect(sayModels([dear, cheap])).toBe(
    "Dear is picked in 80 % of its comparisons at $0.05 a request; Cheap is cheapest with $0.001.",
  );
  const once = model("Dear", { usd_per_request: "0.05", picks: 1, comparisons: 1, average_ms: 900 });
  expect(sayModels([once, cheap])).not.toContain("Dear is picked");
  expect(sayModels([model("Free", { usd_per_request: null })])).toMatch(/^No request/);
  expect(sayModels([model("Old", { average_ms: null })])).toMatch(/not any more how long/);
});
