import { expect, it, vi } from "vitest";
import { createFakeBackend } from "../../backend/fake/backend";
import { FAKE_DIALECTS, fakeProvider } from "../../backend/fake/catalogue";
import { CUSTOM, ProviderForm } from "./providerForm.svelte";

function formFor(dialect: string): { form: ProviderForm; backend: ReturnType<typeof createFakeBackend> } {
  const backend = createFakeBackend();
  const form = new ProviderForm(backend, FAKE_DIALECTS);
  const chosen = form.all.find(({ id }) => id === dialect);
  if (chosen === undefined) throw new Error(`no dialect ${dialect}`);
  form.choose(chosen);
  return { form, backend };
}

it("knows the address of a provider, stores it with its key, and says whether that works", async () => {
  const { form, backend } = formFor("deepseek");
  expect(form.address).toBe("https://api.deepseek.com");
  form.secret = " sk-good ";
  const setKey = vi.spyOn(backend, "setKey");
  await form.save();
  expect(setKey).toHaveBeenCalledWith("deepseek", "sk-good");
  expect(form.outcome?.tone).toBe("good");
  expect(form.secret, "the key is not kept after it was handed over").toBe("");
});

it("does not make a second provider when a refused key is typed again", async () => {
  const { form, backend } = formFor("anthropic");
  form.secret = "bad";
  await form.save();
  expect(form.outcome?.tone).toBe("bad");
  form.secret = "good";
  await form.save();
  expect(form.outcome?.tone).toBe("good");
  expect(backend.state.providers.map(({ id }) => id)).toEqual(["anthropic"]);
});

it("forgets a key even when saving fails", async () => {
  const { form, backend } = formFor("openai");
  vi.spyOn(backend, "saveProvider").mockRejectedValue({
    code: "read_only",
    message: "Read only.",
    action: null,
    retryable: false,
  });
  form.secret = "sk-secret";
  await form.save();
  expect(form.error?.message).toBe("Read only.");
  expect(form.secret).toBe("");
});

it("takes a custom endpoint with its protocol, offered even where the host does not list it", async () => {
  const { form, backend } = formFor(CUSTOM);
  const save = vi.spyOn(backend, "saveProvider");
  expect(form.canSave).toBe(false);
  form.name = "Lab";
  form.address = "https://llm.lab.example/v1";
  form.api = "anthropic";
  await form.save();
  expect(save.mock.calls[0]?.[0]).toMatchObject({
    dialect: CUSTOM,
    api: "anthropic",
    plain_http_confirmed: false,
  });
});

it("sends readable only into a private network, and only with the user's word", () => {
  const { form } = formFor(CUSTOM);
  form.name = "Lab";
  form.address = "http://192.168.1.9:8080";
  expect(form.canSave).toBe(false);
  form.confirmed = true;
  expect(form.canSave).toBe(true);
  form.address = "http://llm.example.com";
  expect(form.canSave).toBe(false);
});

it("warns that a new origin leaves the key behind", () => {
  const form = new ProviderForm(createFakeBackend(), FAKE_DIALECTS, fakeProvider("openai"));
  expect(form.keyLeftBehind).toBeNull();
  form.address = "https://api.openai.com/v2";
  expect(form.keyLeftBehind).toBeNull();
  form.address = "https://proxy.example.com/v1";
  expect(form.keyLeftBehind).toBe("https://api.openai.com");
});

it("finds a provider by name or address and always offers the custom endpoint", () => {
  const form = new ProviderForm(createFakeBackend(), FAKE_DIALECTS);
  form.query = "GROQ";
  expect(form.found.map(({ id }) => id)).toEqual(["groq", CUSTOM]);
  form.query = "openrouter.ai";
  expect(form.found.map(({ id }) => id)).toEqual(["openrouter", CUSTOM]);
  form.query = "nothing like it";
  expect(form.found.map(({ id }) => id)).toEqual([CUSTOM]);
});
