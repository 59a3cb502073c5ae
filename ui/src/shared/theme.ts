import type { Theme } from "../backend/bindings/Theme";

/** Fixes light or dark, or leaves it to the system; the tokens follow by `light-dark()`. */
export function showTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}

export type Scheme = "light" | "dark";

/** What a theme comes to. */
export function schemeOf(theme: Theme, isSystemDark: boolean): Scheme {
  if (theme === "system") return isSystemDark ? "dark" : "light";
  return theme;
}

/** What is shown now. */
export function shownScheme(): Scheme {
  const fixed = document.documentElement.dataset["theme"];
  const theme = fixed === "light" || fixed === "dark" ? fixed : "system";
  return schemeOf(theme, matchMedia("(prefers-color-scheme: dark)").matches);
}
