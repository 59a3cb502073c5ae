/**
 * JSON laid out over lines, its numbers, strings and keys letter for letter as the model wrote them: reading it into
 * values and writing them out again would round long numbers and drop doubled keys. `null` when it is not whole JSON.
 */
export function layOutJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let shown = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") {
      depth += 1;
      shown += token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      // Nothing in it: both brackets stay together.
      const empty = /[{[]\s*$/.test(shown);
      shown = empty ? shown.trimEnd() + token : shown + line() + token;
    } else if (token === ",") shown += token + line();
    else shown += token === ":" ? ": " : token;
  }
  return shown;
}

/** Strings, brackets and marks, and everything else that is not white space. Only for text that is known to be JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** A code block in markdown whose fence no text can close. */
export function codeBlock(text: string, language: string): string {
  const longest = [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
