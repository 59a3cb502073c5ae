import { untrack } from "svelte";
import { pressed, type Chord } from "./chord";

/** Something the user can do from anywhere: by its keys, or by name in the palette. */
export interface Command {
  id: string;
  label: string;
  keys?: Chord;
  /** Keys that do the same where `keys` are text. */
  otherKeys?: Chord;
  /** Under which heading the list of shortcuts shows it. */
  group: "conversation" | "lanes" | "window";
  run: () => void;
  /** Not offered in the palette, for instance because it opens it. */
  keysOnly?: boolean;
}

class Commands {
  #sources = $state.raw<(() => Command[])[]>([]);
  readonly all = $derived(this.#sources.flatMap((source) => source()));

  /** Offers commands while a component lives; returns what takes them back. The source is read anew when its state changes. */
  offer(source: () => Command[]): () => void {
    // Who offers does not follow what others offer.
    this.#sources = [...untrack(() => this.#sources), source];
    return () => (this.#sources = this.#sources.filter((other) => other !== source));
  }

  /** Runs the command whose keys were pressed. `true`: there was one. */
  handle(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false;
    const typing = isTyping(event.target);
    const fits = (keys: Chord | undefined) =>
      keys !== undefined && pressed(keys, event) && !(typing && isText(keys));
    const command = this.all.find(({ keys, otherKeys }) => fits(keys) || fits(otherKeys));
    if (command === undefined) return false;
    event.preventDefault();
    command.run();
    return true;
  }
}

function isText(chord: Chord): boolean {
  return chord.length === 1;
}

/** Whether keys without a modifier are text here. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export const commands = new Commands();
