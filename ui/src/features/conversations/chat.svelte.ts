import { getContext, setContext } from "svelte";
import { SvelteSet } from "svelte/reactivity";
import type { Backend } from "../../backend/backend";
import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";
import type { RunView } from "../../backend/bindings/RunView";
import type { FolderSpend } from "../../backend/bindings/FolderSpend";
import { asAppError } from "../../backend/errors";
import { toasts } from "../../shared/ui/toasts.svelte";
import { Conversation } from "../turns/conversation.svelte";
import { folderNames, isFound, readSearch, tagsOf } from "./filing";

/** The chat room: the list of conversations and the one that is open. */
export class Chat {
  /** `null` until the first answer of the host. */
  summaries = $state.raw<ConversationSummary[] | null>(null);
  open = $state.raw<Conversation | null>(null);
  /** The id of the conversation being opened. */
  opening = $state<string | null>(null);
  search = $state("");
  /** The latest answer that ended, for those who hear the screen. */
  lastEnded = $state.raw<RunView | null>(null);

  /** What each folder has cost, by name; a folder the host has not spoken of yet is missing. */
  folderSpend = $state.raw<ReadonlyMap<string, FolderSpend>>(new Map());
  /** Folders whose rows are shown in the list. */
  readonly unfolded = new SvelteSet<string>();

  readonly folders = $derived(folderNames(this.summaries ?? []));
  /** The most used first. */
  readonly tags = $derived(tagsOf(this.summaries ?? []));
  readonly searching = $derived(this.search.trim() !== "");
  readonly found = $derived.by(() => {
    const all = this.summaries ?? [];
    if (!this.searching) return all;
    const wanted = readSearch(this.search);
    return all.filter((one) => isFound(one, wanted, this.tags));
  });

  /** Conversations with answers in flight or files in the draft, so that going away and back loses nothing on screen. */
  readonly #kept = new Map<string, Conversation>();

  constructor(readonly backend: Backend) {}

  /**
   * Loads the list and opens the latest conversation, or a first one with these lanes. Where there is none yet, `atOnce`
   * begins one with the host's usual lanes: a demo is there to be tried.
   */
  async start(firstLanes: string[], atOnce = false): Promise<void> {
    await this.#try(async () => {
      await this.refresh();
      if (this.open !== null) return;
      const latest = latestOf(this.summaries ?? []);
      if (firstLanes.length > 0) await this.create(firstLanes);
      else if (latest !== undefined) await this.show(latest.id);
      else if (atOnce) await this.create();
    });
  }

  async refresh(): Promise<void> {
    this.summaries = await this.backend.listConversations();
    void this.#addUpFolders();
    const open = this.open;
    const row = this.summaries.find((summary) => summary.id === open?.id);
    // The first prompt names a conversation.
    if (open !== null && row !== undefined && open.title === "") open.title = row.title;
  }

  async create(targets: string[] = []): Promise<void> {
    await this.#try(async () => {
      // An untouched conversation is already what "new" would make.
      const blank = this.open;
      if (blank !== null && blank.turns.length === 0 && targets.length === 0 && !blank.sending) return;
      this.#enter(
        new Conversation(await this.backend.createConversation(targets), this.backend, this.#events),
      );
      await this.refresh();
    });
  }

  async show(id: string): Promise<void> {
    if (this.open?.id === id) return;
    await this.#try(async () => {
      const kept = this.#kept.get(id);
      if (kept !== undefined) {
        this.#enter(kept);
        return;
      }
      this.opening = id;
      try {
        const snapshot = await this.backend.openConversation(id);
        // Meanwhile the reader may have chosen another one.
        if (this.opening === id) this.#enter(new Conversation(snapshot, this.backend, this.#events));
      } finally {
        if (this.opening === id) this.opening = null;
      }
    });
  }

  async rename(id: string, title: string): Promise<void> {
    if (this.open?.id === id) {
      this.open.rename(title);
      return;
    }
    await this.#try(async () => this.#put(await this.backend.renameConversation(id, title)));
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    await this.#try(async () => {
      await this.backend.pinConversation(id, pinned);
      await this.refresh();
    });
  }

  /** `null` takes it out of its folder. A folder is there as long as something lies in it. */
  async setFolder(id: string, folder: string | null): Promise<void> {
    await this.#try(async () => {
      this.#put(await this.backend.setConversationFolder(id, folder));
      void this.#addUpFolders();
      if (folder !== null && this.open?.id === id) this.unfolded.add(folder);
    });
  }

  /** Gives a folder another name, or joins it to the one of that name. Whether it did. */
  async renameFolder(old: string, name: string): Promise<boolean> {
    let done = false;
    await this.#try(async () => {
      const moved = new Map((await this.backend.renameFolder(old, name)).map((one) => [one.id, one]));
      this.summaries = (this.summaries ?? []).map((one) => moved.get(one.id) ?? one);
      const now = moved.values().next().value?.folder ?? name;
      if (this.unfolded.delete(old)) this.unfolded.add(now);
      void this.#addUpFolders();
      done = true;
    });
    return done;
  }

  async setTags(id: string, tags: string[]): Promise<void> {
    await this.#try(async () => this.#put(await this.backend.setConversationTags(id, tags)));
  }

  async remove(id: string): Promise<void> {
    await this.#try(async () => {
      await this.backend.deleteConversation(id);
      this.#kept.delete(id);
      await this.refresh();
      if (this.open?.id !== id) return;
      this.open = null;
      const next = latestOf(this.summaries ?? []);
      if (next !== undefined) await this.show(next.id);
    });
  }

  /** Answers in flight in a conversation: what the window watches is newer than the list. */
  runningIn(summary: ConversationSummary): number {
    if (this.open?.id === summary.id) return this.open.running;
    return this.#kept.get(summary.id)?.running ?? summary.running;
  }

  #enter(conversation: Conversation): void {
    const left = this.open;
    left?.saveDraft();
    if (left !== null && (left.running > 0 || left.files.files.length > 0)) this.#kept.set(left.id, left);
    this.#kept.delete(conversation.id);
    this.opening = null;
    this.open = conversation;
    // What is open can be seen in the list.
    const folder = this.summaries?.find(({ id }) => id === conversation.id)?.folder;
    if (folder !== undefined && folder !== null) this.unfolded.add(folder);
  }

  /** The sums are the host's: money is not added up here. The list does without them when they do not come. */
  async #addUpFolders(): Promise<void> {
    if (this.folders.length === 0) return;
    try {
      const sums = await this.backend.folderSpend();
      this.folderSpend = new Map(sums.map((sum) => [sum.folder, sum]));
    } catch {
      this.folderSpend = new Map();
    }
  }

  #put(summary: ConversationSummary): void {
    this.summaries = (this.summaries ?? []).map((one) => (one.id === summary.id ? summary : one));
  }

  readonly #events = {
    changed: () => void this.#try(() => this.refresh()),
    ended: (run: RunView) => {
      this.lastEnded = run;
    },
  };

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }
}

function latestOf(summaries: ConversationSummary[]): ConversationSummary | undefined {
  return summaries.toSorted((a, b) => b.updated_at - a.updated_at)[0];
}

const KEY = Symbol("chat");

export function setChat(chat: Chat): void {
  setContext(KEY, chat);
}

export function getChat(): Chat {
  return getContext<Chat>(KEY);
}
