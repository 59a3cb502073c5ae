/** The zone of this machine, by its IANA name. */
const MACHINE = Intl.DateTimeFormat().resolvedOptions().timeZone;

let chosen = $state.raw<string | null>(null);

/** The time zone dates of the window are in, as the books' are; reading it in a component follows changes. */
export function currentZone(): string {
  return chosen ?? MACHINE;
}

/** `null` takes the machine's. */
export function showZone(zone: string | null): void {
  chosen = zone;
}
