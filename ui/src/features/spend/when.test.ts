import { expect, it } from "vitest";
import { isoDay } from "../../shared/dateFormat";
import { span } from "./when";

const calendar = { zone: "UTC", locale: "en" };
const NINE = Date.UTC(2026, 10, 20, 9);
const HOUR = 3_600_000;

it("tells a range by its days, and less than a day by its minutes too", () => {
  expect(span(NINE - 9 * HOUR, NINE + 15 * HOUR, calendar)).toBe("20 Nov 2026");
  expect(span(NINE, NINE + HOUR, calendar)).toBe("20 Nov 2026, 09:00–09:59");
  const week = span(Date.UTC(2026, 10, 16), Date.UTC(2026, 10, 23), calendar);
  expect(week).toMatch(/^16\s?–\s?22 Nov 2026$/);
});

it("names the day of the host's zone for a field of dates", () => {
  const late = Date.UTC(2026, 10, 21, 23, 30);
  expect([isoDay(late, "UTC"), isoDay(late, "Asia/Kathmandu")]).toEqual(["2026-11-21", "2026-11-22"]);
});

it("takes a day of 23 hours for a day", () => {
  const [from, until] = [Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 22)];
  expect(span(from, until, { zone: "Europe/Berlin", locale: "en" })).toBe("29 Mar 2026");
});
