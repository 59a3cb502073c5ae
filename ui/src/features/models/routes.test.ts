import { expect, it } from "vitest";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { createFakeBackend } from "../../backend/fake/backend";
import { someRoutes } from "../../backend/fake/routeSeeds";
import { matchRoutes, routeChoices } from "./routes";

const models = fakeModels(["openai", "anthropic", "gemini", "deepseek"].map(fakeProvider));

async function choices() {
  const backend = createFakeBackend();
  backend.state.routing = someRoutes();
  return routeChoices(await backend.routes(), models);
}

it("offers auto without any file, and while the files are not known", () => {
  expect(routeChoices(null, models).map(({ target }) => target)).toEqual(["auto"]);
});

it("offers pools, groups with each of their rungs, and aliases, the widest first", async () => {
  const offered = await choices();
  expect(offered.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
    "auto auto",
    "pool rotation",
    "group coding",
    "echelon coding.echelon1",
    "echelon coding.echelon2",
    "echelon coding.echelon3",
    "group everyday",
    "echelon everyday.echelon1",
    "echelon everyday.echelon2",
    "group long reading",
    "alias cheap",
    "alias best",
  ]);
});

it("names the models behind a route and reads aliases", async () => {
  const second = (await choices()).find(({ target }) => target === "coding.echelon2");
  expect(second?.about).toBe("DeepSeek V4, Gemini 3.6 Flash");
  expect(second?.providers).toEqual(["deepseek", "gemini"]);
});

it("finds a route by its name, its kind, what it is for, and whom it asks", async () => {
  const offered = await choices();
  const found = (search: string) => matchRoutes(offered, search).map(({ target }) => target);
  expect(found("rotation")).toEqual(["rotation"]);
  expect(found("pool")).toEqual(["rotation"]);
  expect(found("refactorings")).toEqual(["coding"]);
  expect(found("coding"), "what is called so goes before what leads there").toEqual([
    "coding",
    "coding.echelon1",
    "coding.echelon2",
    "coding.echelon3",
    "rotation",
  ]);
  expect(found("haiku")).toEqual(["everyday.echelon2"]);
  expect(found("nobody knows this")).toEqual([]);
});
