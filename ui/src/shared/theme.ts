import type { Theme } from "../backend/bindings/Theme";

/** Fixes light or dark, or leaves it to the system; the tokens follow by `light-dark()`. */
export function showTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}
