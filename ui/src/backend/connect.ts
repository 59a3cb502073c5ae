import type { Backend } from "./backend";

/**
 * The host of this window: the program's when it runs in it; the fake one in a browser during design and tests. The
 * program's own bundle is built without the fake.
 */
export async function connect(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriBackend;
  if (import.meta.env.DEV || import.meta.env.MODE === "browser") {
    return (await import("./fake/scenes")).fakeFromAddress(window.location.search);
  }
  throw new Error("This page is Roundtable's window; start the program instead of opening it in a browser.");
}
