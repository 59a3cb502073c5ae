import type {} from "../src/backend/fake/scenes";
import type { Locator, Page } from "@playwright/test";
import { expect, open, test } from "./support";

// As in the real window (tauri.conf.json): what is drawn has to get by with it.
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => Object.freeze(Object.prototype));
});

async function openSpend(page: Page, scene = "spend", more = ""): Promise<void> {
  // A day that has just begun holds nothing yet.
  await page.clock.setFixedTime(new Date().setUTCHours(15, 0, 0, 0));
  await open(page, scene, more);
  await expect(page.getByRole("textbox").first()).toBeVisible();
  await page.keyboard.press("Control+Shift+E");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

const card = (page: Page, chart: string): Locator => page.locator(`[data-chart="${chart}"]`);
const chart = (page: Page): Locator => card(page, "series").getByRole("application");
const said = (page: Page): Locator => card(page, "series").getByRole("status");

/** What the window has written last, as the fake host keeps it. */
async function written(page: Page, name: string): Promise<string> {
  await expect(page.getByText(`Saved to ~/Downloads/${name}.`)).toBeVisible();
  return page.evaluate((file) => {
    const bytes = window.fakeHost?.saved.get(file);
    return bytes === undefined ? "" : new TextDecoder("latin1").decode(bytes);
  }, name);
}

test("a click leads from all to a day, a model, a conversation and the entry, and back again", async ({
  page,
}) => {
  await openSpend(page);
  const trail = page.getByRole("navigation", { name: "Where you are" });
  await chart(page).focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(trail).toBeVisible();
  await expect(card(page, "series")).toContainText("Cost over time, by model");

  const ranking = page.getByRole("table", { name: "Who it went to" });
  const model = ranking.getByRole("button", { name: /^Look into/ }).first();
  const name = ((await model.textContent()) ?? "").trim();
  await model.click();
  await expect(card(page, "series")).toContainText("Cost over time, by conversation");
  await expect(page.getByRole("group", { name: "Filters" })).toContainText(name);

  await ranking
    .getByRole("button", { name: /^Look into/ })
    .first()
    .click();
  const requests = page.getByRole("table", { name: "Requests" });
  await requests.getByRole("button").first().click();
  const entry = page.getByRole("dialog", { name: "Entry" });
  await expect(entry).toContainText("How it comes about");
  await expect(entry).toContainText("prompt_tokens");
  await page.keyboard.press("Escape");

  await expect(trail.getByRole("listitem")).toHaveCount(4);
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(trail.getByRole("listitem")).toHaveCount(3);
  await trail.getByRole("button", { name: "All", exact: true }).click();
  await expect(trail).toBeHidden();
  await expect(card(page, "series")).toContainText("Cost over time, by provider");
});

/** Says which charts have been drawn since it was last asked. */
async function watchDrawing(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const drawn: string[] = [];
    Object.assign(window, { drawn });
    const { prototype } = CanvasRenderingContext2D;
    const clear: unknown = Object.getOwnPropertyDescriptor(prototype, "clearRect")?.value;
    prototype.clearRect = function (...area) {
      const of = this.canvas.closest<HTMLElement>("[data-chart]")?.dataset["chart"];
      if (of !== undefined) drawn.push(of);
      if (typeof clear === "function") Reflect.apply(clear, this, area);
    };
  });
  return async () => {
    // Longer than what nobody sees waits for a size to stay.
    await page.waitForTimeout(400);
    const drawn = await page.evaluate(() => (window as unknown as { drawn: string[] }).drawn.splice(0));
    return drawn.sort();
  };
}

test("a change of the filter draws each chart once", async ({ page }) => {
  const drawn = await watchDrawing(page);
  await openSpend(page);
  const below = page.locator(".below[aria-busy='false']");
  await expect(below).toBeVisible();
  await drawn();
  await card(page, "series").getByRole("combobox").selectOption("model");
  await expect(card(page, "series")).toContainText("Cost over time, by model");
  await expect(below).toBeVisible();
  expect(await drawn()).toEqual(["hours", "models", "series"]);
});

