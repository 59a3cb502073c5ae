import { getContext, setContext } from "svelte";
import type { Backend } from "./backend";

const KEY = Symbol("backend");

export function setBackend(backend: Backend): void {
  setContext(KEY, backend);
}

/** The host, for a component being initialised. */
export function getBackend(): Backend {
  return getContext<Backend>(KEY);
}
