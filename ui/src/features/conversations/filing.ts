import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";

/** What the search field of the list asks for. */
export interface ListSearch {
  /** Part of the title. */
  words: string;
  /** All of them have to be there; an empty one asks for any tag. */
  tags: string[];
}

/** `#tag` or `#"two words"`, at the beginning of a word: "C#" is part of a title. */
const TAG = /(^|\s)[#＃](?:["“]([^"”]*)["”]?|(\S*))/gu;

export function readSearch(text: string): ListSearch {
  const tags: string[] = [];
  const rest = text.replace(TAG, (_, before: string, quoted?: string, plain?: string) => {
    tags.push(fold(quoted ?? plain ?? ""));
    return before;
  });
  return { words: fold(rest.replace(/\s+/gu, " ")), tags };
}

/** How a tag is written in the search field. */
export function writeTag(tag: string): string {
  return /[\s"“”]/u.test(tag) ? `#"${tag}"` : `#${tag}`;
}

/** Adds a tag to what is searched for, or takes it out again. */
export function toggleTag(text: string, tag: string): string {
  const { words, tags } = readSearch(text);
  const written = tags.filter((one) => one !== "" && one !== fold(tag)).map(writeTag);
  if (!tags.includes(fold(tag))) written.push(writeTag(tag));
  const search = [...written, words].filter((part) => part !== "").join(" ");
  return search === "" ? "" : `${search} `;
}

/**
 * Whether a row is asked for. A tag that is in use has to be met whole, so that `#work` does not bring "workshop" along;
 * one that is not is being typed and counts as a beginning.
 */
export function isFound(summary: ConversationSummary, search: ListSearch, inUse: readonly string[]): boolean {
  const known = new Set(inUse.map(fold));
  const own = summary.tags.map(fold);
  return (
    fold(summary.title).includes(search.words) &&
    search.tags.every((wanted) =>
      known.has(wanted) ? own.includes(wanted) : own.some((tag) => tag.startsWith(wanted)),
    )
  );
}

/** The tag being typed at the end of the search field, to be completed; `null` where none is. */
export function openTag(text: string): string | null {
  const found = /(?:^|\s)[#＃]["“]?([^\s"”]*)$/u.exec(text)?.[1];
  return found === undefined ? null : fold(found);
}

/** Every tag in use, the most used first. */
export function tagsOf(summaries: readonly ConversationSummary[]): string[] {
  const uses = new Map<string, number>();
  for (const { tags } of summaries) for (const tag of tags) uses.set(tag, (uses.get(tag) ?? 0) + 1);
  return [...uses].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([tag]) => tag);
}

/** Every folder in use, by name. */
export function folderNames(summaries: readonly ConversationSummary[]): string[] {
  const names = summaries.flatMap(({ folder }) => (folder === null ? [] : [folder]));
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}

/** A name as people read it: without spaces around it, and one between its words. */
export function tidyName(typed: string): string {
  return typed.replace(/\s+/gu, " ").trim();
}

/** A tag as somebody typed it: without its mark and the spaces around. */
export function tidyTag(typed: string): string {
  return tidyName(typed.replace(/^\s*[#＃]+/u, ""));
}

/** The tags with one more; the same one in other letters is there already. */
export function withTag(tags: readonly string[], typed: string): string[] {
  const tag = tidyTag(typed);
  if (tag === "" || tags.some((one) => fold(one) === fold(tag))) return [...tags];
  return [...tags, tag];
}

/** For comparison: the same letters however they were typed. */
export function fold(text: string): string {
  return text.normalize("NFC").trim().toLocaleLowerCase();
}