test("the room is drawn before anybody comes, stays as it is left, and follows the window", async ({
  page,
}) => {
  const drawn = await watchDrawing(page);
  await page.clock.setFixedTime(new Date().setUTCHours(15, 0, 0, 0));
  await open(page, "spend");
  const room = page.locator("main.spend");
  await expect(room.locator(".below[aria-busy='false']")).toBeAttached();
  await expect(room).toBeHidden();
  expect(new Set(await drawn())).toEqual(new Set(["hours", "models", "series"]));

  const visited: (string | undefined)[] = [];
  for (let keys = 0; keys < 40; keys += 1) {
    await page.keyboard.press("Tab");
    visited.push(await page.evaluate(() => document.activeElement?.closest("main")?.className));
  }
  expect(visited.filter((name) => name?.includes("spend") === true)).toEqual([]);

  await page.keyboard.press("Control+Shift+E");
  await expect(room).toBeVisible();
  expect(await drawn()).toEqual([]);
  await room.evaluate((place) => (place.scrollTop = 200));
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await expect(room).toBeHidden();
  await page.getByRole("button", { name: "Spend", exact: true }).click();
  await expect(room).toBeVisible();
  expect(await room.evaluate((place) => place.scrollTop)).toBe(200);
  expect(await drawn()).toEqual([]);

  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await expect(room).toBeHidden();
  await page.setViewportSize({ width: 1000, height: 800 });
  expect(new Set(await drawn())).toEqual(new Set(["hours", "models", "series"]));
  const canvas = card(page, "series").locator("canvas");
  const place = card(page, "series").locator(".canvas");
  const width = (of: Locator) => of.evaluate((element) => element.clientWidth);
  expect(await width(canvas)).toBe(await width(place));
});

test("figures lead to what is behind them, by click and by key", async ({ page }) => {
  await openSpend(page);
  const figures = page.getByLabel("At a glance");
  const trail = page.getByRole("navigation", { name: "Where you are" });
  await figures.getByRole("button", { name: /: look into today$/ }).focus();
  await page.keyboard.press("Enter");
  await expect(trail.getByText("Today", { exact: true })).toBeFocused();
  await expect(card(page, "series")).toContainText("Cost over time, by model");
  await page.keyboard.press("Backspace");
  await expect(trail).toBeHidden();

  await figures.getByRole("button", { name: /estimated: show the requests$/ }).click();
  await expect(page.getByRole("button", { name: /^Requests \d/ })).toBeFocused();
  await expect(page.locator("[data-entry]").first()).toBeInViewport();

  await card(page, "series").getByRole("combobox").selectOption("Model");
  await card(page, "series")
    .getByRole("button", { name: /^all others/ })
    .press("Enter");
  await expect(page.getByRole("heading", { name: "Who it went to" })).toBeFocused();
  await expect(page.getByRole("button", { name: "Show fewer" })).toBeInViewport();

  await figures.getByRole("button", { name: /: show this budget$/ }).click();
  const parts = page.getByRole("navigation", { name: "Parts of the room" });
  await expect(parts.getByText("Budgets")).toHaveAttribute("aria-current", "page");
});

test("the entry leads to its answer", async ({ page }) => {
  await openSpend(page);
  await page.getByRole("button", { name: /^Requests \d/ }).click();
  const row = page.locator("[data-entry]", { hasText: "Chat" }).first();
  await row.getByRole("button").click();
  await page.getByRole("button", { name: "Open the answer" }).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
  await expect(page.locator(".turn").first()).toBeVisible();
});

