import { expect, it } from "vitest";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { groupModels, matchModels, retirementOf } from "./find";

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

it("keeps only models that are known to have what is asked for", () => {
  const can = (...needed: ("vision" | "pdf" | "reasoning")[]) =>
    matchModels(models, "", new Set(needed)).map((model) => model.name);
  expect(can("vision", "pdf", "reasoning")).not.toContain("GPT-4.1");
  expect(can("vision", "pdf")).toContain("GPT-4.1");
  const unknown = models.map((model) => ({ ...model, vision: null }));
  expect(matchModels(unknown, "", new Set(["vision" as const]))).toEqual([]);
});

it("tells an announced end that is near from one that is far or past", () => {
  const [model] = models;
  if (model === undefined) throw new Error("there are models");
  const now = Date.parse("2026-11-21");
  const on = (retirement_date: string | null) => retirementOf({ ...model, retirement_date }, now);
  expect([on(null), on("2027-06-01"), on("2026-12-15"), on("2026-11-20")]).toEqual([
    null,
    "later",
    "soon",
    "over",
  ]);
});
