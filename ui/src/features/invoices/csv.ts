import type { InvoiceView } from "../../backend/bindings/InvoiceView";

type Cell = string | number | boolean | null;

const COLUMNS = [
  "day",
  "model",
  "agreement",
  "invoiced_usd",
  "booked_usd",
  "difference_usd",
  "corrected_usd",
  "invoiced_requests",
  "booked_requests",
  "unpriced_requests",
  "invoiced_input_tokens",
  "booked_input_tokens",
  "invoiced_output_tokens",
  "booked_output_tokens",
  "sure",
];

/** Every day and model, exact, as the command line names the columns. */
export function csvOf(view: InvoiceView): string {
  const lines = view.rows.map((row): Cell[] => [
    row.day,
    row.model,
    row.agreement,
    row.invoiced_usd,
    row.booked_usd,
    row.difference_usd,
    row.corrected_usd,
    row.invoiced_requests,
    row.booked_requests,
    row.unpriced,
    row.invoiced_tokens[0],
    row.booked_tokens[0],
    row.invoiced_tokens[1],
    row.booked_tokens[1],
    row.sure,
  ]);
  return [COLUMNS, ...lines].map((line) => line.map(cell).join(",")).join("\n") + "\n";
}

/** A field that a spreadsheet would take for a formula begins with an apostrophe: names of models come from outside. */
function cell(value: Cell): string {
  if (value === null) return "";
  const text = String(value);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A name for the file that says whose and of when. */
export const csvName = ({ head, first_day, last_day }: InvoiceView): string =>
  `roundtable-invoice-${head.provider}-${first_day}-${last_day}.csv`;
