import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { Params } from "../../backend/bindings/Params";
import type { Profile } from "../../backend/bindings/Profile";
import { asAppError } from "../../backend/errors";
import { ParameterForm } from "../../shared/parameters/parameterForm.svelte";
import { valueChanges } from "./changes.svelte";
import { withTimeout, type TimeoutName } from "./timeouts";

/** The profiles there are; one is in use. */
export class Profiles {
  /** `null` until the host has answered. */
  all = $state.raw<Profile[] | null>(null);
  error = $state.raw<AppError | null>(null);

  constructor(readonly backend: Backend) {}

  load(): Promise<boolean> {
    return this.#try(async () => (this.all = await this.backend.listProfiles()));
  }

  activate(profile: Profile): Promise<boolean> {
    return this.#try(() => this.save({ ...profile, active: true }));
  }

  /** Removes one; a built-in one gets its first form back. */
  remove(id: string): Promise<boolean> {
    return this.#try(async () => {
      this.all = await this.backend.removeProfile(id);
      valueChanges.happened();
    });
  }

  /** Rejects with what the host says against it. The id of a new one is the host's to give. */
  async save(profile: Profile): Promise<void> {
    this.all = await this.backend.saveProfile(profile);
    valueChanges.happened();
  }

  /** A new one of this name, which sets nothing yet. `null`: the host is against it, and `error` says why. */
  async add(name: string): Promise<Profile | null> {
    const before = new Set(this.all?.map((profile) => profile.id));
    const blank = { id: "", description: "", params: { stop: [] }, built_in: false, active: false };
    const added = await this.#try(() => this.save({ ...blank, name }));
    return added ? (this.all?.find((profile) => !before.has(profile.id)) ?? null) : null;
  }

  find(id: string): Profile | undefined {
    return this.all?.find((profile) => profile.id === id);
  }

  async #try(call: () => Promise<unknown>): Promise<boolean> {
    this.error = null;
    try {
      await call();
      return true;
    } catch (thrown) {
      this.error = asAppError(thrown);
      return false;
    }
  }
}

/** One profile while it is edited. Every field is saved on its own, so what the host says against it stands at that field. */
export class ProfileForm {
  name = $state("");
  description = $state("");
  problems = $state<{ name?: string; description?: string } & Partial<Record<TimeoutName, string>>>({});
  readonly parameters: ParameterForm;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(
    readonly room: Profiles,
    readonly first: Profile,
  ) {
    this.name = first.name;
    this.description = first.description;
    const params = (): Params => this.profile.params;
    this.parameters = new ParameterForm({
      layer: "profile",
      get params() {
        return params();
      },
      save: (changed) => this.#save((profile) => ({ ...profile, params: changed })),
      // A profile is for every model; what one of them would use says nothing here.
      effective: () => Promise.resolve([]),
    });
  }

  /** As it is kept. */
  get profile(): Profile {
    return this.room.find(this.first.id) ?? this.first;
  }

  writeName(): Promise<void> {
    const { name } = this;
    return this.#field("name", (profile) => ({ ...profile, name }));
  }

  writeDescription(): Promise<void> {
    const { description } = this;
    return this.#field("description", (profile) => ({ ...profile, description }));
  }

  setTimeout(field: TimeoutName, ms: number | undefined): Promise<void> {
    return this.#field(field, (profile) => ({
      ...profile,
      timeouts: withTimeout(profile.timeouts ?? {}, field, ms),
    }));
  }

  async #field(field: keyof ProfileForm["problems"], change: (profile: Profile) => Profile): Promise<void> {
    try {
      await this.#save(change);
      Reflect.deleteProperty(this.problems, field);
    } catch (thrown) {
      this.problems[field] = asAppError(thrown).message;
    }
  }

  /** One save after the other, each from what the one before has left. */
  #save(change: (profile: Profile) => Profile): Promise<void> {
    const saved = this.#saving.then(() => this.room.save(change(this.profile)));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }
}
