import { expect, it } from "vitest";
import { withVariable } from "../../backend/fake/analysis/seeds";
import { fakeProvider } from "../../backend/fake/catalogue";
import { providerOfKey } from "./ways";

it("finds whose key it is, also where it stands in the environment", () => {
  const providers = [fakeProvider("openai"), withVariable(fakeProvider("openrouter"), "OPENROUTER_API_KEY")];
  expect(providerOfKey("env:OPENROUTER_API_KEY", providers)).toBe("openrouter");
  expect(providerOfKey("key-openai", providers)).toBe("openai");
  expect(providerOfKey("env:NOBODYS_KEY", providers)).toBeNull();
});
