import { cleanup, fireEvent, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { LocalServer } from "../../backend/bindings/LocalServer";
import { mountRoom } from "../settings/room.test-support";
import Onboarding from "./Onboarding.svelte";

afterEach(cleanup);

const OLLAMA: LocalServer = {
  dialect: "ollama",
  name: "Ollama",
  base_url: "http://127.0.0.1:11434",
  models: ["qwen3:8b"],
  added: false,
};

it("starts three demo lanes with one press of Enter, without a key", async () => {
  const { app, backend } = await mountRoom(Onboarding, []);
  const demo = screen.getByRole("button", { name: /Try the demo models/ });
  expect(document.activeElement).toBe(demo);
  await fireEvent.click(demo);
  await waitFor(() => expect(app.firstLanes).toEqual(["demo/swift", "demo/scholar", "demo/poet"]));
  expect(backend.state.settings.onboarded).toBe(true);
  expect(app.onboarding).toBe(false);
});

it("says what was looked for when nothing answers, and looks again", async () => {
  const found: LocalServer[] = [];
  const look = vi.fn(() => Promise.resolve([...found]));
  await mountRoom(Onboarding, [], {}, (made) => {
    made.detectLocalServers = look;
  });
  await screen.findByText(/Looked for Ollama, LM Studio, llama\.cpp/);
  found.push(OLLAMA);
  await fireEvent.click(screen.getByRole("button", { name: "Look again" }));
  await screen.findByRole("button", { name: "Use Ollama" });
  expect(look).toHaveBeenCalledTimes(2);
});

it("starts with a server of this machine", async () => {
  const { app, backend } = await mountRoom(Onboarding, [], {}, (made) => {
    vi.spyOn(made, "detectLocalServers").mockResolvedValue([OLLAMA]);
  });
  await fireEvent.click(await screen.findByRole("button", { name: "Use Ollama" }));
  await waitFor(() => expect(app.firstLanes).toEqual(["ollama/qwen3:8b"]));
  expect(backend.state.providers.map(({ id }) => id)).toEqual(["ollama"]);
});

it("adds a provider with its key, then lets the user choose its models", async () => {
  const { app } = await mountRoom(Onboarding, []);
  await fireEvent.click(screen.getByRole("button", { name: /Add a provider/ }));
  await fireEvent.click(await screen.findByRole("button", { name: /OpenAI/ }));
  await fireEvent.input(screen.getByLabelText("Key"), { target: { value: "sk-good" } });
  await fireEvent.click(screen.getByRole("button", { name: "Add and check" }));
  await fireEvent.click(await screen.findByRole("button", { name: "Start with it" }));
  await fireEvent.click(await screen.findByLabelText(/GPT-4\.1/));
  await fireEvent.click(screen.getByRole("button", { name: "Start with 3 lanes" }));
  await waitFor(() => expect(app.firstLanes).toHaveLength(3));
  expect(app.onboarding).toBe(false);
});

it("stays on the form when the key is refused", async () => {
  const { app } = await mountRoom(Onboarding, []);
  await fireEvent.click(screen.getByRole("button", { name: /Add a provider/ }));
  await fireEvent.click(await screen.findByRole("button", { name: /Anthropic/ }));
  await fireEvent.input(screen.getByLabelText("Key"), { target: { value: "bad" } });
  await fireEvent.click(screen.getByRole("button", { name: "Add and check" }));
  await screen.findByText(/does not accept the key/);
  expect(app.onboarding).toBe(true);
  await fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(screen.queryByRole("button", { name: "Start with it" })).toBeNull();
});

it("can be left for later, with a way out of every failure", async () => {
  const { app } = await mountRoom(Onboarding, [], {}, (made) => {
    const failure = { code: "closed", message: "The demo could not start.", action: null, retryable: true };
    vi.spyOn(made, "startDemo").mockRejectedValue(failure);
  });
  await fireEvent.click(screen.getByRole("button", { name: /Try the demo models/ }));
  await screen.findByText("The demo could not start.");
  await fireEvent.click(screen.getByRole("button", { name: "Set up later" }));
  await waitFor(() => expect(app.onboarding).toBe(false));
  expect(app.firstLanes).toEqual([]);
});
