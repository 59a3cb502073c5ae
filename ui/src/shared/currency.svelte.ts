import type { Currency } from "../backend/bindings/Currency";

/** How amounts are written: the sign, how many digits follow the point, and at which rate dollars are converted. */
export interface Display {
  sign: string;
  /** Digits after the point from one whole on. */
  places: number;
  /** How much of it a dollar is; `null`: dollars are shown as they are. */
  perUsd: string | null;
}

const DOLLARS: Display = { sign: "$", places: 2, perUsd: null };

let display = $state.raw<Display>(DOLLARS);

/** How money is shown now; reading it in a component follows changes. */
export function currentDisplay(): Display {
  return display;
}

/** Every amount is shown in this currency from now on. The books, and what is sent to the host, stay in dollars. */
export function showCurrency(currency: Currency | null): void {
  display = currency === null ? DOLLARS : displayOf(currency);
}

export function displayOf({ code, per_usd }: Currency): Display {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency: code });
    const sign = format.formatToParts(0).find(({ type }) => type === "currency")?.value ?? code;
    const places = format.resolvedOptions().maximumFractionDigits ?? DOLLARS.places;
    // A code stands apart from the figure, a sign does not.
    return { sign: /^[A-Z]{3}$/.test(sign) ? `${sign}\u00a0` : sign, places, perUsd: per_usd };
  } catch {
    // No three letters: what was stored by hand is shown all the same.
    return { sign: `${code}\u00a0`, places: DOLLARS.places, perUsd: per_usd };
  }
}
