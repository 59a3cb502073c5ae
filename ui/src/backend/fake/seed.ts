import type { AttachmentView } from "../bindings/AttachmentView";
import type { LaneView } from "../bindings/LaneView";
import type { RunView } from "../bindings/RunView";
import { reach } from "./reach";
import { FakeRun, newRun, PLAIN, tokensIn, type Script } from "./run";
import type { FakeState, StoredConversation } from "./state";
import { voiceOf } from "./voices";

const MINUTE_MS = 60_000;

export interface Seed {
  title: string;
  targets: string[];
  /** Minutes ago. */
  age: number;
  prompts: string[];
  pinned?: boolean;
  folder?: string;
  tags?: string[];
  /** Files that went along with a prompt. */
  files?: (state: FakeState, turn: number) => AttachmentView[];
  /** How an answer went, by turn and lane. */
  script?: (turn: number, lane: number) => Partial<Script>;
  /** Changes an answer after it was made, for what no script leads to. */
  touch?: (run: RunView, turn: number, lane: number) => RunView;
}

/** A finished answer, made as the live ones are but at once. */
export function finishedRun(
  state: FakeState,
  lane: LaneView,
  turnId: string,
  prompt: string,
  at: number,
  script: Partial<Script>,
): RunView {
  const { model, route } = reach(state, lane.target);
  const startedAt = at;
  const made = newRun({
    id: state.id("run"),
    turnId,
    laneId: lane.id,
    version: 1,
    model,
    startedAt,
    notices: [],
  });
  const view: RunView = { ...made, target: lane.target, route };
  const voice = voiceOf(model.model, prompt, model.reasoning === true);
  const jitter = (model.model.length * 137) % 700;
  const usual = { voice, ttftMs: 240 + jitter, tokensPerSecond: 40 + (jitter % 90) };
  const run = new FakeRun(
    view,
    model,
    {
      ...PLAIN,
      ...usual,
      served: model.model,
      ...script,
    },
    tokensIn(prompt) + lane.history_tokens,
  );
  const tokens = tokensIn(run.script.voice.text + run.script.voice.reasoning) + 2;
  run.advance(startedAt + run.script.ttftMs + 1);
  if (!run.ended) run.advance(startedAt + run.script.ttftMs + (tokens / run.script.tokensPerSecond) * 1000);
  return run.view;
}

export function plant(state: FakeState, seed: Seed): StoredConversation {
  const end = Date.now() - seed.age * MINUTE_MS;
  const conversation: StoredConversation = {
    id: state.id("conversation"),
    title: seed.title,
    created_at: end - seed.prompts.length * 4 * MINUTE_MS,
    updated_at: end,
    pinned: seed.pinned ?? false,
    folder: seed.folder ?? null,
    tags: seed.tags ?? [],
    draft: "",
    draftFiles: [],
    lanes: seed.targets.map((target, position) => state.lane(target, position)),
    turns: [],
  };
  state.conversations.set(conversation.id, conversation);
  seed.prompts.forEach((text, turnAt) => {
    const created_at = end - (seed.prompts.length - turnAt) * 4 * MINUTE_MS;
    const turn = {
      id: state.id("turn"),
      parent_turn_id: conversation.turns.at(-1)?.turn.id ?? null,
      text,
      attachments: seed.files?.(state, turnAt) ?? [],
      created_at,
    };
    const versions = new Map<string, RunView[]>();
    conversation.lanes.forEach((lane, laneAt) => {
      const run = finishedRun(state, lane, turn.id, text, created_at, seed.script?.(turnAt, laneAt) ?? {});
      versions.set(lane.id, [seed.touch?.(run, turnAt, laneAt) ?? run]);
    });
    conversation.turns.push({ turn, versions });
  });
  state.countHistory(conversation);
  return conversation;
}
