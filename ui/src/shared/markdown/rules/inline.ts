/** Small inline rules: `<br>` as a line break, and pictures that are never loaded. */
import type { MarkdownIt } from "markdown-it";
import type { StateInline } from "markdown-it";

import { linkTarget } from "../links";

const BREAK = /<br\s{0,3}\/?>/iy;
const EMBEDDED = /!\[([^\]\n]{0,500})\]\(\s{0,3}<?data:[^)\s>]*>?[^)\n]{0,500}\)/iy;

/** Models write `<br>` inside table cells because markdown has no other way. It is the one tag that is understood. */
function lineBreak(state: StateInline, silent: boolean): boolean {
  if (state.src.charCodeAt(state.pos) !== 0x3c) return false;
  BREAK.lastIndex = state.pos;
  const found = BREAK.exec(state.src);
  if (found === null) return false;
  if (!silent) state.push("hardbreak", "br", 0);
  state.pos += found[0].length;
  return true;
}

/** A picture inside the text itself (`data:`) is dropped to its label: not shown, and not a wall of base64 either. */
function embeddedImage(state: StateInline, silent: boolean): boolean {
  if (state.src.charCodeAt(state.pos) !== 0x21) return false;
  EMBEDDED.lastIndex = state.pos;
  const found = EMBEDDED.exec(state.src);
  if (found === null) return false;
  if (!silent) state.push("image_label", "", 0).content = found[1] ?? "";
  state.pos += found[0].length;
  return true;
}

export function inlineRules(md: MarkdownIt): void {
  md.inline.ruler.before("html_inline", "line_break", lineBreak);
  md.inline.ruler.before("image", "embedded_image", embeddedImage);
  const escape = md.utils.escapeHtml;
  const label = (text: string): string => `<span class="image-label">${escape(text)}</span>`;
  md.renderer.rules["image_label"] = (tokens, at) => label(tokens[at]?.content ?? "");
  // Loading a picture tells its server that the answer was read, so a remote one becomes a link with its label.
  md.renderer.rules["image"] = (tokens, at, options, env, renderer) => {
    const token = tokens[at];
    const text = renderer.renderInlineAsText(token?.children ?? [], options, env);
    const target = linkTarget(String(token?.attrGet("src") ?? ""));
    if (target === null) return label(text);
    return `<a class="image-link" href="${escape(target.href)}">${label(text === "" ? target.host : text)}</a>`;
  };
  md.renderer.rules["table_open"] = () => '<div class="table-box"><table>\n';
  md.renderer.rules["table_close"] = () => "</table></div>\n";
  const cell: NonNullable<(typeof md.renderer.rules)[string]> = (tokens, at) => {
    const token = tokens[at];
    // markdown-it says the alignment in a style attribute, which the content security policy forbids.
    const align = /text-align:(left|right|center)/.exec(String(token?.attrGet("style") ?? ""))?.[1];
    return align === undefined ? `<${token?.tag ?? "td"}>` : `<${token?.tag ?? "td"} class="align-${align}">`;
  };
  md.renderer.rules["th_open"] = cell;
  md.renderer.rules["td_open"] = cell;
}
