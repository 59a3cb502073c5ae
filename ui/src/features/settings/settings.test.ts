import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { cleanup } from "@testing-library/svelte";
import type { KeyView } from "../../backend/bindings/KeyView";
import { withKeys } from "../../backend/fake/catalogue";
import { mountRoom } from "./room.test-support";
import Settings from "./Settings.svelte";

// jsdom lays nothing out.
Element.prototype.scrollIntoView = vi.fn();

afterEach(cleanup);

function card(name: string): HTMLElement {
  return screen.getByRole("article", { name });
}

function passwords(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[type=password]")];
}

async function typeKey(name: string, secret: string): Promise<void> {
  await fireEvent.click(within(card(name)).getByRole("button", { name: /the key|a key/ }));
  await fireEvent.input(within(card(name)).getByLabelText(`Key for ${name}`), { target: { value: secret } });
  await fireEvent.click(within(card(name)).getByRole("button", { name: "Save and check" }));
}

it("says of every key where it is and where it may go", async () => {
  const places: Partial<KeyView>[] = [
    { place: "keyring" },
    { place: "session" },
    { place: "environment", id: null, variable: "GEMINI_API_KEY" },
  ];
  await mountRoom(Settings, ["openai", "anthropic", "gemini"], {}, (backend) => {
    backend.state.providers = backend.state.providers.map((provider, at) =>
      withKeys(
        provider,
        provider.keys.map((key) => ({ ...key, ...places[at] })),
      ),
    );
  });
  expect(within(card("OpenAI")).getByText("in the system keyring")).toBeTruthy();
  expect(within(card("OpenAI")).getByText("Only ever sent to https://api.openai.com")).toBeTruthy();
  expect(within(card("Anthropic")).getByText("in memory until you quit")).toBeTruthy();
  expect(
    within(card("Google Gemini")).getByText("from the environment variable GEMINI_API_KEY"),
  ).toBeTruthy();
});

it.each([
  ["accepted", "Connected"],
  ["refused", "Key refused"],
  ["unknown", "Could not be checked"],
  ["unchecked", "Not checked yet"],
  ["missing", "Key is gone"],
] as const)("shows the state %s in words: %s", async (state, word) => {
  await mountRoom(Settings, ["openai"], {}, (backend) => {
    backend.state.providers = backend.state.providers.map((provider) =>
      withKeys(
        provider,
        provider.keys.map((key) => ({ ...key, state })),
      ),
    );
  });
  expect(within(card("OpenAI")).getByText(word)).toBeTruthy();
});

it("saves a key, checks it at once, and keeps nothing of it in the window", async () => {
  const { backend } = await mountRoom(Settings, ["openai"], {}, (made) => {
    made.state.providers = made.state.providers.map((provider) => withKeys(provider, []));
  });
  const saved = vi.spyOn(backend, "setKey");
  await typeKey("OpenAI", "sk-secret-good-1234");
  await screen.findByText(/The key works/);
  expect(saved).toHaveBeenCalledWith("openai", "sk-secret-good-1234");
  await waitFor(() => expect(passwords()).toHaveLength(0));
  expect(document.body.innerHTML).not.toContain("secret-good");
});

it("says in place what is wrong with a refused key and how to get a right one", async () => {
  await mountRoom(Settings, ["anthropic"], {}, (made) => {
    made.state.providers = made.state.providers.map((provider) => withKeys(provider, []));
  });
  await typeKey("Anthropic", "sk-bad");
  await screen.findByText("Anthropic does not accept the key. Check it or replace it.");
  expect(within(card("Anthropic")).getByText(/Copy it again/)).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(passwords()[0]));
  expect(passwords()[0]?.value, "the refused key is not left in the field").toBe("");
  expect(within(card("Anthropic")).getByText(/Get a key at platform\.claude\.com/)).toBeTruthy();
});

it("keeps a key that could not be checked, and says so", async () => {
  await mountRoom(Settings, ["openai"]);
  await fireEvent.click(screen.getByRole("button", { name: "More for OpenAI" }));
  await fireEvent.click(await screen.findByRole("menuitem", { name: "Replace the key" }));
  await fireEvent.input(screen.getByLabelText("Key for OpenAI"), { target: { value: "offline-key" } });
  await fireEvent.click(screen.getByRole("button", { name: "Save and check" }));
  await screen.findByText(/cannot be reached, so the key could not be checked/);
  expect(screen.getByText(/Look at the address and the network/)).toBeTruthy();
});

it("opens the key field of the provider an answer's error leads to", async () => {
  const { app } = await mountRoom(Settings, ["openai", "anthropic"]);
  app.openSettings("anthropic");
  const field = await screen.findByLabelText("Key for Anthropic");
  expect(document.activeElement).toBe(field);
});

it.each([
  ["available", "The system keyring is in use"],
  ["locked", "The system keyring is locked"],
] as const)("explains a keyring that is %s", async (state, title) => {
  await mountRoom(Settings, ["openai"], { keyring: { state } });
  expect(screen.getByText(title)).toBeTruthy();
});

it("explains a missing keyring with the system's reason", async () => {
  await mountRoom(Settings, ["openai"], { keyring: { state: "absent", reason: "no session bus" } });
  expect(screen.getByText("This machine has no keyring")).toBeTruthy();
  expect(screen.getByText(/no session bus/)).toBeTruthy();
});

it("asks before a provider goes, and keeps it when the answer is no", async () => {
  const { backend } = await mountRoom(Settings, ["openai"]);
  const removed = vi.spyOn(backend, "removeProvider");
  for (const [button, calls] of [
    ["Cancel", 0],
    ["Remove", 1],
  ] as const) {
    await fireEvent.click(screen.getByRole("button", { name: "More for OpenAI" }));
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Remove the provider" }));
    await fireEvent.click(await screen.findByRole("button", { name: button }));
    await waitFor(() => expect(removed).toHaveBeenCalledTimes(calls));
  }
  await screen.findByText("No provider is set up yet");
});

it("changes theme and language at once and saves them", async () => {
  const { backend } = await mountRoom(Settings, ["openai"]);
  await fireEvent.click(screen.getByLabelText("Dark"));
  await waitFor(() => expect(backend.state.settings.theme).toBe("dark"));
  await fireEvent.click(screen.getByLabelText("简体中文"));
  await screen.findByRole("heading", { name: "设置" });
  await fireEvent.click(screen.getByLabelText("English"));
  await screen.findByRole("heading", { name: "Settings" });
});

it("says why the demo models could not start", async () => {
  const { backend } = await mountRoom(Settings, []);
  const failure = { code: "closed", message: "The demo could not start.", action: null, retryable: true };
  vi.spyOn(backend, "startDemo").mockRejectedValue(failure);
  await fireEvent.click(screen.getByRole("button", { name: "Try the demo models" }));
  await screen.findByText("The demo could not start.");
});
