import type { SpendSums } from "../../bindings/SpendSums";
import type { SpendView } from "../../bindings/SpendView";
import { usdOf } from "../money";
import type { FakeState } from "../state";
import type { Booked } from "./books";

export type CsvOf = "series" | "ranking" | "hours" | "models" | "entries";

const cell = (value: string | number | null): string => {
  const text = String(value ?? "");
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Nothing at all is known of what only unpriced calls cost. */
const knownUsd = ({ usd, requests, unpriced }: Pick<SpendSums, "usd" | "requests" | "unpriced">) =>
  usd === "0" && requests > 0 && unpriced === requests ? null : usd;

export function csvOf(state: FakeState, view: SpendView, entries: readonly Booked[], what: CsvOf): string {
  const rows: (string | number | null)[][] = [];
  switch (what) {
    case "series":
      rows.push(["from", ...view.series.map(({ of }) => of.name), "total"]);
      view.columns.forEach((at, column) =>
        rows.push([
          new Date(at).toISOString(),
          ...view.series.map(({ values }) => values[column] ?? null),
          view.totals[column] ?? null,
        ]),
      );
      break;
    case "ranking":
      rows.push(["name", "usd", "requests", "input_tokens", "output_tokens", "share_basis_points"]);
      for (const { of, sums, share_basis_points } of view.ranking)
        rows.push([
          of.name,
          knownUsd(sums),
          sums.requests,
          sums.input_tokens,
          sums.output_tokens,
          share_basis_points,
        ]);
      break;
    case "hours":
      rows.push(["weekday", "hour", "usd", "requests", "unpriced"]);
      for (const one of view.hours)
        rows.push([one.weekday, one.hour, knownUsd(one), one.requests, one.unpriced]);
      break;
    case "models":
      rows.push(["model", "requests", "usd_per_request", "average_ms", "picks", "comparisons"]);
      for (const one of view.models)
        rows.push([
          one.of.name,
          one.requests,
          one.usd_per_request,
          one.average_ms,
          one.picks,
          one.comparisons,
        ]);
      break;
    case "entries":
      rows.push(["id", "at", "source", "model", "input_tokens", "output_tokens", "usd"]);
      for (const entry of entries)
        rows.push([
          entry.id,
          new Date(entry.at).toISOString(),
          entry.source,
          state.model(entry.target).target,
          entry.input,
          entry.output,
          entry.pico === null ? null : usdOf(entry.pico),
        ]);
  }
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
