import { afterEach, expect, it } from "vitest";
import { someAdvice } from "../../backend/fake/analysis/advice";
import { speak } from "../../shared/i18n/language.svelte";
import { sayAdvice, sayModels } from "./sayings";
import { someModel } from "./some.test-support";

afterEach(() => speak("en"));

const good = someModel({ label: "Good", target: "a/good", perDay: 30 });
const poor = someModel({ label: "Poor", target: "a/poor", perDay: 30, failures: { timeout: 100 } });
const worse = someModel({ label: "Worse", target: "a/worse", perDay: 30, failures: { timeout: 200 } });
const few = someModel({ label: "Few", target: "a/few", perDay: 1, failures: { network: 34 } });
const demo = someModel({ label: "Scholar", target: "demo/x", simulated: true, failures: { timeout: 900 } });

it("names who is furthest below the target, beyond chance", () => {
  expect(sayModels([good, poor], 0.99)).toBe("Poor answered 90 % of its calls, below 99 %.");
  expect(sayModels([good, poor, worse], 0.99)).toBe("2 models are below 99 %: Worse the furthest with 80 %.");
});

it("accuses nobody whom so few calls may wrong", () => {
  expect(few.success.verdict).toBe("unsure");
  expect(sayModels([good, few], 0.99)).toBe(
    "No model is below 99 % beyond chance; 1 model just below it may be there by chance.",
  );
});

it("says that all is well, and of whom", () => {
  expect(sayModels([good], 0.99)).toBe("Good answered 100 % of its calls; 99 % is the target.");
  expect(sayModels([good, { ...good, target: "a/other" }], 0.99)).toBe(
    "Each of 2 models answered at least 99 % of its calls.",
  );
});

it("lets invented calls speak only among themselves", () => {
  expect(sayModels([good, demo], 0.99)).toBe("Good answered 100 % of its calls; 99 % is the target.");
  expect(sayModels([demo], 0.99)).toContain("Scholar answered 10 %");
});

it("counts what a press does and what is for a person, and what all of it saves", () => {
  const open = someAdvice().filter(({ dismissed }) => !dismissed);
  expect(sayAdvice(open)).toBe(
    "4 changes can be made here; 3 are for you to do. Together they would save up to $5.42 in 30 days.",
  );
  const own = open.filter(({ change }) => change.length === 0);
  expect(sayAdvice(own.slice(0, 1))).toBe("One thing is for you to do.");
  speak("zh");
  expect(sayAdvice(open)).toBe("4 项更改可在此完成；3 项需要您来做。合计 30 天内最多可节省 $5.42。");
});
