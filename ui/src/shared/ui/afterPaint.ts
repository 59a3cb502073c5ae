/** Runs a step once what the page looks like now is on screen. Returns what calls it off. */
export function afterPaint(step: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // The frame comes before the paint; what waits behind it comes after.
  const frame = requestAnimationFrame(() => (timer = setTimeout(step)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
