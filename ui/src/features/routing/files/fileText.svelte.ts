import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { MistakeView } from "../../../backend/bindings/MistakeView";
import type { RoutesView } from "../../../backend/bindings/RoutesView";
import { asAppError } from "../../../backend/errors";

/** A routing file as text while it is mended. What is refused stays in the editor, with what is wrong in it. */
export class FileText {
  text = $state("");
  /** As it is on the disk; `null` until it has been read. */
  before = $state.raw<string | null>(null);
  mistakes = $state.raw<MistakeView[]>([]);
  /** The last save was refused for the mistakes. */
  refused = $state(false);
  error = $state.raw<AppError | null>(null);
  saving = $state(false);

  readonly changed = $derived(this.before !== null && this.text !== this.before);

  constructor(
    readonly backend: Backend,
    /** As in `groups/coding.yaml`. */
    readonly name: string,
    /** Where to begin. */
    readonly line: number,
    readonly column: number,
  ) {}

  /** Reads the file; what was not saved is given up. */
  async load(): Promise<void> {
    try {
      const { text, mistakes } = await this.backend.readRoutingFile(this.name);
      this.before = text;
      this.text = text;
      this.mistakes = mistakes;
      this.refused = false;
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  /** The folder with the new text, or `null` while something speaks against it. */
  async save(): Promise<RoutesView | null> {
    const { before, text } = this;
    if (before === null || this.saving) return null;
    this.saving = true;
    try {
      const { routes, mistakes } = await this.backend.saveRoutingFile(this.name, text, before);
      this.mistakes = mistakes;
      this.refused = routes === null;
      this.error = null;
      if (routes !== null) this.before = text;
      return routes;
    } catch (thrown) {
      this.error = asAppError(thrown);
      return null;
    } finally {
      this.saving = false;
    }
  }
}

/** Where a line and a column, both from 1, are in a text; as near as there is one. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  // A column counts characters, as people do; an emoji is one of them.
  const before = Array.from(text.slice(start, end < 0 ? text.length : end)).slice(0, Math.max(0, column - 1));
  return start + before.join("").length;
}

/** How many lines a text has: one more than it has ends. */
export function linesOf(text: string): number {
  return text.split("\n").length;
}
