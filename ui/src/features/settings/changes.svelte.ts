/** Counts changes of values anywhere in the settings, so that what shows the result asks for it anew. */
let count = $state(0);

export const valueChanges = {
  get count(): number {
    return count;
  },
  happened(): void {
    count += 1;
  },
};
