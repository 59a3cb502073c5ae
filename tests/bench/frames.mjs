// How evenly the page draws while eight lanes stream 200 tokens a second each: the built page with the fake host in
// headless Chromium, which paints without a graphics card. `scripts/bench frames` starts it.

import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const UI = fileURLToPath(new URL("../../ui/", import.meta.url));
/** A folder of its own, so that journeys that run meanwhile keep theirs. */
const SITE = "node_modules/.bench-site";
const PORT = 4179;
const SECONDS = process.argv.includes("--quick") ? 4 : 10;
const PROMPT =
  "Compare B-trees and LSM-trees for a ledger on one desktop machine.";
const { chromium } = createRequire(`${UI}package.json`)("@playwright/test");

function line(name, figures) {
  console.log(`  ${name.padEnd(46)} ${figures}`);
}

async function servePage() {
  const built = spawnSync(
    "npx",
    [
      "vite",
      "build",
      "--mode",
      "browser",
      "--outDir",
      SITE,
      "--emptyOutDir",
      "--logLevel",
      "warn",
    ],
    { cwd: UI, stdio: "inherit" },
  );
  if (built.status !== 0) throw new Error("the page did not build");
  const server = spawn(
    "node_modules/.bin/vite",
    ["preview", "--mode", "browser", "--outDir", SITE, "--port", String(PORT)],
    {
      cwd: UI,
      stdio: "ignore",
    },
  );
  for (let tries = 0; tries < 100; tries += 1) {
    const answered = await fetch(`http://127.0.0.1:${PORT}/`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (answered) return server;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill();
  throw new Error("the page is not served");
}

/** Runs in the page: the times between frames, and the tasks that kept it from drawing. */
function watchFrames(seconds) {
  return new Promise((resolve) => {
    const gaps = [];
    const tasks = [];
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map((entry) => entry.duration)),
    ).observe({
      entryTypes: ["longtask"],
    });
    const started = performance.now();
    let before = started;
    const frame = (now) => {
      gaps.push(now - before);
      before = now;
      if (now - started < seconds * 1000) requestAnimationFrame(frame);
      else
        resolve({
          gaps: gaps.slice(1),
          tasks,
          characters: document.body.innerText.length,
        });
    };
    requestAnimationFrame(frame);
  });
}

function report({ gaps, tasks, characters }) {
  const sorted = gaps.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)] ?? NaN;
  const rate = (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0);
  line("frames", `${rate.toFixed(1).padStart(8)} /s`);
  line(
    "between two frames",
    `p50 ${at(0.5).toFixed(1)} ms   p99 ${at(0.99).toFixed(1)} ms   longest ${at(1).toFixed(1)} ms`,
  );
  line(
    "tasks longer than 50 ms",
    `${String(tasks.length).padStart(8)}      longest ${Math.max(0, ...tasks).toFixed(0)} ms`,
  );
  line(
    "characters on the page at the end",
    `${String(characters).padStart(8)}`,
  );
}

async function measure(browser, scene, seconds) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
  });
  await page.goto(`http://127.0.0.1:${PORT}/?scene=${scene}`);
  const composer = page.getByRole("textbox", { name: "Prompt" });
  await composer.fill(PROMPT);
  await composer.press("Enter");
  await page.locator(".turn").last().locator("article").first().waitFor();
  const seen = await page.evaluate(watchFrames, seconds);
  await page.close();
  return seen;
}

const server = await servePage();
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
  ],
});
try {
  report(await measure(browser, "burst", SECONDS));
} finally {
  await browser.close();
  server.kill();
}
