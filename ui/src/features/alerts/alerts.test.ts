import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import { priceAlert, spikeAlert } from "../../backend/fake/alertSeeds";
import { speak } from "../../shared/i18n/language.svelte";
import { toasts } from "../../shared/ui/toasts.svelte";
import { Alerts } from "./alerts.svelte";
import { dayAround } from "./day";
import { subjectOf } from "./subject";

const NOON = Date.UTC(2026, 10, 19, 12);
const price = (id: string) => priceAlert(id, "openai/gpt-5.6", "GPT-5.6", NOON);
const spike = (id: string) => spikeAlert(id, "openai/gpt-5.6", "GPT-5.6", NOON);

function watched(backend: FakeBackend = createFakeBackend()) {
  const lead = vi.fn();
  return { backend, lead, alerts: new Alerts(backend, lead) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  for (const { id } of [...toasts.shown]) toasts.close(id);
});

describe("what is told", () => {
  it("is told once, whoever raises it again", async () => {
    const { backend, alerts } = watched();
    await alerts.load();
    backend.state.alerts.raise(price("a"));
    backend.state.alerts.raise(price("a"));
    await alerts.load();
    expect(toasts.shown).toHaveLength(1);
    expect(alerts.unseen.map(({ id }) => id).filter((id) => id === "a")).toHaveLength(1);
  });

  it("is not told when it was there before the window", async () => {
    const { backend, alerts } = watched();
    backend.state.alerts.list = [spike("old")];
    await alerts.load();
    expect(toasts.shown).toEqual([]);
    expect([alerts.unseen.length, alerts.level]).toEqual([1, "critical"]);
  });

  it("stays on screen while it is urgent, and goes by itself when it is not", async () => {
    const { backend, alerts } = watched();
    await alerts.load();
    backend.state.alerts.raise(price("warning"));
    backend.state.alerts.raise(spike("urgent"));
    expect(toasts.shown.map(({ tone }) => tone)).toEqual(["warn", "bad"]);
    vi.advanceTimersByTime(60_000);
    expect(toasts.shown.map(({ tone }) => tone)).toEqual(["bad"]);
  });

  it("is only heard where it is a note, or one of many at once", async () => {
    const { backend, alerts } = watched();
    await alerts.load();
    backend.state.alerts.raise({ ...price("note"), level: "info", aloud: false });
    expect(toasts.shown).toEqual([]);
    expect(alerts.heard).toBe("GPT-5.6 has become dearer");
    for (const id of ["1", "2", "3", "4", "5"]) backend.state.alerts.raise(spike(id));
    expect(toasts.shown, "more would cover the window").toHaveLength(3);
    expect(alerts.unseen).toHaveLength(6);
  });

  it("is told where the host says so, also of what is only good to know", async () => {
    const { backend, alerts } = watched();
    await alerts.load();
    backend.state.alerts.raise({ ...price("cheaper"), level: "info" });
    expect(toasts.shown.map(({ tone }) => tone)).toEqual(["plain"]);
  });

  it("is worded for the desktop in the window's language, where it is told by itself", async () => {
    const { backend, alerts } = watched();
    await alerts.load();
    speak("zh");
    backend.state.alerts.raise(spike("loud"));
    backend.state.alerts.raise({ ...price("note"), aloud: false });
    backend.state.alerts.raise({ ...price("old"), seen: true });
    await vi.advanceTimersByTimeAsync(1_000);
    speak("en");
    expect(backend.state.alerts.worded).toEqual([
      {
        id: "loud",
        title: "GPT-5.6 今天的花费是平常一天的 6.2 倍",
        body: "目前为 $18.61，最近四周平常一天为 $2.99。",
        open: "查看花费",
      },
    ]);
  });

  it("is seen by whoever goes there, and its toast goes", async () => {
    const { backend, lead, alerts } = watched();
    await alerts.load();
    backend.state.alerts.raise(spike("a"));
    toasts.shown[0]?.action?.run();
    expect(lead).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: "a" }));
    await vi.waitFor(() => expect(alerts.unseen).toEqual([]));
    expect(toasts.shown).toEqual([]);
  });

  it("can all be marked as seen", async () => {
    const { backend, alerts } = watched();
    backend.state.alerts.list = [spike("a"), price("b")];
    await alerts.load();
    await alerts.see();
    expect([alerts.unseen, alerts.level]).toEqual([[], null]);
    expect(alerts.list).toHaveLength(2);
  });

  it("says why it cannot be listed, and is watched once it can", async () => {
    const { backend, alerts } = watched();
    const watch = vi.spyOn(backend, "watchAlerts").mockRejectedValueOnce(new Error("closing"));
    await alerts.load();
    expect(alerts.error?.message).toBe("closing");
    await alerts.load();
    await alerts.load();
    expect(alerts.error).toBeNull();
    expect(watch, "one channel is enough").toHaveBeenCalledTimes(2);
  });
});

describe("the day of a spike", () => {
  it("begins and ends at midnight of the zone, whatever is done to its clocks", () => {
    expect(dayAround(NOON, "UTC")).toEqual({
      from: Date.UTC(2026, 10, 19),
      until: Date.UTC(2026, 10, 20),
    });
    expect(dayAround(NOON, "Asia/Kathmandu").from).toBe(Date.UTC(2026, 10, 18, 18, 15));
    const hours = ({ from, until }: { from: number; until: number }) => (until - from) / 3_600_000;
    expect(hours(dayAround(Date.UTC(2026, 2, 29, 12), "Europe/Berlin"))).toBe(23);
    expect(hours(dayAround(Date.UTC(2026, 9, 25, 12), "Europe/Berlin"))).toBe(25);
    expect(hours(dayAround(Date.UTC(2026, 9, 25, 23, 30), "Europe/Berlin"))).toBe(24);
  });

  it("leads to what was spent then on what it is about", () => {
    const of = (subject: string) => {
      const found = subjectOf({ ...spike("a"), subject }, "UTC");
      if (found.to !== "spend") throw new Error("a spike leads to what was spent");
      const { range, by, models, providers } = found.filter;
      return { range: range.kind, by, models, providers };
    };
    expect(of("openai/gpt-5.6")).toEqual({
      range: "between",
      by: "conversation",
      models: ["openai/gpt-5.6"],
      providers: [],
    });
    expect(of("openai")).toMatchObject({ by: "model", models: [], providers: ["openai"] });
    expect(of("")).toMatchObject({ by: "model", models: [], providers: [] });
  });
});
