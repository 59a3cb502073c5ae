import type { Backend, OnBatch } from "../backend";
import type { AttachmentView } from "../bindings/AttachmentView";
import type { LaneView } from "../bindings/LaneView";
import type { MoneyChoice } from "../bindings/MoneyChoice";
import type { RunView } from "../bindings/RunView";
import { admit, type Admitted } from "./admission";
import { stepsReached, tellSteps } from "./alerts";
import { LiveTurn } from "./liveTurn";
import { offersOf, reach } from "./reach";
import { CHARACTERS_PER_TOKEN, FakeRun, newRun, PLAIN, tokensIn, type Script } from "./run";
import { refused, spendOf, type FakeState, type StoredConversation } from "./state";
import { picoOf } from "./money";
import { leftOut, needOf, tokensOfPrompt } from "./preview";
import { toolCallsOf, voiceOf, type Voice } from "./voices";

type Part = Pick<
  Backend,
  | "startTurn"
  | "watchTurn"
  | "retryRun"
  | "retryTurn"
  | "stopRun"
  | "stopTurn"
  | "runVersion"
  | "pickRun"
  | "resumeRun"
>;

/** What of a lane decides what a call costs. */
type Asked = Pick<LaneView, "id" | "target" | "params" | "history_tokens">;

export type ScriptOf = (run: RunView, prompt: string) => Partial<Script>;

/** Paces of the demo models, milliseconds and tokens per second; others lie between. */
const PACES: Record<string, { ttftMs: number; tokensPerSecond: number }> = {
  swift: { ttftMs: 220, tokensPerSecond: 160 },
  scholar: { ttftMs: 900, tokensPerSecond: 70 },
  poet: { ttftMs: 500, tokensPerSecond: 32 },
};

export class FakeTurns implements Part {
  readonly live = new Map<string, LiveTurn>();

  constructor(
    readonly state: FakeState,
    readonly delay: () => Promise<void>,
    /** What a scene wants to happen to an answer, on top of the usual. */
    readonly scriptOf: ScriptOf,
  ) {}

  liveTurns(conversation: StoredConversation): string[] {
    return conversation.turns.map(({ turn }) => turn.id).filter((id) => this.live.has(id));
  }

  startTurn: Backend["startTurn"] = async (conversationId, text, attachments, laneIds, money, onBatch) => {
    await this.delay();
    if (text.trim() === "" && attachments.length === 0)
      throw refused("empty_prompt", "Write something to ask.");
    const files = attachments.map((id) => this.state.file(id).view);
    const conversation = this.state.conversation(conversationId);
    const lanes = conversation.lanes.filter((lane) => laneIds.length === 0 || laneIds.includes(lane.id));
    if (lanes.length === 0) throw refused("no_lanes", "Add a model to ask.");
    this.state.countHistory(conversation);
    const admitted = this.#admit(conversation, lanes, text, files, money);
    const now = Date.now();
    const parent = conversation.turns.at(-1)?.turn.id ?? null;
    const turn = {
      id: this.state.id("turn"),
      parent_turn_id: parent,
      text,
      attachments: files,
      created_at: now,
    };
    const stored: StoredConversation["turns"][number] = { turn, versions: new Map() };
    conversation.turns.push(stored);
    conversation.updated_at = now;
    conversation.draft = "";
    conversation.draftFiles = [];
    if (conversation.title === "") conversation.title = text.trim().split("\n")[0]?.slice(0, 80) ?? "";
    const runs = lanes.map((lane) =>
      this.#newRun(conversation, stored, lane.id, lane.target, lane.history_tokens, admitted.get(lane.id)),
    );
    this.#follow(turn.id, runs, onBatch);
    return { ...turn, runs: runs.map((run) => run.view), spend: spendOf([]) };
  };

  watchTurn: Backend["watchTurn"] = async (turnId, onBatch) => {
    await this.delay();
    const live = this.live.get(turnId);
    if (live !== undefined) {
      live.watch(onBatch);
      return;
    }
    const { stored } = this.state.placeOfTurn(turnId);
    const runs = [...stored.versions.values()].flatMap((all) => all.slice(-1));
    onBatch({ turn_id: turnId, seq: 0, events: runs.map((run) => ({ type: "snapshot", run })), done: true });
  };

