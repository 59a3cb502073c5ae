/** Mounts a component as the window would: with a fake host, its app and its words in context. */
import { render } from "@testing-library/svelte";
import type { Component } from "svelte";
import { createFakeBackend, type FakeBackend, type FakeOptions } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { App } from "../../shared/app.svelte";
import Room from "./Room.test.svelte";

// jsdom lays nothing out, so there is nothing to observe.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

export interface Mounted {
  backend: FakeBackend;
  app: App;
}

export async function mountRoom(
  content: Component,
  providers: string[],
  options: FakeOptions = {},
  prepare: (backend: FakeBackend) => void = () => undefined,
): Promise<Mounted> {
  const backend = createFakeBackend(options);
  backend.state.providers = providers.map(fakeProvider);
  prepare(backend);
  const app = new App(backend);
  await app.start();
  render(Room, { props: { backend, app, content } });
  return { backend, app };
}
