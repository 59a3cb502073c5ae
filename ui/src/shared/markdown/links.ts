/** Which links of an answer are alive, and what is shown of where they lead. */

export interface LinkTarget {
  /** Normalised, ready for `backend.openLink`. */
  href: string;
  /** Host (punycode) and port, or the address of a mailto link. */
  host: string;
}

/** Browsers cut these out of addresses before they read the scheme. */

const IGNORED = /[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** `null` for anything but a plain https or mailto link: no other scheme, nothing relative, no user name before the host. */
export function linkTarget(address: string): LinkTarget | null {
  const trimmed = address.trim();
  if (trimmed.length > 4_000 || IGNORED.test(trimmed) || !/^(?:https:\/\/|mailto:)/i.test(trimmed))
    return null;
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return null;
  }
  if (url.protocol === "mailto:") {
    const address = url.pathname;
    return /^[^\s@<>"']+@[^\s@<>"']+$/.test(address) ? { href: url.href, host: safeDecode(address) } : null;
  }
  if (url.protocol !== "https:" || url.hostname === "" || url.username !== "" || url.password !== "")
    return null;
  return { href: url.href, host: url.host };
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether the words of a link already say its host, so that it need not be said twice. */
export function saysHost(text: string, host: string): boolean {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^(?:https:\/\/|mailto:)/, "");
  return (
    words === host ||
    words.startsWith(`${host}/`) ||
    words.startsWith(`${host}?`) ||
    words.startsWith(`${host}#`)
  );
}
