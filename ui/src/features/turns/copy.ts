import { toasts } from "../../shared/ui/toasts.svelte";

/** Puts text on the clipboard. `false`, and said on screen, when the system refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    toasts.error({ code: "clipboard", message, action: null, retryable: true, over_budget: null });
    return false;
  }
}
