import type { AppError } from "../../backend/bindings/AppError";

export interface Toast {
  id: number;
  tone: "plain" | "bad";
  text: string;
  action: { label: string; run: () => void } | null;
}

/** How long a message stays, in milliseconds; errors stay until they are closed. */
const STAY_MS = 6_000;

class Toasts {
  shown = $state<Toast[]>([]);
  #next = 1;

  say(text: string, action: Toast["action"] = null): void {
    const id = this.#push({ tone: "plain", text, action });
    setTimeout(() => this.close(id), STAY_MS);
  }

  /** Something that has no place of its own to be shown in. */
  error(error: AppError): void {
    if (this.shown.some((toast) => toast.text === error.message)) return;
    this.#push({ tone: "bad", text: error.message, action: null });
  }

  close(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }

  #push(toast: Omit<Toast, "id">): number {
    const id = this.#next++;
    this.shown.push({ id, ...toast });
    return id;
  }
}

export const toasts = new Toasts();
