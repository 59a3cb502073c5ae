import { onMount } from "svelte";
import { MediaQuery } from "svelte/reactivity";
import { getApp } from "../../../shared/app.svelte";
import { paintOf, type Paint } from "./paint";

/** The paint of the theme that is shown; reads anew when it changes. Call it while a component is made. */
export function watchPaint(): { readonly current: Paint | null } {
  const app = getApp();
  const dark = new MediaQuery("prefers-color-scheme: dark");
  let mounted = $state(false);
  /** Letters that come later are measured and drawn anew. */
  let letters = $state(0);
  onMount(() => {
    mounted = true;
    void document.fonts.ready.then(() => (letters += 1));
  });
  const paint = $derived.by(() => {
    const followed = [app.settings.theme, dark.current, letters];
    return mounted && followed.length > 0 ? paintOf(document.body) : null;
  });
  return {
    get current() {
      return paint;
    },
  };
}

/** Whether things may move. */
export const stillness = new MediaQuery("prefers-reduced-motion: reduce");
