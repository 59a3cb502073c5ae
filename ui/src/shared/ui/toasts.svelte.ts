import type { AppError } from "../../backend/bindings/AppError";
import { sayIt } from "../i18n/messages/sayings";

export interface Toast {
  id: number;
  tone: "plain" | "warn" | "bad";
  /** Above the text, where there is more to say than a sentence. */
  title: string | null;
  text: string;
  action: { label: string; run: () => void } | null;
}

/** How long a message stays, in milliseconds; errors stay until they are closed. */
const STAY_MS = 6_000;
/** Two lines take longer to read. */
const LONGER_MS = 12_000;

class Toasts {
  shown = $state<Toast[]>([]);
  #next = 1;

  say(text: string, action: Toast["action"] = null): void {
    const id = this.#push({ tone: "plain", title: null, text, action });
    setTimeout(() => this.close(id), STAY_MS);
  }

  /** Something that has no place of its own to be shown in. */
  error(error: AppError): void {
    const text = sayIt(error.saying ?? null, error.message);
    if (this.shown.some((toast) => toast.text === text)) return;
    this.#push({ tone: "bad", title: null, text, action: null });
  }

  /** Something that came about by itself; gives what closes it. `stays`: until somebody does. */
  tell({ stays, ...toast }: Omit<Toast, "id"> & { stays: boolean }): number {
    const id = this.#push(toast);
    if (!stays) setTimeout(() => this.close(id), LONGER_MS);
    return id;
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
