/** How many frames a conversation has to be drawn in. */
const MOST_FRAMES = 90;

/** Brings a turn into view once its conversation is drawn, and marks it for a moment. */
export function showAnswer(turnId: string, frames = MOST_FRAMES): void {
  const turn = document.querySelector<HTMLElement>(`[data-turn="${CSS.escape(turnId)}"]`);
  if (turn !== null) {
    turn.scrollIntoView({ block: "start" });
    turn.animate([{ background: "var(--accent-soft)" }, { background: "transparent" }], 1_600);
  } else if (frames > 0) {
    requestAnimationFrame(() => showAnswer(turnId, frames - 1));
  }
}
