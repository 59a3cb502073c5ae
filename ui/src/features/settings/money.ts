import { digitsOf } from "../../shared/decimal";
import { moneyWords } from "../../shared/i18n/messages/money";

/** Digits of a rate: more than anybody quotes, few enough that products stay short. */
const MOST_DIGITS = 12;

let known: string[] | null = null;

/** Every time zone this machine knows, by its IANA name. */
export function zones(): string[] {
  known ??= [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];
  return known;
}

/** The system's own first, then those whose name holds every word. */
export function matchZones(all: readonly string[], search: string): { key: string }[] {
  const words = search
    .trim()
    .toLowerCase()
    .split(/[\s/_]+/)
    .filter((word) => word !== "");
  const found = all.filter((zone) => {
    const name = zone.toLowerCase();
    return words.every((word) => name.includes(word));
  });
  return [...(words.length === 0 ? ["system"] : []), ...found].map((key) => ({ key }));
}

/** What time it is there now. */
export function timeIn(zone: string): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone, timeZoneName: "shortOffset" }).format(
    Date.now(),
  );
}

export function codeProblem(code: string): string | undefined {
  return /^[a-z]{3}$/i.test(code.trim()) ? undefined : moneyWords().badCode;
}

export const rateOf = (text: string): string => text.trim();

/** A rate is an exact decimal number above zero; commas mean different things to different people. */
export function rateProblem(text: string): string | undefined {
  const digits = digitsOf(rateOf(text));
  if (digits === null) return moneyWords().badRate;
  if (digits.whole === "0" && digits.fraction === "") return moneyWords().zeroRate;
  return digits.whole.length > MOST_DIGITS || digits.fraction.length > MOST_DIGITS
    ? moneyWords().longRate
    : undefined;
}
