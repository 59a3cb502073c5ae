import type { Backend } from "../../backend/backend";
import type { AttachmentView } from "../../backend/bindings/AttachmentView";

/** Pictures nobody shows any more are kept for a while, for those who scroll back. */
const MOST_IDLE = 24;

interface Kept {
  url: Promise<string>;
  users: number;
}

/**
 * Addresses of the user's own pictures, inside this page only (`blob:`). Only components that show the user's files ask
 * for them; what a model writes never becomes an `img`, whatever address it names.
 */
class Pictures {
  readonly #kept = new Map<string, Kept>();

  /** Bytes that are here anyway need not be asked of the host again. */
  keep(view: AttachmentView, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#kept.has(view.id)) return;
    this.#kept.set(view.id, { url: Promise.resolve(urlOf(view, bytes)), users: 0 });
    this.#dropIdle();
  }

  /** The address of a picture; call `release` once it is not shown any more. */
  acquire(view: AttachmentView, backend: Backend): Promise<string> {
    const known = this.#kept.get(view.id) ?? { url: load(view, backend), users: 0 };
    known.users += 1;
    this.#kept.delete(view.id);
    this.#kept.set(view.id, known);
    // A failed reading is not remembered: the next who asks tries again.
    known.url.catch(() => this.#kept.delete(view.id));
    return known.url;
  }

  release(view: AttachmentView): void {
    const known = this.#kept.get(view.id);
    if (known === undefined) return;
    known.users -= 1;
    this.#dropIdle();
  }

  #dropIdle(): void {
    const idle = [...this.#kept].filter(([, { users }]) => users <= 0);
    for (const [id, { url }] of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) {
      this.#kept.delete(id);
      void url.then((address) => URL.revokeObjectURL(address));
    }
  }
}

async function load(view: AttachmentView, backend: Backend): Promise<string> {
  return urlOf(view, await backend.readAttachment(view.id));
}

function urlOf(view: AttachmentView, bytes: Uint8Array<ArrayBuffer>): string {
  return URL.createObjectURL(new Blob([bytes], { type: view.media_type }));
}

export const pictures = new Pictures();