  resumeRun: Backend["resumeRun"] = async (runId, resume, target, money, onBatch) => {
    await this.delay();
    const before = this.find(runId);
    const { conversation, stored } = this.state.placeOfTurn(before.turn_id);
    const again = { ...this.#again(conversation, before.lane_id, target), target };
    const admitted = this.#admit(conversation, [again], stored.turn.text, stored.turn.attachments, money);
    const run = this.#newRun(conversation, stored, again.id, target, 0, admitted.get(again.id));
    if (resume === "continue") run.continueFrom(before);
    this.#follow(before.turn_id, [run], onBatch);
    return run.view;
  };

  retryRun: Backend["retryRun"] = async (runId, money, onBatch) => {
    await this.delay();
    const before = this.find(runId);
    const runs = this.#retry([before], money);
    this.#follow(before.turn_id, runs, onBatch);
    return runs[0]?.view ?? before;
  };

  retryTurn: Backend["retryTurn"] = async (turnId, failedOnly, money, onBatch) => {
    await this.delay();
    const { stored } = this.state.placeOfTurn(turnId);
    const latest = [...stored.versions.values()].flatMap((all) => all.slice(-1));
    const again = latest.filter(
      (run) => run.finished_at !== null && (!failedOnly || run.state !== "complete"),
    );
    const runs = this.#retry(again, money);
    this.#follow(turnId, runs, onBatch);
    return runs.map((run) => run.view);
  };

  stopRun: Backend["stopRun"] = async (runId) => {
    await this.delay();
    for (const live of this.live.values()) live.stop(runId);
  };

  stopTurn: Backend["stopTurn"] = async (turnId) => {
    await this.delay();
    this.live.get(turnId)?.stop(null);
  };

  runVersion: Backend["runVersion"] = async (turnId, laneId, version) => {
    await this.delay();
    const all = this.state.placeOfTurn(turnId).stored.versions.get(laneId) ?? [];
    const run = all[version - 1];
    if (run === undefined) throw refused("unknown_run", "This version is gone.");
    return { ...run, versions: all.length };
  };

  pickRun: Backend["pickRun"] = async (runId, picked) => {
    await this.delay();
    const run = this.find(runId);
    const { stored } = this.state.placeOfTurn(run.turn_id);
    for (const [laneId, all] of stored.versions) {
      const marked = all.map((one) => ({
        ...one,
        picked: one.id === runId ? picked : picked ? false : one.picked,
      }));
      stored.versions.set(laneId, marked);
    }
    return { ...this.find(runId), versions: stored.versions.get(run.lane_id)?.length ?? 1 };
  };

  find(runId: string): RunView {
    for (const conversation of this.state.conversations.values()) {
      for (const { versions } of conversation.turns) {
        const run = [...versions.values()].flat().find((candidate) => candidate.id === runId);
        if (run !== undefined) return run;
      }
    }
    throw refused("unknown_run", "This answer is gone.");
  }

  /** Answers of one turn anew: all of them, or none when they do not fit the budgets. */
  #retry(before: RunView[], money: MoneyChoice): FakeRun[] {
    const [first] = before;
    if (first === undefined) return [];
    const { conversation, stored } = this.state.placeOfTurn(first.turn_id);
    const lanes = before.map((run) => this.#again(conversation, run.lane_id, run.target));
    const admitted = this.#admit(conversation, lanes, stored.turn.text, stored.turn.attachments, money);
    return lanes.map(({ id, target }) => this.#newRun(conversation, stored, id, target, 0, admitted.get(id)));
  }

  /** A lane that is asked once more, without its history; one that was removed is asked as it was. */
  #again(conversation: StoredConversation, id: string, target: string): Asked {
    const lane = conversation.lanes.find((one) => one.id === id);
    return { id, target: lane?.target ?? target, params: lane?.params ?? { stop: [] }, history_tokens: 0 };
  }

  #admit(
    conversation: StoredConversation,
    lanes: Asked[],
    text: string,
    files: AttachmentView[],
    money: MoneyChoice,
  ): Map<string, Admitted> {
    const needs = lanes.map((lane) => needOf(this.state, conversation, lane, text, files));
    return new Map(admit(this.state, needs, money, text).map((one) => [one.laneId, one]));
  }

