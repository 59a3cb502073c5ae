import { afterEach, expect, it, vi } from "vitest";
import { dateFormat, isoDay } from "./dateFormat";

const Real = Intl.DateTimeFormat;

/** As engines are that know zones by their names alone. */
function withoutOffsets() {
  class Named extends Real {
    constructor(locale?: string | string[], options?: Intl.DateTimeFormatOptions) {
      if (/^[+-]/.test(options?.timeZone ?? "")) throw new RangeError("Invalid time zone");
      super(locale, options);
    }
  }
  vi.stubGlobal("Intl", { ...Intl, DateTimeFormat: Named });
}

afterEach(() => vi.unstubAllGlobals());

it("tells the time of a zone that has no name, whatever the engine knows", () => {
  withoutOffsets();
  const late = Date.UTC(2026, 10, 21, 18, 45);
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  expect(dateFormat("en", { ...clock, timeZone: "+05:30" }).format(late)).toBe("00:15");
  expect(dateFormat("en", { ...clock, timeZone: "-03:30" }).formatRange(late, late + 60_000)).toBe(
    "15:15–15:16",
  );
  expect(isoDay(late, "+05:30")).toBe("2026-11-22");
});

it("takes the machine's zone where the host's is one the engine has not heard of", () => {
  const at = Date.UTC(2026, 10, 21, 12);
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", hour: "2-digit" };
  const unheard = dateFormat("en", { ...day, timeZone: "Moon/Tranquility" });
  expect(unheard.format(at)).toBe(dateFormat("en", day).format(at));
});
