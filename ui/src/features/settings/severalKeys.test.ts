import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { KeyView } from "../../backend/bindings/KeyView";
import { withKeys } from "../../backend/fake/catalogue";
import { mountRoom, type Mounted } from "./room.test-support";
import Settings from "./Settings.svelte";

// jsdom lays nothing out.
Element.prototype.scrollIntoView = vi.fn();

afterEach(cleanup);

const CHANGES: Partial<KeyView>[] = [
  { id: "key-team", label: "Team", mask: "sk-…1111" },
  {
    id: "key-other",
    label: "",
    mask: "sk-…2222",
    state: "refused",
    message: "OpenAI does not accept the key.",
  },
  { id: null, label: "", mask: "sk-…3333", place: "environment", variable: "OPENAI_API_KEY" },
];

function mountWith(changes: Partial<KeyView>[]): Promise<Mounted> {
  return mountRoom(Settings, ["openai"], {}, (backend) => {
    backend.state.providers = backend.state.providers.map((provider) => {
      const [first] = provider.keys;
      return first === undefined
        ? provider
        : withKeys(
            provider,
            changes.map((change) => ({ ...first, ...change })),
          );
    });
  });
}

function card(): HTMLElement {
  return screen.getByRole("article", { name: "OpenAI" });
}

function keys(): HTMLElement[] {
  return within(within(card()).getByRole("list", { name: /^Keys of OpenAI/ })).getAllByRole("listitem");
}

it("shows every key in the order of use with its name, place and state", async () => {
  await mountWith(CHANGES);
  expect(keys().map((key) => key.textContent.replace(/\s+/g, " ").trim())).toEqual([
    expect.stringMatching(/^1 Team sk-…1111 Works in the system keyring/),
    expect.stringMatching(/^2 sk-…2222 Key refused .* OpenAI does not accept the key\.$/),
    expect.stringMatching(/^3 sk-…3333 Works from the environment variable OPENAI_API_KEY/),
  ]);
});

it("counts a provider as connected as long as one of its keys works", async () => {
  await mountWith([CHANGES[1] ?? {}, CHANGES[0] ?? {}]);
  expect(within(card()).getByText("Connected")).toBeTruthy();
});

it("removes one key after asking, and leaves the others and the environment's alone", async () => {
  const { backend } = await mountWith(CHANGES);
  const removed = vi.spyOn(backend, "removeOneKey");
  expect(within(card()).queryByRole("button", { name: /Remove the key sk-…3333/ })).toBeNull();
  await fireEvent.click(within(card()).getByRole("button", { name: "Remove the key Team" }));
  await fireEvent.click(await screen.findByRole("button", { name: "Remove" }));
  await waitFor(() => expect(keys()).toHaveLength(2));
  expect(removed).toHaveBeenCalledWith("openai", "key-team");
});

it("adds a key with a name, checks it at once, and keeps nothing of it in the window", async () => {
  const { backend } = await mountWith(CHANGES);
  const added = vi.spyOn(backend, "addKey");
  await fireEvent.click(within(card()).getByRole("button", { name: "Add another key" }));
  await fireEvent.input(within(card()).getByLabelText("What you call it"), { target: { value: " Lab " } });
  await fireEvent.input(within(card()).getByLabelText("Another key for OpenAI"), {
    target: { value: "sk-secret-4444" },
  });
  await fireEvent.click(within(card()).getByRole("button", { name: "Save and check" }));
  await waitFor(() => expect(keys()).toHaveLength(4));
  expect(added).toHaveBeenCalledWith("openai", "Lab", "sk-secret-4444");
  expect(keys()[3]?.textContent).toContain("Lab");
  await waitFor(() => expect(document.querySelector("input[type=password]")).toBeNull());
  expect(document.body.innerHTML).not.toContain("secret-4444");
});
