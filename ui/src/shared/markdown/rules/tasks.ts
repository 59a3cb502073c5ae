/** GFM task lists: `- [ ] open`, `- [x] done`. Static marks, not inputs: an answer is not a form. */
import type { MarkdownIt } from "markdown-it";

const BOX = /^\[([ xX])\][ \u00a0\n]/;

export function taskRules(md: MarkdownIt): void {
  md.core.ruler.after("block", "tasks", (state) => {
    const { tokens } = state;
    tokens.forEach((token, at) => {
      if (token.type !== "inline" || tokens[at - 2]?.type !== "list_item_open") return;
      const box = BOX.exec(token.content);
      const item = tokens[at - 2];
      if (box === null || item === undefined) return;
      token.content = token.content.slice(4);
      item.attrJoin("class", box[1] === " " ? "task task-open" : "task task-done");
    });
  });
}
