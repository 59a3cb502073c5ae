import type { RunView } from "../../backend/bindings/RunView";
import { palette } from "../../shared/i18n/messages/palette";
import { trace } from "../../shared/i18n/messages/trace";
import type { Command } from "../../shared/keyboard/commands.svelte";
import type { Conversation } from "../turns/conversation.svelte";
import { hasEnded } from "../turns/stream";

/** What can be done about the newest answer of a lane: see how it came about, or take up what is offered about it. */
export function answerCommands(conversation: Conversation, laneId: string | undefined): Command[] {
  const turn = conversation.turns.at(-1);
  const answers = [...(turn?.answers.values() ?? [])].map(({ run }) => run);
  const run = answers.find((answer) => answer.lane_id === laneId) ?? answers[0];
  if (turn === undefined || run === undefined) return [];
  const why: Command = {
    id: "why",
    label: palette().whyLast,
    group: "conversation",
    run: () => (conversation.tracing = run),
  };
  if (!hasEnded(run)) return [why];
  const offered = run.offers.map((offer): Command => {
    const label = labelOf(offer);
    const take = () => conversation.resume(turn, run, offer);
    return { id: `${offer.resume} ${offer.target}`, label, group: "conversation", run: take };
  });
  return [why, ...offered];
}

/** What an offer is called on its button and in the palette. */
export function labelOf({ resume, model_name }: RunView["offers"][number]): string {
  const words = trace();
  const called = {
    continue: words.continueWith,
    regenerate: words.regenerateWith,
    try_anyway: words.tryAnyway,
  };
  return called[resume](model_name);
}
