// Reads the tree (cargo's own view of the crates, the sources git knows) and checks it against the rules.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findViolations } from "./architecture-rules.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const CAPABILITIES = "src-tauri/app/capabilities";

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

function run(program, ...args) {
  try {
    return execFileSync(program, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 });
  } catch {
    // The program has said on standard error why.
    console.error(`architecture: the tree cannot be read: ${program} ${args.join(" ")} failed`);
    process.exit(1);
  }
}

/**
 * { packages: [{ name, dependencies: [{ name, kind: "normal" | "dev" | "build" }] }], commandLineTree: [package name],
 *   sources: [{ path, lines }], capabilities: [{ path, permissions }], contentPolicy }
 */
function readTree() {
  const packages = JSON.parse(run("cargo", "metadata", "--format-version", "1", "--no-deps", "--locked")).packages.map(
    ({ name, dependencies }) => ({
      name,
      dependencies: dependencies.map((dependency) => ({ name: dependency.name, kind: dependency.kind ?? "normal" })),
    }),
  );
  const commandLineTree = [
    ...new Set(
      run("cargo", "tree", "--locked", "-p", "roundtable-cli", "-e", "normal", "--prefix", "none", "--format", "{p}")
        .split("\n")
        .map((line) => line.split(" ")[0])
        .filter(Boolean),
    ),
  ];
  const listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "src-tauri", "tests", "ui/src");
  const sources = listed
    .split("\0")
    .filter((path) => /\.(rs|ts|svelte|css|html)$/.test(path) && existsSync(join(ROOT, path)))
    .map((path) => ({ path, lines: readFileSync(join(ROOT, path), "utf8").trimEnd().split("\n") }));
  const capabilities = readdirSync(join(ROOT, CAPABILITIES)).map((file) => ({
    path: `${CAPABILITIES}/${file}`,
    permissions: readJson(`${CAPABILITIES}/${file}`).permissions,
  }));
  const contentPolicy = readJson("tauri.conf.json").app.security.csp;
  return { packages, commandLineTree, sources, capabilities, contentPolicy };
}

/** Violations to plant: what is done to a copy of the tree, and the rule that has to catch it. */
const PLANTED = [
  ["arrows", (tree) => crate(tree, "roundtable-domain").dependencies.push({ name: "roundtable-store", kind: "normal" })],
  ["arrows", (tree) => crate(tree, "roundtable-router").dependencies.push({ name: "roundtable-providers", kind: "dev" })],
  ["arrows", (tree) => tree.packages.push({ name: "roundtable-helpers", dependencies: [] })],
  ["reserved packages", (tree) => crate(tree, "roundtable-cli").dependencies.push({ name: "sqlx", kind: "normal" })],
  ["reserved packages", (tree) => crate(tree, "roundtable-engine").dependencies.push({ name: "tauri", kind: "dev" })],
  ["reserved packages", (tree) => crate(tree, "roundtable-ledger").dependencies.push({ name: "reqwest", kind: "dev" })],
  [
    "reserved packages",
    (tree) => crate(tree, "roundtable-engine").dependencies.push({ name: "keyring-core", kind: "normal" }),
  ],
  ["headless command line", (tree) => tree.commandLineTree.push("webkit2gtk")],
  [
    "one door to the host",
    (tree) => tree.sources.push(source("ui/src/features/planted.ts", "import { invoke } from '@tauri-apps/api/core';")),
  ],
  ["one renderer", (tree) => tree.sources.push(source("ui/src/Planted.svelte", "<p>{@html run.text}</p>"))],
  ["host permissions", (tree) => tree.capabilities[0].permissions.push("core:default")],
  ["host permissions", (tree) => tree.capabilities[0].permissions.push({ identifier: "opener:allow-open-url" })],
  ["content policy", (tree) => (tree.contentPolicy += "; worker-src 'unsafe-eval'")],
  ["content policy", (tree) => (tree.contentPolicy += "; media-src https:")],
  ["colours are tokens", (tree) => tree.sources.push(source("ui/src/Planted.svelte", "<p style='color: #ff8800'>x</p>"))],
  [
    "absent values",
    (tree) =>
      tree.sources.push(
        source(
          "src-tauri/domain/src/planted.rs",
          "#[derive(Clone, ts_rs::TS)]\npub struct Planted {\n    #[serde(skip_serializing_if = \"Vec::is_empty\")]\n    pub stop: Vec<u8>,\n}",
        ),
      ),
  ],
  ["file length", (tree) => tree.sources.push(source("src-tauri/domain/src/planted.rs", "//\n".repeat(601)))],
];

function crate(tree, name) {
  return tree.packages.find((found) => found.name === name);
}

function source(path, text) {
  return { path, lines: text.trimEnd().split("\n") };
}

function selfTest(tree) {
  const before = findViolations(tree).length;
  const missed = PLANTED.filter(([rule, plant]) => {
    const copy = structuredClone(tree);
    plant(copy);
    const found = findViolations(copy);
    return found.length !== before + 1 || !found.some((violation) => violation.rule === rule);
  });
  for (const [rule, plant] of missed) console.error(`not caught by "${rule}": ${plant}`);
  console.log(`architecture, self-test: ${PLANTED.length - missed.length} of ${PLANTED.length} planted violations caught`);
  return missed.length === 0;
}

function check(tree) {
  const violations = findViolations(tree);
  for (const { rule, where, what, todo } of violations) console.error(`${rule}: ${where}: ${what}\n    to do: ${todo}`);
  const counts = `${tree.packages.length} crates, ${tree.sources.length} sources`;
  console.log(`architecture: ${violations.length} violations in ${counts}`);
  return violations.length === 0;
}

const tree = readTree();
process.exitCode = (process.argv[2] === "--self-test" ? selfTest(tree) : check(tree)) ? 0 : 1;
