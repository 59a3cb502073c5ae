/** A word the host uses in codes, as people read it; a code this window does not know is shown as it is. */
export function named(names: Record<string, string>): (code: string) => string {
  return (code) => names[code] ?? code.replaceAll("_", " ");
}
