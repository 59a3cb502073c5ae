import { prices } from "./messages/prices";

/** What a price is for, in words: `tiers.200000.output` is the answer above 200,000 tokens. */
export function priceField(field: string): string {
  const words = prices();
  const [, above, rest] = /^tiers\.(\d+)\.(.+)$/.exec(field) ?? [];
  if (above !== undefined && rest !== undefined)
    return words.fieldAbove(Number(above).toLocaleString("en-US"), priceField(rest));
  if (field === "input") return words.fieldInput;
  if (field === "output") return words.fieldOutput;
  if (field === "cache_read") return words.fieldCacheRead;
  if (field.startsWith("cache_write")) return words.fieldCacheWrite;
  if (field.startsWith("audio")) return words.fieldAudio;
  return field === "per_request_usd" ? words.fieldRequest : field;
}
