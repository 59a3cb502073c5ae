import type { Backend } from "../../backend/backend";
import type { AttachmentView } from "../../backend/bindings/AttachmentView";
import { asAppError } from "../../backend/errors";
import { formatBytes } from "../../shared/format";
import { attachments } from "../../shared/i18n/messages/attachments";
import { pictures } from "./pictures";

/** A file on its way into the prompt. */
export interface DraftFile {
  key: number;
  name: string;
  /** `null` until the host has kept it. */
  view: AttachmentView | null;
}

/** A file that does not go along, and why. */
export interface RefusedFile {
  key: number;
  message: string;
}

/** The host's limit, said before a file is read. */
export const MOST_FILES = 20;
/** What is not even read into memory; the host's own limits are tighter and said by it. */
const LARGEST_BYTES = 128 * 1024 * 1024;

/** The files of a prompt that is being written. The host keeps their bytes; this keeps which of them go along. */
export class DraftFiles {
  files = $state.raw<DraftFile[]>([]);
  refused = $state.raw<RefusedFile[]>([]);

  readonly adding = $derived(this.files.some((file) => file.view === null));
  /** What goes along, in the order it was added. */
  readonly ids = $derived(this.files.flatMap((file) => (file.view === null ? [] : [file.view.id])));

  #nextKey = 1;

  constructor(
    readonly backend: Backend,
    /** Those that go along already. */
    views: readonly AttachmentView[] = [],
    /** Others go along now than before. */
    readonly onchanged: () => void = () => undefined,
  ) {
    this.files = views.map((view) => this.#kept(view));
  }

  /** Adds files as they were chosen, pasted or dropped. Never rejects: what is refused says so in its place. */
  async add(chosen: readonly File[]): Promise<void> {
    this.refused = [];
    await Promise.all(chosen.map((file) => this.#addOne(file)));
  }

  /** Files the host keeps already, for instance those of an earlier prompt. */
  put(views: readonly AttachmentView[]): void {
    const missing = views.filter((view) => !this.ids.includes(view.id));
    const room = MOST_FILES - this.files.length;
    this.files = [...this.files, ...missing.slice(0, room).map((view) => this.#kept(view))];
    this.onchanged();
  }

  remove(key: number): void {
    this.#drop(key);
    this.onchanged();
  }

  dismiss(key: number): void {
    this.refused = this.refused.filter((one) => one.key !== key);
  }

  /** These have been sent. */
  forget(ids: readonly string[]): void {
    this.files = this.files.filter((file) => file.view === null || !ids.includes(file.view.id));
    this.refused = [];
  }

  #kept(view: AttachmentView): DraftFile {
    return { key: this.#nextKey++, name: view.name, view };
  }

  #drop(key: number): void {
    this.files = this.files.filter((file) => file.key !== key);
  }

  async #addOne(file: File): Promise<void> {
    const key = this.#nextKey++;
    const refuse = (message: string) => {
      this.#drop(key);
      this.refused = [...this.refused, { key, message }];
    };
    if (this.files.length >= MOST_FILES) {
      refuse(attachments().tooMany(file.name, MOST_FILES));
      return;
    }
    if (file.size > LARGEST_BYTES) {
      refuse(attachments().tooLarge(file.name, formatBytes(LARGEST_BYTES)));
      return;
    }
    this.files = [...this.files, { key, name: file.name, view: null }];
    const bytes = await bytesOf(file);
    if (bytes === null) {
      refuse(attachments().unreadable(file.name));
      return;
    }
    try {
      const view = await this.backend.addAttachment(file.name, bytes);
      if (view.kind === "image") pictures.keep(view, bytes);
      // The same bytes twice are one file.
      if (this.ids.includes(view.id)) this.#drop(key);
      else this.files = this.files.map((one) => (one.key === key ? { ...one, view } : one));
      this.onchanged();
    } catch (thrown) {
      refuse(asAppError(thrown).message);
    }
  }
}

/** `null` for what cannot be read, for instance a folder that was dropped. */
async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return null;
  }
}
