import type { CostView } from "../bindings/CostView";
import type { ModelView } from "../bindings/ModelView";

const PICO = 1_000_000_000_000n;

/** An exact decimal string as whole pico-dollars. */
export function picoOf(usd: string): bigint {
  const [whole = "0", fraction = ""] = usd.split(".");
  return BigInt(whole) * PICO + BigInt(fraction.padEnd(12, "0").slice(0, 12));
}

export function usdOf(pico: bigint): string {
  const fraction = (pico % PICO).toString().padStart(12, "0").replace(/0+$/, "");
  return fraction === "" ? (pico / PICO).toString() : `${(pico / PICO).toString()}.${fraction}`;
}

/** The price of a call as the real ledger would book it; unknown without a price. */
export function costOf(model: ModelView, input: number, output: number, complete: boolean): CostView {
  const base = {
    provenance: complete ? ("computed" as const) : ("estimated" as const),
    price_date: model.price?.date ?? null,
    at_least: false,
    simulated: model.simulated,
  };
  if (model.price === null) return { ...base, usd: null, provenance: null, lines: [] };
  // One dollar per million tokens is a millionth of a dollar a token.
  const inputPico = (BigInt(input) * picoOf(model.price.input)) / 1_000_000n;
  const outputPico = (BigInt(output) * picoOf(model.price.output)) / 1_000_000n;
  return {
    ...base,
    usd: usdOf(inputPico + outputPico),
    lines: [
      { component: "input", tokens: input, usd_per_mtok: model.price.input, usd: usdOf(inputPico) },
      { component: "output", tokens: output, usd_per_mtok: model.price.output, usd: usdOf(outputPico) },
    ],
  };
}
