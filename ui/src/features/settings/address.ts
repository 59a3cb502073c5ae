/**
 * What may be said about a base URL while it is typed. The host has the last word (domain: `parse_base_url`); these are
 * its rules, said before the button is pressed.
 */
export type AddressVerdict =
  | "missing"
  | "invalid"
  | "credentials"
  /** Encrypted, or a server of this machine. */
  | "fine"
  /** Plain http in a private network: only with the user's word. */
  | "private"
  /** Plain http to anywhere else: never. */
  | "plain";

export function judgeAddress(typed: string): AddressVerdict {
  const text = typed.trim();
  if (text === "") return "missing";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "invalid";
  }
  if (url.hostname === "" || (url.protocol !== "https:" && url.protocol !== "http:")) return "invalid";
  if (url.username !== "" || url.password !== "") return "credentials";
  if (url.protocol === "https:" || isLoopback(url.hostname)) return "fine";
  return isPrivate(url.hostname) ? "private" : "plain";
}

/** Scheme, host and port: what a key is bound to. `null` for what is not an address. */
export function originOf(address: string): string | null {
  try {
    return new URL(address.trim()).origin;
  } catch {
    return null;
  }
}

/** The host of a page, for a link that names it. */
export function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(?:\.\d+){3}$/.test(host)
  );
}

function isPrivate(host: string): boolean {
  return (
    /^10(?:\.\d+){3}$/.test(host) ||
    /^192\.168(?:\.\d+){2}$/.test(host) ||
    /^169\.254(?:\.\d+){2}$/.test(host) ||
    /^172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}$/.test(host) ||
    /^\[(?:f[cd]|fe[89ab])/i.test(host)
  );
}
