import { expect, it } from "vitest";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { groupModels, matchModels } from "./find";

const models = fakeModels(["demo", "openai", "anthropic"].map(fakeProvider));
const targets = (search: string) => matchModels(models, search).map((model) => model.target);

it("finds by every word, wherever it stands", () => {
  expect(targets("claude haiku")).toEqual(["anthropic/claude-haiku-4.5"]);
  expect(targets("MINI openai")).toEqual(["openai/gpt-5.6-mini"]);
  expect(targets("")).toHaveLength(models.length);
  expect(targets("claude gpt")).toEqual([]);
});

it("offers the demo after what can really be asked, and what needs a key last", () => {
  const locked = models.map((model) => (model.provider === "openai" ? { ...model, ready: false } : model));
  expect(groupModels(locked).map((group) => group.key)).toEqual(["anthropic", "demo", "openai"]);
});
