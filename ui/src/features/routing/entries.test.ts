import { expect, it } from "vitest";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { manyRoutes, someRoutes } from "../../backend/fake/routeSeeds";
import { entryOf, groupNames, modelsBehind, routeNames } from "./entries";
import { firstGroup, freeName } from "./firstGroup";
import { findNames, ladderNames, modelNames, targetNames } from "./names";

const ROUTES = someRoutes();
const MODELS = fakeModels(["anthropic", "openai", "gemini", "ollama"].map(fakeProvider));

it("shows an alias by the model behind it, and a model nobody knows by what is written", () => {
  expect(entryOf("cheap", ROUTES, MODELS)).toMatchObject({
    target: "gemini/gemini-3.6-flash",
    name: "Gemini 3.6 Flash",
    alias: "cheap",
    known: true,
  });
  expect(entryOf("acme/some/model", ROUTES, MODELS)).toMatchObject({
    provider: "acme",
    name: "some/model",
    alias: null,
    known: false,
  });
});

it("finds the models behind a group or one of its echelons, aliases resolved and each once", () => {
  expect(modelsBehind("coding.echelon2", ROUTES)).toEqual([
    "deepseek/deepseek-v4",
    "gemini/gemini-3.6-flash",
  ]);
  expect(modelsBehind("coding", ROUTES)).toHaveLength(5);
  expect(modelsBehind("coding.echelon9", ROUTES)).toBeNull();
  expect(modelsBehind("gone", ROUTES)).toBeNull();
});

it("names what can be asked, a group of one echelon only as itself", () => {
  expect(groupNames(ROUTES)).toContain("coding.echelon3");
  expect(groupNames(ROUTES)).not.toContain("long reading.echelon1");
  expect(routeNames(ROUTES)).toEqual(expect.arrayContaining(["rotation", "everyday", "cheap"]));
});

it("makes a first group of the models in use, else of one model of each provider that is ready", () => {
  const used = firstGroup("x", ["openai/gpt-5.6", "gone/model", "anthropic/claude-sonnet-5"], MODELS);
  expect(used?.echelons[0]?.models).toEqual(["openai/gpt-5.6"]);
  expect(used?.echelons[1]?.models[0]).toBe("anthropic/claude-sonnet-5");
  const others = firstGroup("x", [], MODELS);
  expect(others?.echelons.flatMap(({ models }) => models)).toHaveLength(4);
  expect(
    firstGroup(
      "x",
      [],
      MODELS.map((model) => ({ ...model, ready: false })),
    ),
  ).toBeNull();
  expect(freeName("coding", ["coding", "coding-2"])).toBe("coding-3");
});

it("offers for a rung what does not stand there yet, and finds by every word", () => {
  const offered = modelNames(ROUTES, MODELS, ["cheap", "openai/gpt-5.6"]);
  const names = offered.flatMap(({ items }) => items.map(({ name }) => name));
  expect(names).toContain("best");
  expect(names).not.toContain("cheap");
  expect(names).not.toContain("openai/gpt-5.6");
  const found = findNames(offered, "gpt mini").flatMap(({ items }) => items);
  expect(found.map(({ name }) => name)).toEqual(["openai/gpt-5.6-mini"]);
  expect(findNames(offered, "no such model")).toEqual([]);
});

it("gives every name of a list a key of its own, also where a group and a model are called the same", () => {
  const groups = targetNames(manyRoutes(), MODELS);
  const keys = groups.flatMap(({ items }) => items.map(({ key }) => key));
  expect(new Set(keys).size).toBe(keys.length);
  expect(ladderNames(ROUTES, ["coding"]).flatMap(({ items }) => items.map(({ name }) => name))).not.toContain(
    "coding",
  );
});
