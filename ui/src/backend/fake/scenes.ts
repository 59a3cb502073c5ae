import type { Language } from "../bindings/Language";
import type { Theme } from "../bindings/Theme";
import { createFakeBackend, type FakeBackend } from "./backend";
import { fakeProvider } from "./catalogue";
import { SCENES } from "./sceneTable";

declare global {
  interface Window {
    /** The fake host of the page, for journeys to look behind the window and to change what it meets. */
    fakeHost?: FakeBackend;
  }
}

/**
 * The fake backend of a browser page. `?scene=` chooses what is in it (sceneTable.ts), `theme=light|dark`,
 * `lang=en|zh`, `delay=` milliseconds for each call.
 */
export function fakeFromAddress(search: string): FakeBackend {
  const asked = new URLSearchParams(search);
  const scene = SCENES[asked.get("scene") ?? "many"] ?? {};
  const backend = createFakeBackend({ delayMs: Number(asked.get("delay") ?? "25"), ...scene.options });
  const { state } = backend;
  state.providers = (scene.providers ?? []).map(fakeProvider);
  state.settings = {
    ...state.settings,
    theme: (asked.get("theme") ?? "system") as Theme,
    language: (asked.get("lang") ?? "en") as Language,
    default_lanes: scene.defaultLanes ?? [],
    onboarded: (scene.providers ?? []).length > 0,
  };
  scene.fill?.(state);
  window.fakeHost = backend;
  return backend;
}