test("columns and their parts are walked with the arrow keys, and said", async ({ page }) => {
  await openSpend(page);
  await expect(said(page)).toHaveText("");
  await chart(page).focus();
  await page.keyboard.press("ArrowLeft");
  const newest = (await said(page).textContent()) ?? "";
  expect(newest).toMatch(/^\w{3}, \d+ \w+ \d{4}: \$[\d.]+; /);
  await page.keyboard.press("ArrowLeft");
  await expect(said(page)).not.toHaveText(newest);
  await page.keyboard.press("ArrowUp");
  await expect(said(page)).toHaveText(/: .+, \$[\d.]+$/);
  await page.keyboard.press("Home");
  await expect(said(page)).toHaveText(/1 \w+ \d{4}: /);
  await page.keyboard.press("Escape");
  await expect(said(page)).toHaveText("");

  const hours = card(page, "hours").getByRole("application");
  await hours.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(card(page, "hours").getByRole("status")).toHaveText(/^Tuesday 09:00: /);
  const models = card(page, "models").getByRole("application");
  await models.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(card(page, "series")).toContainText("by conversation");
});

test("table, file and chart say the same digits", async ({ page }) => {
  await openSpend(page);
  await chart(page).focus();
  await page.keyboard.press("ArrowLeft");
  const column = ((await said(page).textContent()) ?? "").split(/: |; /)[1] ?? "";

  const series = card(page, "series");
  await series.getByRole("button", { name: "Show as a table" }).click();
  const rows = series.locator("tbody tr");
  const last = rows.last().locator("td");
  await expect(last.last()).toHaveText(column);

  await series.getByRole("button", { name: "Save as CSV" }).click();
  const file = (await written(page, "roundtable-series.csv")).trim().split("\r\n");
  expect(file.length - 1).toBe(await rows.count());
  const inTable = await rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent.trim())),
  );
  const words = (cell: string) => (cell === "" ? "–" : cell === "0" ? "free" : `$${cell}`);
  const inFile = file.slice(1).map((line) => line.split(",").slice(1).map(words));
  expect(inTable).toEqual(inFile);
});

test("a chart is saved as a picture", async ({ page }) => {
  await openSpend(page);
  for (const of of ["series", "hours", "models"]) {
    await card(page, of).getByRole("button", { name: "Save as a picture" }).click();
    const picture = await written(page, `roundtable-${of}.png`);
    expect(picture.slice(1, 4)).toBe("PNG");
    expect(picture.length).toBeGreaterThan(10_000);
  }
});

test("filters are chips that stay for the next time, and one reset takes them all", async ({ page }) => {
  await openSpend(page);
  const bar = page.getByRole("group", { name: "Filters" });
  await bar.getByRole("combobox", { name: "Time" }).selectOption("90 days");
  await bar.getByRole("button", { name: "Filter", exact: true }).click();
  await page.keyboard.type("Sonnet");
  await page.keyboard.press("Enter");
  await expect(
    bar.getByRole("button", { name: "Take away the filter Model: Claude Sonnet 5" }),
  ).toBeVisible();
  const kept = await page.evaluate(() => window.fakeHost?.state.settings.spend_filter);
  expect(kept).toMatchObject({ range: { kind: "days", days: 90 }, models: ["anthropic/claude-sonnet-5"] });

  await page.keyboard.press("Control+Shift+G");
  await page.keyboard.press("Control+Shift+E");
  await expect(bar.getByRole("button", { name: /Claude Sonnet 5$/ })).toBeVisible();
  await bar.getByRole("button", { name: "Reset" }).click();
  await expect(bar.getByRole("button", { name: /^Take away/ })).toHaveCount(0);
  await expect(bar.getByRole("combobox", { name: "Time" })).toHaveValue("month");
});

test("demo money stands by itself, and an empty room shows the way", async ({ page }) => {
  await openSpend(page, "spendDemo");
  await page.getByRole("button", { name: "Show demo money" }).click();
  await expect(page.getByText("Invented money of the demo models.")).toBeVisible();
  await expect(card(page, "series").getByRole("list", { name: "Bands" })).toContainText("Demo");
  await page.getByRole("radio", { name: "Real" }).check({ force: true });
  await expect(page.getByRole("heading", { name: "No real money has been spent" })).toBeVisible();

  await openSpend(page, "many");
  await expect(page.getByRole("heading", { name: "Nothing has been spent yet" })).toBeVisible();
});

