import { afterEach, describe, expect, it } from "vitest";
import type { WindowFault } from "../backend/backend";
import { watchFaults } from "./faults";

const SECRET = "what somebody wrote";

function watched() {
  const told: WindowFault[] = [];
  const page = new EventTarget();
  const end = watchFaults({ reportFault: (fault) => Promise.resolve(void told.push(fault)) }, page);
  return { told, page, end };
}

const failure = () =>
  new ErrorEvent("error", {
    message: SECRET,
    filename: "tauri://localhost/assets/index-BX7.js?v=1",
    lineno: 12,
    colno: 7,
    error: new TypeError(SECRET),
  });

let end: () => void = () => undefined;
afterEach(() => end());

describe("what nobody catches", () => {
  it("is told by its kind and its place, and not by what it says", () => {
    const page = watched();
    end = page.end;
    page.page.dispatchEvent(failure());
    const rejected = new Event("unhandledrejection");
    Object.assign(rejected, { reason: new RangeError(SECRET) });
    page.page.dispatchEvent(rejected);
    expect(page.told).toEqual([
      { kind: "error", name: "TypeError", source: "index-BX7.js", line: 12, column: 7 },
      { kind: "rejection", name: "RangeError", source: "", line: 0, column: 0 },
    ]);
    expect(JSON.stringify(page.told)).not.toContain(SECRET);
  });

  it("is told so often and no more", () => {
    const page = watched();
    end = page.end;
    for (let times = 0; times < 50; times += 1) page.page.dispatchEvent(failure());
    expect(page.told).toHaveLength(20);
  });
});
