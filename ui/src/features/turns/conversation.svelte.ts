import { SvelteSet } from "svelte/reactivity";
import type { Backend } from "../../backend/backend";
import type { ConversationSnapshot } from "../../backend/bindings/ConversationSnapshot";
import type { BudgetStop } from "../../backend/bindings/BudgetStop";
import type { LaneView } from "../../backend/bindings/LaneView";
import type { MoneyChoice } from "../../backend/bindings/MoneyChoice";
import type { OfferView } from "../../backend/bindings/OfferView";
import type { Params } from "../../backend/bindings/Params";
import type { RunView } from "../../backend/bindings/RunView";
import { asAppError } from "../../backend/errors";
import { trace } from "../../shared/i18n/messages/trace";
import { toasts } from "../../shared/ui/toasts.svelte";
import { DraftFiles } from "../attachments/draftFiles.svelte";
import { Asking, type Ask } from "./asking.svelte";
import { EarlyBatches } from "./earlyBatches";
import { Turn } from "./turn.svelte";

/** What a conversation tells those who show more than itself. */
export interface ConversationEvents {
  /** Its row in the list may read differently now. */
  changed: () => void;
  /** An answer ended while the window watched. */
  ended: (run: RunView) => void;
}

const DRAFT_DELAY_MS = 400;
export const MOST_LANES = 8;

/** One open conversation: its lanes, its turns, and what can be done with them. */
export class Conversation {
  readonly id: string;
  title = $state("");
  lanes = $state.raw<LaneView[]>([]);
  turns = $state.raw<Turn[]>([]);
  draft = $state("");
  /** The files that go along with the draft. */
  readonly files: DraftFiles;
  /** A prompt is on its way to the host. */
  sending = $state(false);
  /** Where what does not fit the budgets waits for a decision. */
  readonly asking = new Asking();
  /** Lanes the next prompt leaves out. */
  readonly leftOut = new SvelteSet<string>();
  /** The lane whose model is being chosen; `add` for a new lane. */
  picking = $state<string | null>(null);
  /** The answer whose way is being looked at. */
  tracing = $state.raw<RunView | null>(null);
  /** The lane in view when there is room for one only. */
  activeLane = $state<string | null>(null);
  /** Lanes with something the reader has not seen, in the narrow window. */
  readonly unread = new SvelteSet<string>();

  readonly running = $derived(this.turns.reduce((sum, turn) => sum + turn.running, 0));
  readonly asked = $derived(this.lanes.filter((lane) => !this.leftOut.has(lane.id)));