test("what is outside of conversations is looked into, and the keyboard goes on at the trail", async ({
  page,
}) => {
  await openSpend(page);
  await card(page, "series").getByRole("combobox").selectOption("Conversation");
  const ranking = page.getByRole("table", { name: "Who it went to" });
  const outside = ranking.getByRole("button", { name: "Look into outside conversations" });
  await outside.focus();
  await page.keyboard.press("Enter");
  const trail = page.getByRole("navigation", { name: "Where you are" });
  await expect(trail.getByText("outside conversations")).toBeFocused();
  await expect(page.getByRole("table", { name: "Requests" })).toContainText("Batch");
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("days of one's own are two dates", async ({ page }) => {
  await openSpend(page);
  const bar = page.getByRole("group", { name: "Filters" });
  await bar.getByRole("combobox", { name: "Time" }).selectOption("Own dates …");
  await bar.getByLabel("Last day").fill("2020-01-31");
  await expect(bar.getByLabel("First day")).toHaveValue("2020-01-31");
  await expect
    .poll(() => page.evaluate(() => window.fakeHost?.state.settings.spend_filter.range))
    .toEqual({ kind: "dates", first: "2020-01-31", last: "2020-01-31" });
  await expect(page.getByText("Nothing here under these filters")).toBeVisible();
  await expect(page.getByRole("main").getByText("Today", { exact: true }).last()).toBeVisible();
});

test("books that cannot be read are said, and tried again", async ({ page }) => {
  await openSpend(page, "spendUnreadable");
  await expect(page.getByRole("alert")).toContainText("another program holds it");
  await page.evaluate(() => {
    if (window.fakeHost !== undefined) window.fakeHost.state.booksFail = null;
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(card(page, "series")).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("the same history is laid beside other models", async ({ page }) => {
  await openSpend(page);
  await page.getByRole("button", { name: "At another price" }).click();
  const sheet = page.getByRole("dialog", { name: "What this would have cost elsewhere" });
  await expect(sheet.getByText("As it was")).toBeVisible();
  const rows = sheet.getByRole("listitem");
  const before = await rows.count();
  await sheet.getByRole("button", { name: "Add a model" }).click();
  await page.keyboard.type("Haiku");
  await page.keyboard.press("Enter");
  await expect(rows).toHaveCount(before + 1);
  await sheet.getByRole("button", { name: "Take Claude Haiku 4.5 away" }).click();
  await expect(rows).toHaveCount(before);
});

test("a conversation's menu asks what it would have cost elsewhere", async ({ page }) => {
  await openSpend(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Thesis");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Menu of Thesis outline" }).click();
  await page.getByRole("menuitem", { name: "Cost on other models" }).click();
  const sheet = page.getByRole("dialog", { name: "What this would have cost elsewhere" });
  await expect(sheet).toContainText("Thesis outline");
  await expect(sheet.getByText("As it was")).toBeVisible();
});

for (const width of [1440, 900, 700]) {
  for (const scene of ["spend", "spendLong"]) {
    test(`nothing lies outside at ${width} px (${scene})`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await openSpend(page, scene);
      await expect(chart(page)).toBeVisible();
      const over = await page.getByRole("main").evaluate((room) => room.scrollWidth - room.clientWidth);
      expect(over).toBeLessThanOrEqual(0);
    });
  }
}

test("the charts are a chunk of their own", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, "spend");
  await expect(page.getByRole("textbox").first()).toBeVisible();
  expect(asked.filter((url) => /\/Spend-/.test(url))).toEqual([]);
  const first = asked.find((url) => /\/index-.*\.js$/.test(url)) ?? "";
  expect(await (await page.request.get(first)).text()).not.toContain("echarts");
});

test("the keys are listed with the others", async ({ page }) => {
  await openSpend(page);
  await page.keyboard.press("Control+/");
  await expect(page.getByRole("dialog")).toContainText("Spend");
});
