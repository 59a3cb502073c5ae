import { expect, it } from "vitest";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { isShown, rowsInView, type Shown } from "./modelList";

it("puts the rows in view and a few beyond into the page, at both ends too", () => {
  expect(rowsInView(500, 0, 520, 52)).toEqual({ start: 0, end: 16 });
  expect(rowsInView(500, 5_200, 520, 52)).toEqual({ start: 94, end: 116 });
  expect(rowsInView(500, 26_000, 520, 52)).toEqual({ start: 494, end: 500 });
  expect(rowsInView(3, 0, 520, 52)).toEqual({ start: 0, end: 3 });
  // A list that became short while it was scrolled far down.
  expect(rowsInView(3, 26_000, 520, 52)).toEqual({ start: 3, end: 3 });
});

it("keeps to the prices asked for", () => {
  const models = fakeModels(["openai", "ollama", "gemini"].map(fakeProvider)).map((model) =>
    model.model === "gpt-5.6" && model.price !== null
      ? { ...model, price: { ...model.price, origin: "own" as const } }
      : model,
  );
  const names = (shown: Shown) =>
    models.filter((model) => isShown(model, shown, Date.parse("2026-11-21"))).map((model) => model.model);
  expect(names("all")).toHaveLength(models.length);
  expect(names("own")).toEqual(["gpt-5.6"]);
  expect(names("updated")).toEqual([]);
  expect(names("unpriced")).toEqual(["qwen3:8b"]);
  expect(names("tiered")).toEqual(["gpt-4.1", "gemini-3.6-pro", "gemini-3.6-flash"]);
  expect(names("retiring")).toEqual(["gpt-4.1"]);
});
