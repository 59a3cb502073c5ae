import { MediaQuery } from "svelte/reactivity";
import { getApp } from "../../../shared/app.svelte";
import { paintOf, type Paint } from "./paint";

/** The paint of the theme that is shown; reads anew when it changes. Call it while a component is made. */
export function watchPaint(): { readonly current: Paint | null } {
  const app = getApp();
  const dark = new MediaQuery("prefers-color-scheme: dark");
  /** Letters that come later are measured and drawn anew. */
  let letters = $state(0);
  let paint = $state.raw<Paint | null>(null);
  $effect(() => {
    void document.fonts.ready.then(() => (letters += 1));
  });
  $effect(() => {
    const followed = [app.settings.theme, dark.current, letters];
    if (followed.length > 0) paint = paintOf(document.body);
  });
  return {
    get current() {
      return paint;
    },
  };
}
