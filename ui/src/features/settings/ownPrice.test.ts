import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { OwnPriceForm, readAmount } from "./ownPrice.svelte";

function opened(target = "openai/gpt-5.6") {
  const backend = createFakeBackend();
  backend.state.providers = [fakeProvider("openai")];
  return { backend, form: new OwnPriceForm(backend, backend.state.model(target), () => Promise.resolve()) };
}

it.each([
  ["1.75", "1.75"],
  [" $ 0.000001 ", "0.000001"],
  ["9007199254740993.1", "9007199254740993.1"],
  ["1.7500000000", "1.7500000000"],
  ["0", "0"],
  ["", null],
])("reads “%s” as the exact amount %s", (text, amount) => expect(readAmount(text)).toEqual({ amount }));

it.each(["1,75", "-1", "1.", ".5", "1e3", "NaN", "1 000", "0.0000001"])("refuses “%s”", (text) => {
  expect(readAmount(text)).toHaveProperty("problem");
});

it("sends what was typed, digit by digit, and leaves empty kinds as they are known", async () => {
  const { backend, form } = opened();
  const set = vi.spyOn(backend, "setOwnPrice");
  form.texts.input = "$1.234567";
  form.texts.output = "20";
  expect(await form.save()).toBe(true);
  expect(set).toHaveBeenCalledWith("openai/gpt-5.6", {
    input: "1.234567",
    output: "20",
    cache_read: null,
    cache_write: null,
  });
  expect(form.isOwn).toBe(true);
});

it("does not lose an own price for the cache when another one is changed later", async () => {
  const { backend, form } = opened();
  Object.assign(form.texts, { input: "1", output: "2", cache_read: "0.125" });
  await form.save();
  const later = new OwnPriceForm(backend, backend.state.model("openai/gpt-5.6"), () => Promise.resolve());
  later.texts.output = "3";
  await later.save();
  expect(backend.state.ownPrices.get("openai/gpt-5.6")).toMatchObject({ output: "3", cache_read: "0.125" });
});

it("asks for both prices, and only once it was tried", async () => {
  const { backend, form } = opened();
  const set = vi.spyOn(backend, "setOwnPrice");
  form.texts.input = "1";
  expect(form.problems).toEqual({});
  expect(await form.save()).toBe(false);
  expect(Object.keys(form.problems)).toEqual(["output"]);
  expect(set).not.toHaveBeenCalled();
});

it("goes back to the list price, and hints at it", async () => {
  const { form } = opened();
  Object.assign(form.texts, { input: "1", output: "2" });
  await form.save();
  expect(await form.revert()).toBe(true);
  expect([form.isOwn, form.texts.input, form.known("input"), form.known("cache_write")]).toEqual([
    false,
    "",
    "1.75",
    "as known",
  ]);
});