  #newRun(
    conversation: StoredConversation,
    stored: StoredConversation["turns"][number],
    laneId: string,
    target: string,
    historyTokens: number,
    admitted: Admitted | undefined,
  ): FakeRun {
    const { model, route } = this.#reached(target, admitted);
    const earlier = stored.versions.get(laneId) ?? [];
    const version = earlier.length + 1;
    const part = {
      id: this.state.id("run"),
      turnId: stored.turn.id,
      laneId,
      version,
      model,
      startedAt: Date.now(),
      notices: leftOut(model, stored.turn.attachments),
    };
    const view: RunView = { ...newRun(part), target, route };
    const voice = cutTo(
      admitted?.longest ?? null,
      voiceOf(model.model, stored.turn.text, model.reasoning === true),
    );
    const pace = PACES[model.model] ?? { ttftMs: 400 + (model.model.length % 5) * 180, tokensPerSecond: 60 };
    const usual = {
      ...PLAIN,
      voice,
      ...pace,
      served: model.model,
      toolCalls: toolCallsOf(model, stored.turn.text),
      offers: offersOf(this.state, target, model.target),
    };
    const script: Script = { ...usual, ...this.scriptOf(view, stored.turn.text) };
    stored.versions.set(laneId, [...earlier, view]);
    conversation.updated_at = Date.now();
    if (admitted !== undefined) {
      const { facts, pico } = admitted;
      const call = { ...facts, target: model.target, simulated: model.simulated };
      this.state.budgets.setAside.push({ ...call, runId: view.id, pico });
    }
    return new FakeRun(
      view,
      model,
      script,
      historyTokens + tokensOfPrompt(model, stored.turn.text, stored.turn.attachments),
    );
  }

  #follow(turnId: string, runs: FakeRun[], onBatch: OnBatch): void {
    let live = this.live.get(turnId);
    if (live === undefined) {
      live = new LiveTurn(
        turnId,
        runs,
        (run) => this.#store(run),
        () => this.live.delete(turnId),
      );
      this.live.set(turnId, live);
    } else {
      for (const run of runs) live.add(run);
    }
    live.watch(onBatch);
  }

  #store(run: FakeRun): void {
    const { versions } = this.state.placeOfTurn(run.view.turn_id).stored;
    const all = versions.get(run.view.lane_id) ?? [];
    const stored = all.map((one) => (one.id === run.view.id ? run.view : one));
    versions.set(run.view.lane_id, stored);
    this.#settle(run.view);
  }

  /** What was set aside is free again, and what was spent is counted. */
  #settle({ id, cost }: RunView): void {
    const { budgets } = this.state;
    const call = budgets.setAside.find(({ runId }) => runId === id);
    budgets.setAside = budgets.setAside.filter((one) => one !== call);
    if (call === undefined || cost === null) return;
    const before = stepsReached(this.state);
    budgets.paid.push({ ...call, at: Date.now(), pico: cost.usd === null ? null : picoOf(cost.usd) });
    tellSteps(this.state, before);
  }

  /** The model that is asked: the target's own, or the cheaper one the money of the prompt was decided for. */
  #reached(target: string, admitted: Admitted | undefined): ReturnType<typeof reach> {
    const reached = reach(this.state, target);
    if (admitted === undefined || admitted.target === reached.model.target) return reached;
    return { ...reached, model: this.state.model(admitted.target) };
  }
}

/** No answer is longer than what was set aside for it. */
function cutTo(tokens: number | null, voice: Voice): Voice {
  if (tokens === null || tokensIn(voice.reasoning) + tokensIn(voice.text) <= tokens) return voice;
  const left = Math.max(0, tokens - tokensIn(voice.reasoning)) * CHARACTERS_PER_TOKEN;
  return { ...voice, text: voice.text.slice(0, left) };
}
