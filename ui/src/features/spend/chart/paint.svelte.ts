import { MediaQuery } from "svelte/reactivity";
import { getApp } from "../../../shared/app.svelte";
import { schemeOf } from "../../../shared/theme";
import { paintOf, type Paint } from "./paint";

/** The paint of the theme that is shown, another object whenever all is to be drawn anew. Call it while a component is made. */
export function watchPaint(): { readonly current: Paint } {
  const app = getApp();
  const dark = new MediaQuery("prefers-color-scheme: dark");
  /** Settings change as a whole, with every filter that is set: only another scheme has another paint. */
  const scheme = $derived(schemeOf(app.settings.theme, dark.current));
  let haveLetters = $state(document.fonts.status === "loaded");
  if (document.fonts.status !== "loaded") void document.fonts.ready.then(() => (haveLetters = true));
  // Letters that come later are measured and drawn anew.
  const paint = $derived(haveLetters ? paintOf(scheme) : { ...paintOf(scheme) });
  return {
    get current() {
      return paint;
    },
  };
}