  #draftTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    snapshot: ConversationSnapshot,
    readonly backend: Backend,
    readonly events: ConversationEvents,
  ) {
    this.id = snapshot.summary.id;
    this.title = snapshot.summary.title;
    this.lanes = snapshot.lanes;
    this.draft = snapshot.draft;
    this.files = new DraftFiles(backend, snapshot.draft_attachments, () => this.#saveSoon());
    this.activeLane = snapshot.lanes[0]?.id ?? null;
    this.turns = snapshot.turns.map((view) => this.#turn(view));
    for (const turn of this.turns) {
      if (snapshot.live_turns.includes(turn.id)) this.#try(() => turn.watch());
    }
  }

  /** Sends the draft to the lanes that are asked; the draft stays when that fails. */
  async send(): Promise<void> {
    const text = this.draft;
    const nothing = text.trim() === "" && this.files.ids.length === 0;
    if (this.sending || nothing || this.asked.length === 0 || this.files.adding) return;
    await this.asking.within((money, laneIds) => this.#start(text, money, laneIds)).catch(failed);
  }

  /** Shows the ways out for the draft before it is sent. */
  offerWays(stop: BudgetStop): void {
    const text = this.draft;
    this.asking.offer(stop, (money, laneIds) => this.#start(text, money, laneIds));
  }

  async #start(text: string, money: MoneyChoice, laneIds: string[] | null): Promise<void> {
    this.sending = true;
    const early = new EarlyBatches();
    try {
      const lanes = laneIds ?? (this.leftOut.size === 0 ? [] : this.asked.map((lane) => lane.id));
      const files = this.files.ids;
      const view = await this.backend.startTurn(this.id, text, files, lanes, money, early.receive);
      const turn = this.#turn(view);
      this.turns = [...this.turns, turn];
      early.handTo(turn.receiver());
      if (this.draft === text) this.draft = "";
      this.files.forget(files);
      // The host has emptied its draft; what was written meanwhile is kept again.
      this.#saveSoon();
      this.saveDraft();
      this.events.changed();
    } finally {
      this.sending = false;
    }
  }

  write(text: string): void {
    this.draft = text;
    this.#saveSoon();
  }

  /** Takes an earlier prompt into the composer again, its files with it. */
  reuse(turn: Turn): void {
    this.write(turn.text);
    this.files.put(turn.attachments);
  }

  /** What has changed since the last time, at once, for instance when the conversation is left. */
  saveDraft(): void {
    if (this.#draftTimer === null) return;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = null;
    this.#try(() => this.backend.saveDraft(this.id, this.draft, this.files.ids));
  }

  retry(turn: Turn, run: RunView): void {
    this.#ask((money) => this.#retry(turn, run, money));
  }

  /** Takes up an offer on an answer: its next version comes through a channel of its own. */
  resume(turn: Turn, run: RunView, { resume, target }: OfferView): void {
    this.#ask(async (money) =>
      turn.put(await this.backend.resumeRun(run.id, resume, target, money, turn.receiver())),
    );
  }

  /** Forgets the kept answer behind this one; the answer itself stays. */
  forget(run: RunView): void {
    this.#try(async () => {
      await this.backend.forgetResponse(run.id);
      toasts.say(trace().forgotten);
    });
  }

  retryTurn(turn: Turn, failedOnly: boolean): void {
    this.#ask(async (money, laneIds) => {
      const kept = laneIds?.flatMap((id) => turn.answers.get(id)?.run ?? []);
      if (kept === undefined) {
        const runs = await this.backend.retryTurn(turn.id, failedOnly, money, turn.receiver());
        for (const run of runs) turn.put(run);
      } else for (const run of kept) await this.#retry(turn, run, money);
    });
  }

  stop(run: RunView): void {
    this.#try(() => this.backend.stopRun(run.id));
  }

  /** Stops every answer in flight here. */
  stopAll(): void {
    for (const turn of this.turns) if (turn.running > 0) this.#try(() => this.backend.stopTurn(turn.id));
  }

  pick(turn: Turn, run: RunView): void {
    this.#try(async () => {
      const marked = await this.backend.pickRun(run.id, !run.picked);
      // One answer of a turn is the best: the host takes the mark from the others.
      for (const { run: other } of turn.answers.values()) {
        if (marked.picked && other.picked && other.id !== marked.id) turn.put({ ...other, picked: false });
      }
      if (turn.older.get(run.lane_id)?.id === marked.id) turn.older.set(run.lane_id, marked);
      else turn.put(marked);
    });
  }

  /** Shows a version of a lane's answer, counted from 1. */
  showVersion(turn: Turn, laneId: string, version: number): void {
    const latest = turn.answers.get(laneId)?.run;
    if (latest === undefined || version === latest.version) turn.older.delete(laneId);
    else
      this.#try(async () => turn.older.set(laneId, await this.backend.runVersion(turn.id, laneId, version)));
  }

  addLane(target: string): void {
    this.#try(async () => {
      const lane = await this.backend.addLane(this.id, target);
      this.lanes = [...this.lanes, lane];
      this.activeLane ??= lane.id;
      this.events.changed();
    });
  }

  removeLane(laneId: string): void {
    this.#try(async () => {
      await this.backend.removeLane(laneId);
      this.lanes = this.lanes.filter((lane) => lane.id !== laneId);
      this.leftOut.delete(laneId);
      if (this.activeLane === laneId) this.activeLane = this.lanes[0]?.id ?? null;
      this.events.changed();
    });
  }

  swapModel(laneId: string, target: string): void {
    this.#try(async () => {
      this.#putLane(await this.backend.setLaneTarget(laneId, target));
      this.events.changed();
    });
  }

  /** Rejects with what the host says against them: that belongs beside the field it is about. */
  async saveParams(laneId: string, params: Params): Promise<void> {
    this.#putLane(await this.backend.setLaneParams(laneId, params));
  }

  moveLane(laneId: string, position: number): void {
    this.#try(async () => (this.lanes = await this.backend.moveLane(laneId, position)));
  }

  rename(title: string): void {
    const before = this.title;
    this.title = title.trim();
    this.#try(async () => {
      try {
        await this.backend.renameConversation(this.id, this.title);
      } catch (thrown) {
        this.title = before;
        throw thrown;
      }
      this.events.changed();
    });
  }

  #turn(view: ConstructorParameters<typeof Turn>[0]): Turn {
    return new Turn(view, this.backend, (run) => {
      if (this.activeLane !== run.lane_id) this.unread.add(run.lane_id);
      this.events.ended(run);
      if (this.running === 0) this.#try(() => this.#refreshLanes());
    });
  }

  /** What each lane's next request would carry has grown. */
  async #refreshLanes(): Promise<void> {
    this.lanes = (await this.backend.openConversation(this.id)).lanes;
    this.events.changed();
  }

  async #retry(turn: Turn, run: RunView, money: MoneyChoice): Promise<void> {
    turn.put(await this.backend.retryRun(run.id, money, turn.receiver()));
  }

  #ask(ask: Ask): void {
    this.#try(() => this.asking.within(ask));
  }

  #putLane(lane: LaneView): void {
    this.lanes = this.lanes.map((before) => (before.id === lane.id ? lane : before));
  }

  #saveSoon(): void {
    if (this.#draftTimer !== null) clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => this.saveDraft(), DRAFT_DELAY_MS);
  }

  #try(work: () => Promise<unknown>): void {
    work().catch(failed);
  }
}

const failed = (thrown: unknown) => toasts.error(asAppError(thrown));
