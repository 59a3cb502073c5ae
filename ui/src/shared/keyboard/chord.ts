/** A key combination as written in code: `Mod+K`, `Mod+Shift+L`, `Escape`, `?`. `Mod` is Command on a Mac, else Control. */
export type Chord = string;

const MAC = typeof navigator !== "undefined" && /mac/i.test(navigator.userAgent);

/** How the keys are written on the keyboard in front of the user. */
export function keyCaps(chord: Chord, mac: boolean = MAC): string[] {
  return chord.split("+").map((key) => {
    switch (key) {
      case "Mod":
        return mac ? "⌘" : "Ctrl";
      case "Shift":
        return mac ? "⇧" : "Shift";
      case "Alt":
        return mac ? "⌥" : "Alt";
      case "Enter":
        return "↵";
      case "Escape":
        return "Esc";
      case "ArrowUp":
        return "↑";
      case "ArrowDown":
        return "↓";
      case "ArrowLeft":
        return "←";
      case "ArrowRight":
        return "→";
      default:
        return key;
    }
  });
}

/** Whether a key press is this chord. Shift is not compared for characters such as `?` that need it to be typed. */
export function pressed(chord: Chord, event: KeyboardEvent, mac: boolean = MAC): boolean {
  const keys = chord.split("+");
  const key = keys.at(-1) ?? "";
  const mod = mac ? event.metaKey : event.ctrlKey;
  const otherMod = mac ? event.ctrlKey : event.metaKey;
  if (mod !== keys.includes("Mod") || otherMod || event.altKey !== keys.includes("Alt")) return false;
  const symbol = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  if (!symbol && event.shiftKey !== keys.includes("Shift")) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}
