import { expect, it } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { byModel, PriceCatalogue } from "./catalogue.svelte";
import { priceField } from "../../shared/i18n/priceField";

function opened() {
  const backend = createFakeBackend();
  backend.state.providers = ["openai", "deepseek", "gemini"].map(fakeProvider);
  let changes = 0;
  const catalogue = new PriceCatalogue(backend, () => {
    changes += 1;
    return Promise.resolve();
  });
  return { backend, catalogue, changes: () => changes };
}

it("keeps the changes of one model together, because they are decided together", () => {
  const change = (target: string, field: string) => ({
    target,
    field,
    before: "1",
    after: "100",
    reason: "",
  });
  const held = byModel([change("a/x", "input"), change("b/y", "input"), change("a/x", "output")]);
  expect(held.map(({ target, changes }) => [target, changes.length])).toEqual([
    ["a/x", 2],
    ["b/y", 1],
  ]);
});

it.each([
  ["input", "Prompt"],
  ["cache_write_1h", "Written to a cache"],
  ["tiers.200000.output", "Answer, above 200,000 tokens"],
  ["something_new", "something_new"],
])("calls the price %s “%s”", (field, words) => expect(priceField(field)).toBe(words));

it("takes a list over but for what looks wrong, and that only once it is accepted", async () => {
  const { backend, catalogue, changes } = opened();
  await catalogue.load();
  expect(catalogue.view?.stale).toBe(true);
  await catalogue.update();
  expect([catalogue.fetched, catalogue.view?.stale, catalogue.held.length]).toEqual([true, false, 3]);
  expect(backend.state.model("openai/gpt-5.6").price?.input, "held back").toBe("1.75");
  await catalogue.accept(["openai/gpt-5.6"]);
  expect(catalogue.held).toHaveLength(2);
  expect(catalogue.changes.map((model) => model.target)).toEqual([
    "anthropic/claude-haiku-5",
    "xai/grok-5-fast",
  ]);
  await catalogue.dismiss(catalogue.held.map((model) => model.target));
  expect(catalogue.held, "the known prices stay").toHaveLength(0);
  expect(backend.state.model("deepseek/deepseek-v4").price?.output).not.toBe("42");
  expect(backend.state.model("openai/gpt-5.6").price).toMatchObject({ input: "0.0175", origin: "update" });
  expect(changes()).toBe(2);
});

it("says why a list did not come, and keeps what was known", async () => {
  const { backend, catalogue, changes } = opened();
  await catalogue.load();
  backend.state.prices.fails = "The price list could not be fetched.";
  await catalogue.update();
  expect(catalogue.error?.message).toBe("The price list could not be fetched.");
  expect([catalogue.fetched, catalogue.busy, changes()]).toEqual([false, false, 0]);
  expect(catalogue.view?.models).toBe(502);
});
