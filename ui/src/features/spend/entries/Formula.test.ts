import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Formula from "./Formula.svelte";

it("shows a call that was priced at two prices", () => {
  const line = (tokens: number, price: string, usd: string) => ({
    component: "input",
    tokens,
    usd_per_mtok: price,
    usd,
  });
  render(Formula, {
    lines: [line(200_000, "1", "0.2"), line(50_000, "2", "0.1")],
    usd: "0.3",
  });
  expect(screen.getAllByRole("row")).toHaveLength(4);
});
