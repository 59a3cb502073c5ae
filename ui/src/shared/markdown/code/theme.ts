/**
 * One theme for both light and dark: it does not hold colours but marks. Each mark is a colour value that no one sees and
 * that names a CSS class, so a highlighted block has no inline style and follows the window's theme by itself.
 */
import type { ThemeRegistration } from "shiki/core";

const SCOPES: Record<string, string[]> = {
  comment: ["comment", "punctuation.definition.comment", "string.comment"],
  keyword: [
    ...["keyword", "storage", "storage.type", "storage.modifier", "keyword.control", "keyword.operator.new"],
    ...["keyword.operator.expression", "keyword.operator.logical.python", "variable.language.this"],
  ],
  operator: ["keyword.operator", "punctuation", "meta.brace", "punctuation.definition.tag"],
  string: ["string", "punctuation.definition.string", "constant.character.escape", "string.regexp"],
  number: ["constant.numeric", "constant.language", "constant.other", "variable.language.self"],
  function: ["entity.name.function", "support.function", "meta.function-call.generic", "entity.name.command"],
  type: ["entity.name.type", "entity.name.class", "support.type", "support.class", "entity.name.namespace"],
  tag: ["entity.name.tag", "punctuation.separator.key-value.html"],
  property: [
    ...["entity.other.attribute-name", "support.type.property-name", "meta.object-literal.key"],
    ...[
      "variable.other.property",
      "entity.name.tag.yaml",
      "keyword.key.toml",
      "variable.other.assignment.shell",
    ],
  ],
  macro: [
    "entity.name.function.macro",
    "meta.attribute",
    "meta.decorator",
    "punctuation.definition.decorator",
  ],
  heading: ["markup.heading", "entity.name.section"],
  inserted: ["markup.inserted", "punctuation.definition.inserted"],
  deleted: ["markup.deleted", "punctuation.definition.deleted"],
  range: ["meta.diff.range", "meta.diff.header", "meta.separator.diff"],
};

function mark(at: number): string {
  return `#0000${(at + 1).toString(16).padStart(2, "0").toUpperCase()}`;
}

const CLASS_OF = new Map(Object.keys(SCOPES).map((name, at) => [mark(at), `tok-${name}`]));

/** The CSS class a token's mark stands for; `null` for plain text. */
export function tokenClass(color: string | undefined): string | null {
  return CLASS_OF.get(color?.toUpperCase() ?? "") ?? null;
}

export const MARKS: ThemeRegistration = {
  name: "roundtable-marks",
  type: "light",
  fg: "#0000FF",
  bg: "#FFFFFF",
  settings: Object.values(SCOPES).map((scope, at) => ({ scope, settings: { foreground: mark(at) } })),
};
