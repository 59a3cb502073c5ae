import type { Backend } from "../backend";
import type { MistakeView } from "../bindings/MistakeView";
import type { RoutesView } from "../bindings/RoutesView";
import { refused, type FakeState } from "./state";

type Part = Pick<Backend, "readRoutingFile" | "saveRoutingFile">;

/** What a group's file says when nobody has written another text. */
const USUAL = `# Everything that has to be read closely.
description: Long texts
echelon1:
  models: [gemini/gemini-3.6-pro]
  rpm_limit: sixty
echelon2:
  models:
    - anthropic/claude-sonnet-5   # when the first is busy
`;

/** Files as text. Its reader knows one mistake: a limit that is no number. */
export function fakeRouteFiles(
  state: FakeState,
  delay: () => Promise<void>,
  routes: () => Promise<RoutesView>,
): Part {
  const texts = new Map<string, string>();
  const textOf = (name: string) => texts.get(name) ?? USUAL;
  const named = /^((groups|pools)\/[^/]+|aliases|rules|choice)\.ya?ml$/;

  return {
    async readRoutingFile(name) {
      await delay();
      if (!named.test(name)) throw refused("not_found", `there is no file “${name}” here any more`);
      const known = state.routing.mistakes.filter((mistake) => mistake.file === name);
      return {
        name,
        text: textOf(name),
        mistakes: known.length > 0 ? known : mistakesIn(name, textOf(name)),
      };
    },
    async saveRoutingFile(name, text, before) {
      await delay();
      if (textOf(name) !== before)
        throw refused(
          "routes_changed",
          `${name} has been changed outside of this window; look at it as it is now, then change it again`,
        );
      const mistakes = mistakesIn(name, text);
      if (mistakes.length > 0) return { routes: null, mistakes };
      texts.set(name, text);
      state.routing.mistakes = state.routing.mistakes.filter((mistake) => mistake.file !== name);
      state.routing.revision += 1;
      return { routes: await routes(), mistakes };
    },
  };
}

function mistakesIn(file: string, text: string): MistakeView[] {
  return text.split("\n").flatMap((line, at) => {
    const found = /^\s*(\w+_limit):\s*(.*)$/.exec(line);
    if (found === null || /^[1-9]\d*$/.test(found[2] ?? "")) return [];
    const reason = `${found[1] ?? ""} has to be a whole number from 1 on; "${found[2] ?? ""}" is none`;
    const column = line.indexOf(":") + 3;
    return [{ file, line: at + 1, column, warning: false, code: "bad_number", reason }];
  });
}
