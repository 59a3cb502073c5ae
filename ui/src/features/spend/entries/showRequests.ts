import { tick } from "svelte";
import type { Entries } from "./entries.svelte";

/** Opens the list of requests and goes there, once it has its lines: what grows below the end of a page cannot be scrolled to. */
export async function showRequests(entries: Entries): Promise<void> {
  await entries.show();
  await tick();
  const list = document.querySelector<HTMLElement>("[data-requests]");
  list?.scrollIntoView({ block: "start" });
  list?.querySelector<HTMLElement>("h2 button")?.focus({ preventScroll: true });
}
