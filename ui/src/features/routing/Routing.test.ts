import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { someRoutes } from "../../backend/fake/routeSeeds";
import { mountRoom } from "../settings/room.test-support";
import Host from "./Host.test.svelte";
import { LOOK_EVERY_MS } from "./live.svelte";

// jsdom lays nothing out.
Element.prototype.scrollIntoView = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.stubGlobal("matchMedia", () => ({
    matches: true,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  }));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Roles are slow to find without a browser, more so on a busy machine. */
const SLOW_MS = 20_000;

/** One group alone. */
function routes() {
  return { ...someRoutes(), groups: someRoutes().groups.slice(0, 1), pools: [], aliases: [], rules: [] };
}

const card = (name: string) => screen.getByRole("article", { name });

async function mounted() {
  const made = await mountRoom(Host, ["anthropic", "openai", "gemini", "ollama"], {}, (backend) => {
    backend.state.routing = routes();
  });
  await screen.findByRole("article", { name: "coding" });
  return made;
}

it(
  "an editor keeps to what it began with: what the file says by now is neither shown in it nor written over",
  { timeout: SLOW_MS },
  async () => {
    const { backend } = await mounted();
    await fireEvent.click(screen.getByRole("button", { name: "Edit the group coding" }));
    await fireEvent.input(within(card("coding")).getByLabelText("What it is for"), {
      target: { value: "Mine" },
    });
    const [coding] = routes().groups;
    if (coding === undefined) throw new Error("there is a group");
    const theirs = { ...coding, description: "Theirs" };
    backend.state.routing = { ...routes(), groups: [theirs], revision: 8 };
    // The folder is read again meanwhile, and the card's head shows it.
    await vi.advanceTimersByTimeAsync(6 * LOOK_EVERY_MS);
    await waitFor(() => expect(within(card("coding")).getByText("Theirs")).toBeTruthy());
    expect(within(card("coding")).getByLabelText<HTMLInputElement>("What it is for").value).toBe("Mine");
    await fireEvent.click(within(card("coding")).getByRole("button", { name: "Save" }));
    const alert = await within(card("coding")).findByRole("alert");
    expect(alert.textContent).toContain("groups/coding.yaml was changed meanwhile");
    expect(backend.state.routing.groups[0]).toEqual(theirs);
    await fireEvent.click(within(alert).getByRole("button", { name: "Load again" }));
    await waitFor(() => expect(within(card("coding")).queryByRole("alert")).toBeNull());
    expect(screen.getByRole("button", { name: "Edit the group coding" })).toBeTruthy();
  },
);

it(
  "shows what has changed in the files without being asked, and keeps a draft whose file is gone",
  { timeout: SLOW_MS },
  async () => {
    const { backend } = await mounted();
    await fireEvent.click(screen.getByRole("button", { name: "Edit the group coding" }));
    await fireEvent.input(screen.getByLabelText("What it is for"), { target: { value: "Mine" } });
    backend.state.routing = { ...routes(), groups: [], revision: 8 };
    await vi.advanceTimersByTimeAsync(6 * LOOK_EVERY_MS);
    await waitFor(() => expect(screen.queryByText("Reviews, refactorings and tests")).toBeNull());
    await fireEvent.click(screen.getByText("Save"));
    await waitFor(() => expect(backend.state.routing.groups[0]?.description).toBe("Mine"));
  },
);
