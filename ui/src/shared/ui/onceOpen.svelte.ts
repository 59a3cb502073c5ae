/**
 * Whether something that opens and closes has been open. There are hundreds of tips and menus in a long conversation: what nobody
 * has opened is not in the page. What has been open stays: the library forgets beside what it stands when its parts are taken out.
 */
export function onceOpen(open: () => boolean): { readonly current: boolean } {
  let was = $state(false);
  $effect.pre(() => {
    if (open()) was = true;
  });
  return {
    get current() {
      return was;
    },
  };
}
