// The rules of docs/architecture.md as functions from what was read of the tree to the list of violations.
// A violation: { rule, where, what, todo }.

/** The crates each of ours may use. Whoever is not a key here may not be in the workspace. */
const BELOW_ENGINE = ["domain", "providers", "router", "ledger", "store", "vault", "telemetry", "emulator"];
const ARROWS = {
  domain: [],
  emulator: [],
  providers: ["domain"],
  router: ["domain"],
  ledger: ["domain"],
  store: ["domain"],
  vault: ["domain"],
  telemetry: ["domain"],
  engine: BELOW_ENGINE,
  cli: ["engine", ...BELOW_ENGINE],
  app: ["engine", ...BELOW_ENGINE],
  tests: ["engine", "app", ...BELOW_ENGINE],
};

/** Packages from outside that only some of ours may name, and why. `dev` lists who may for their own tests besides. */
const RESERVED = [
  { names: /^(sqlx(-.*)?|rusqlite|libsqlite3-sys)$/, only: ["store"], dev: [], why: "SQL lives in the store" },
  { names: /^(tauri(-.*)?|wry|tao)$/, only: ["app"], dev: [], why: "the desktop shell alone knows tauri" },
  {
    names: /^(keyring|keyring-core|.*-keyring-store)$/,
    only: ["vault"],
    dev: [],
    why: "keys are read and written in the vault",
  },
  {
    names: /^(reqwest|hyper|ureq|isahc)$/,
    only: ["providers", "engine", "tests"],
    dev: ["emulator", "cli"],
    why: "requests leave through the wire clients, which hold the rules on origins, redirects and keys",
  },
];

const DESKTOP = /^(tauri(-.*)?|wry|tao|webkit2gtk(-sys)?|javascriptcore-rs(-sys)?|gtk(-sys)?)$/;
const HEX_COLOUR = /(?<![\w&.#/-])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})(?![\w-])/g;
const TAURI_IMPORT = /['"`]@tauri-apps\//;
const MARKUP = /\{@html|\b(inner|outer)HTML\s*=|\binsertAdjacentHTML\b|\bdocument\.write/;
const MARKUP_ROOM = "ui/src/shared/markdown/";
const COLOUR_TOKENS = "ui/src/shared/tokens.css";
const TAURI_DOOR = "ui/src/backend/tauri.ts";
/** Files whose hex values are no colours: the highlighter's theme holds marks that stand for classes. */
const NOT_COLOURS = ["ui/src/shared/markdown/code/theme.ts"];
const LONGEST = { ".rs": 600, ".svelte": 300 };

/** The room's name of a package of ours: the root package, which is the shell, is "app". */
export function roomOf(packageName) {
  return packageName === "roundtable" ? "app" : packageName.replace(/^roundtable-/, "");
}

function checkArrows({ packages }) {
  const ours = new Map(packages.map((found) => [found.name, roomOf(found.name)]));
  return packages.flatMap((from) => {
    const room = roomOf(from.name);
    const allowed = ARROWS[room];
    if (!allowed) {
      return {
        rule: "arrows",
        where: from.name,
        what: "this crate has no place in the list of rooms",
        todo: "give it one in docs/architecture.md and in scripts/lib/architecture-rules.mjs",
      };
    }
    return from.dependencies
      .filter(({ name }) => ours.has(name) && name !== from.name)
      .filter(({ name, kind }) => !allowed.includes(ours.get(name)) && !(kind === "dev" && name.endsWith("-emulator")))
      .map(({ name }) => ({
        rule: "arrows",
        where: from.name,
        what: `uses ${name}; ${room} may use ${allowed.join(", ") || "no crate of ours"}`,
        todo: "move what is needed down into a crate both may use, or pass it in",
      }));
  });
}

function checkReserved({ packages }) {
  return packages.flatMap((from) =>
    from.dependencies.flatMap(({ name, kind }) =>
      RESERVED.filter((reserved) => reserved.names.test(name))
        .filter(({ only, dev }) => {
          const room = roomOf(from.name);
          return !only.includes(room) && !(kind === "dev" && dev.includes(room));
        })
        .map(({ only, why }) => ({
          rule: "reserved packages",
          where: from.name,
          what: `names ${name}: ${why}`,
          todo: `do this part in ${only.join(" or ")} and call it from here`,
        })),
    ),
  );
}

function checkHeadless({ commandLineTree }) {
  return commandLineTree
    .filter((name) => DESKTOP.test(name))
    .map((name) => ({
      rule: "headless command line",
      where: "roundtable-cli",
      what: `its dependencies reach ${name}`,
      todo: `cargo tree -p roundtable-cli -i ${name} shows the way; it has to run where there is no desktop`,
    }));
}

function checkTauriDoor({ sources }) {
  return sources
    .filter(({ path }) => path.startsWith("ui/src/") && path !== TAURI_DOOR)
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) =>
        TAURI_IMPORT.test(line)
          ? {
              rule: "one door to the host",
              where: `${path}:${index + 1}`,
              what: "imports @tauri-apps",
              todo: `add what is needed to the Backend interface and implement it in ${TAURI_DOOR}`,
            }
          : [],
      ),
    );
}

/** Hex colours belong to one file of tokens. */
function checkColours({ sources }) {
  const found = sources
    .filter(({ path }) => path.startsWith("ui/src/") && /\.(css|svelte|ts)$/.test(path) && !/\.test\.ts$/.test(path))
    .filter(({ path }) => !NOT_COLOURS.includes(path))
    .map(({ path, lines }) => ({
      path,
      hits: lines.flatMap((line, index) => [...line.matchAll(HEX_COLOUR)].map(([text]) => ({ line: index + 1, text }))),
    }))
    .filter(({ hits }) => hits.length > 0);
  return found
    .filter(({ path }) => path !== COLOUR_TOKENS)
    .flatMap(({ path, hits }) =>
      hits.map(({ line, text }) => ({
        rule: "colours are tokens",
        where: `${path}:${line}`,
        what: `has the colour ${text}`,
        todo: `name it in ${COLOUR_TOKENS} and use the name`,
      })),
    );
}

function checkLength({ sources }) {
  return sources.flatMap(({ path, lines }) => {
    const limit = LONGEST[path.slice(path.lastIndexOf("."))];
    return limit && lines.length > limit
      ? {
          rule: "file length",
          where: path,
          what: `has ${lines.length} lines (at most ${limit})`,
          todo: "split it by what its parts are about",
        }
      : [];
  });
}

/** Text becomes markup in one folder, which sanitises it; anywhere else what a model writes could become part of the page. */
function checkMarkup({ sources }) {
  return sources
    .filter(({ path }) => path.startsWith("ui/src/") && !path.startsWith(MARKUP_ROOM) && !/\.test\.ts$/.test(path))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) =>
        MARKUP.test(line)
          ? {
              rule: "one renderer",
              where: `${path}:${index + 1}`,
              what: "turns text into markup",
              todo: `show it through the renderer in ${MARKUP_ROOM}, or as plain text`,
            }
          : [],
      ),
    );
}

