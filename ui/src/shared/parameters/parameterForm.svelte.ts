import type { EffectiveValue } from "../../backend/bindings/EffectiveValue";
import type { Params } from "../../backend/bindings/Params";
import { asAppError } from "../../backend/errors";
import {
  BASIC_NUMBERS,
  MORE_NUMBERS,
  readNumber,
  readStops,
  withParameter,
  writeStops,
  type NumberName,
  type ParameterName,
} from "./parameters";
import type { ParameterPlace } from "./place";

/** After the last key a value counts as written. */
const WRITTEN_AFTER_MS = 350;

/** Parameters of one place while they are looked at: saved as they are written, each with where its value comes from. */
export class ParameterForm {
  /** What stands in the fields of numbers. */
  texts = $state<Partial<Record<NumberName, string>>>({});
  stops = $state("");
  /** By name; empty until the host has answered. */
  effective = $state.raw<ReadonlyMap<string, EffectiveValue>>(new Map());
  /** By name: why what is written is not taken. */
  problems = $state<Partial<Record<ParameterName, string>>>({});

  #waiting = new Map<ParameterName, { timer: ReturnType<typeof setTimeout>; commit: () => void }>();
  #saving: Promise<void> = Promise.resolve();

  constructor(readonly place: ParameterPlace) {
    this.#fill();
    void this.#load();
  }

  get params(): Params {
    return this.place.params;
  }

  write(name: NumberName, text: string): void {
    this.texts[name] = text;
    this.#later(name, () => {
      const read = readNumber(name, text, this.effective.get(name));
      if ("problem" in read) this.problems[name] = read.problem;
      else this.set(name, read.value);
    });
  }

  writeStops(text: string): void {
    this.stops = text;
    this.#later("stop", () => this.set("stop", readStops(text)));
  }

  /** Saves one parameter; `undefined` leaves it to what stands elsewhere. */
  set<N extends ParameterName>(name: N, value: Params[N] | undefined): void {
    Reflect.deleteProperty(this.problems, name);
    // One after the other: each starts from what the one before has left.
    this.#saving = this.#saving.then(() => this.#save(withParameter(this.params, name, value), name));
  }

  reset(name: ParameterName): void {
    this.#forget(name);
    this.set(name, undefined);
    this.#clear(name);
  }

  resetAll(): void {
    for (const name of this.#waiting.keys()) this.#forget(name);
    this.problems = {};
    this.#saving = this.#saving.then(() => this.#save({ stop: [] }, null)).then(() => this.#fill());
  }

  /** What is written counts at once, for instance because the window on it closes. */
  flush(): void {
    for (const [name, { commit }] of this.#waiting) {
      this.#forget(name);
      commit();
    }
  }

  #later(name: ParameterName, commit: () => void): void {
    this.#forget(name);
    const timer = setTimeout(() => {
      this.#waiting.delete(name);
      commit();
    }, WRITTEN_AFTER_MS);
    this.#waiting.set(name, { timer, commit });
  }

  #forget(name: ParameterName): void {
    clearTimeout(this.#waiting.get(name)?.timer);
    this.#waiting.delete(name);
  }

  #clear(name: ParameterName): void {
    if (name === "stop") this.stops = "";
    else Reflect.deleteProperty(this.texts, name);
  }

  #fill(): void {
    const { params } = this;
    for (const name of [...BASIC_NUMBERS, ...MORE_NUMBERS]) this.texts[name] = params[name]?.toString() ?? "";
    this.stops = writeStops(params.stop);
  }

  async #save(params: Params, name: ParameterName | null): Promise<void> {
    try {
      await this.place.save(params);
      await this.#load();
    } catch (thrown) {
      this.problems[name ?? "temperature"] = asAppError(thrown).message;
    }
  }

  async #load(): Promise<void> {
    try {
      const values = await this.place.effective();
      this.effective = new Map(values.map((value) => [value.name, value]));
    } catch {
      // Without it the fields still work; only where other values come from is not said.
      this.effective = new Map();
    }
  }
}