/** The window's JavaScript may call our own commands and nothing else of the host's; see docs/architecture.md. */
function checkHostPermissions({ capabilities }) {
  return capabilities.flatMap(({ path, permissions }) =>
    permissions
      .map((permission) => permission.identifier ?? permission)
      .filter((permission) => !/^allow-[a-z0-9-]+$/.test(permission))
      .map((permission) => ({
        rule: "host permissions",
        where: path,
        what: `grants ${permission}`,
        todo: "write a command of our own for what is needed, and grant that one",
      })),
  );
}

function checkContentPolicy({ contentPolicy }) {
  const directives = contentPolicy.split(";").map((directive) => directive.trim().split(/\s+/));
  const sourcesOf = (name) => directives.find(([found]) => found === name)?.slice(1) ?? [];
  const loose = [
    sourcesOf("default-src").join(" ") !== "'none'" && "default-src is not 'none'",
    contentPolicy.includes("'unsafe-eval'") && "it allows 'unsafe-eval'",
    sourcesOf("script-src").some((source) => source !== "'self'") && "script-src allows more than 'self'",
    /(^|\s)(\*|https?:)(\s|;|$)/.test(contentPolicy) && "it allows any host",
  ];
  return loose.filter(Boolean).map((what) => ({
    rule: "content policy",
    where: "tauri.conf.json",
    what,
    todo: "allow the narrowest source that works: what a model writes is hostile",
  }));
}

/** A value TypeScript counts on and JSON may leave out is `undefined` in the window, where nothing checks it. */
function checkAbsentValues({ sources }) {
  return sources
    .filter(({ path, lines }) => path.endsWith(".rs") && lines.some((line) => /derive\(.*\bTS\b/.test(line)))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => {
        if (!line.includes("skip_serializing_if") || !isExported(lines, index)) return [];
        return fieldAttributes(lines, index).some((attribute) => attribute.includes("ts(optional"))
          ? []
          : {
              rule: "absent values",
              where: `${path}:${index + 1}`,
              what: "may be left out of what crosses to the window, and its TypeScript type does not say so",
              todo: "write it always, or add #[ts(optional)]",
            };
      }),
    );
}

/** Whether the struct or enum around a line gets a TypeScript type. */
function isExported(lines, index) {
  const start = lines.slice(0, index).findLastIndex((line) => /^\s*(pub(\([a-z]+\))? )?(struct|enum) /.test(line));
  const above = lines.slice(0, Math.max(start, 0)).findLastIndex((line) => !/^\s*(#\[|\/\/)/.test(line));
  return lines.slice(above + 1, start).some((line) => /derive\(.*\bTS\b/.test(line));
}

/** The attributes of the field one of whose attributes stands at a line. */
function fieldAttributes(lines, index) {
  const isAttribute = (line) => /^\s*(#\[|\/\/)/.test(line);
  const first = lines.slice(0, index).findLastIndex((line) => !isAttribute(line)) + 1;
  const rest = lines.slice(index).findIndex((line) => !isAttribute(line));
  return lines.slice(first, rest < 0 ? lines.length : index + rest);
}

const RULES = [
  checkArrows,
  checkReserved,
  checkHeadless,
  checkTauriDoor,
  checkMarkup,
  checkHostPermissions,
  checkContentPolicy,
  checkColours,
  checkLength,
  checkAbsentValues,
];

/** Every violation in the tree as read. */
export function findViolations(tree) {
  return RULES.flatMap((rule) => rule(tree));
}
