import type { Locator, Page } from "@playwright/test";
import { expect, open, test } from "./support";

async function openRouting(page: Page, scene: string, more = ""): Promise<void> {
  await open(page, scene, more);
  await expect(page.getByRole("textbox").first()).toBeVisible();
  await page.keyboard.press("Control+Shift+G");
  await expect(page.getByRole("heading", { name: "Routing", level: 1 })).toBeVisible();
}

const card = (page: Page, name: string): Locator => page.getByRole("article", { name, exact: true });
const part = (page: Page, name: string): Promise<void> =>
  page.getByRole("navigation", { name: "Parts of routing" }).getByRole("button", { name }).click();
const model = (of: Locator, name: string): Locator =>
  of.getByRole("button", { name: new RegExp(`^${name}, `) });

test("an empty folder leads to a first group of the models in use, and it can be taken back", async ({
  page,
}) => {
  await openRouting(page, "many");
  await page.getByRole("button", { name: "Make a first group from the models you use" }).click();
  const editor = card(page, "everyday");
  await expect(model(editor, "Claude Sonnet 5")).toBeVisible();
  await expect(model(editor, "GPT-5.6")).toBeVisible();
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved groups/everyday.yaml.")).toBeVisible();
  await expect(card(page, "everyday").getByRole("listitem", { name: "Echelon 2, 3 models" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(
    page.getByRole("button", { name: "Make a first group from the models you use" }),
  ).toBeVisible();
});

test("a ladder is rearranged with the keyboard alone", async ({ page }) => {
  await openRouting(page, "routing");
  const group = card(page, "coding");
  await group.getByRole("button", { name: "Edit the group coding" }).press("Enter");
  await model(group, "Claude Sonnet 5").focus();
  await page.keyboard.press("ArrowRight");
  await expect(model(group, "GPT-5.6")).toBeFocused();
  await page.keyboard.press("Alt+ArrowDown");
  const moved = group.getByRole("button", { name: "GPT-5.6, echelon 2, place 2 of 3" });
  await expect(moved).toBeFocused();
  await expect(group.getByRole("status").last()).toHaveText("GPT-5.6 moved to echelon 2, place 2 of 3");
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(group.getByRole("button", { name: "GPT-5.6, echelon 2, place 1 of 3" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(model(group, "qwen3:8b")).toBeFocused();
  await page.keyboard.press("Delete");
  await expect(group.getByText("Nobody could be asked here")).toBeVisible();
  await expect(group.getByRole("button", { name: "Save" })).toBeDisabled();
  await group.getByRole("button", { name: "Remove echelon 3" }).press("Enter");
  await group.getByRole("button", { name: "Save" }).press("Enter");
  await expect(group.getByRole("listitem", { name: /^Echelon/ })).toHaveCount(2);
  const second = group.getByRole("listitem", { name: "Echelon 2, 3 models" });
  await expect(second.getByRole("button").first()).toHaveAccessibleName(/^GPT-5\.6: /);
});

test("a chip says how its model stands, in short and in full", async ({ page }) => {
  await openRouting(page, "routing");
  const chip = card(page, "coding").getByRole("button", { name: /^GPT-5\.6: / });
  await expect(chip).toHaveAccessibleName(
    /asks to be left alone for [\d.]+ s · 6 of 60 requests left this minute/,
  );
  await chip.press("Enter");
  const panel = page.getByRole("dialog", { name: "GPT-5.6" });
  await expect(panel).toContainText("0 of 4 places free");
  await expect(panel).toContainText("2 waiting");
  await page.keyboard.press("Escape");
  await expect(chip).toBeFocused();
});

test("a limit is set, an impossible one is refused at its field, and giving up leaves the file alone", async ({
  page,
}) => {
  await openRouting(page, "routing");
  const group = card(page, "everyday");
  await group.getByRole("button", { name: "Edit the group everyday" }).click();
  await group
    .getByRole("button", { name: /^Limits and values/ })
    .first()
    .click();
  const limit = group.getByLabel("Requests a minute");
  await limit.fill("sixty");
  await expect(limit).toHaveAccessibleDescription("A whole number from 1 on.");
  await expect(group.getByRole("button", { name: "Save" })).toBeDisabled();
  await limit.fill("75");
  await group.getByRole("button", { name: "Save" }).click();
  await expect(group).toContainText("75 requests/min");
  await group.getByRole("button", { name: "Edit the group everyday" }).click();
  await group.getByLabel("What it is for").fill("Changed");
  await group.getByRole("button", { name: "Discard" }).click();
  await expect(group).toContainText("Short questions, quick and cheap");
});

test("mistakes stand with file and line, and what could not be written is not lost", async ({ page }) => {
  await openRouting(page, "routingErrors");
  const mistakes = page.getByRole("region", { name: "3 mistakes and 1 warning in the files" });
  await expect(mistakes.getByRole("listitem").first()).toContainText(
    "groups/long reading.yaml line 5, column 14 rpm_limit has to be a whole number",
  );
  await expect(card(page, "rotation")).toContainText('there is no group "long reading"');
  const group = card(page, "coding");
  await group.getByRole("button", { name: "Edit the group coding" }).click();
  await group.getByLabel("What it is for").fill("Mine");
  await group.getByRole("button", { name: "Save" }).click();
  await expect(group.getByRole("alert")).toContainText("has changed on disk");
  await expect(group.getByLabel("What it is for")).toHaveValue("Mine");
  // Another one cannot be begun over it.
  await card(page, "everyday").getByRole("button", { name: "Edit the group everyday" }).click();
  await expect(page.getByText("Save or discard the changes of coding first.")).toBeVisible();
  await group.getByRole("button", { name: "Load again" }).click();
  await expect(group).toContainText("Reviews, refactorings and tests");
});

test("a folder that cannot be read says so, and the chat goes on without it", async ({ page }) => {
  await openRouting(page, "routingUnreadable");
  const alert = page.getByRole("alert").filter({ hasText: "The routing files cannot be read" });
  await expect(alert).toContainText("permission denied");
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toBeVisible();
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
});

test("what is edited is still there after a look at the chat", async ({ page }) => {
  await openRouting(page, "routing");
  await card(page, "coding").getByRole("button", { name: "Edit the group coding" }).click();
  await card(page, "coding").getByLabel("What it is for").fill("Half written");
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await page.getByRole("button", { name: "Routing", exact: true }).click();
  await expect(card(page, "coding").getByLabel("What it is for")).toHaveValue("Half written");
});

test("the simulator lets candidates fall out with their reasons and says who would answer", async ({
  page,
}) => {
  await openRouting(page, "routing");
  const simulator = page.getByRole("complementary", { name: "Simulator" });
  await simulator.getByRole("button", { name: "auto" }).click();
  await page.getByRole("combobox", { name: "Find whom to ask" }).fill("coding");
  await page.keyboard.press("Enter");
  await simulator.getByLabel("Prompt").fill("Refactor this function in Rust, please.");
  await page.keyboard.press("Control+Enter");
  await expect(simulator).toContainText("Read as code");
  await expect(simulator.locator("[data-excluded=breaker_open]")).toContainText("it kept failing");
  await expect(simulator.getByText("Would answer", { exact: true })).toHaveCount(1);
  await expect(simulator.getByRole("status")).toHaveText("4 candidates can answer, 1 cannot.");
  await expect(simulator.getByRole("img").first()).toHaveAccessibleName(
    /speed and reliability [\d.]+ × 0\.40, price of this prompt/,
  );
});

test("where there is no room beside the page the simulator is a sheet that gives the focus back", async ({
  page,
}) => {
  await page.setViewportSize({ width: 900, height: 800 });
  await openRouting(page, "routing");
  const opener = page.getByRole("button", { name: "Simulator" });
  await opener.click();
  const sheet = page.getByRole("dialog", { name: "Simulator" });
  await sheet.getByLabel("Prompt").fill("A poem");
  await sheet.getByRole("button", { name: "Simulate" }).click();
  await expect(sheet).toContainText("Would answer");
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test("rules are ordered with the keyboard, tried on the past, and saved as a whole", async ({ page }) => {
  await openRouting(page, "routing");
  await part(page, "Rules");
  const rules = page.locator("[data-rule]");
  await expect(rules).toHaveCount(4);
  await page.getByRole("button", { name: "Edit Nothing private leaves" }).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(rules.first()).toContainText("Nothing private leaves");
  await expect(page.getByRole("button", { name: "Edit Nothing private leaves" })).toBeFocused();
  await page.getByRole("button", { name: "Add a rule" }).click();
  const added = rules.last();
  await added.getByLabel("Name", { exact: true }).fill("Ledgers");
  await added.getByLabel("Words or phrases").first().fill("ledger, B-trees");
  await added.getByRole("button", { name: "As it was asked" }).click();
  await page.getByRole("combobox", { name: "Find whom to ask" }).fill("best");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Fold Ledgers" }).click();
  await expect(added).toContainText("When it says “ledger” or “B-trees”: ask best");
  await page.getByRole("button", { name: "Try on the past" }).click();
  await expect(added).toContainText(/held \d+ times/);
  await expect(page.getByRole("table", { name: "The latest it would have touched" })).toContainText(
    "Ledgers",
  );
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved rules.yaml.")).toBeVisible();
  await part(page, "Routes");
  await part(page, "Rules");
  await expect(rules.last()).toContainText("Ledgers");
});

test("health says what matters in words, opens a row, and starts counting anew after a question", async ({
  page,
}) => {
  await openRouting(page, "routing");
  await part(page, "Health");
  await expect(page.getByText("Left alone right now: deepseek/deepseek-v4.")).toBeVisible();
  const row = page.locator("[data-row='openai/gpt-5.6']");
  await expect(row).toContainText("80 %");
  await row.getByRole("button", { name: "Details of openai/gpt-5.6" }).click();
  await expect(page.getByText("too many requests", { exact: true })).toBeVisible();
  await page.getByRole("radio", { name: "Group" }).check();
  // Invented calls stand beside the real ones of the same name.
  await expect(page.locator("[data-row=coding]")).toHaveCount(2);
  await expect(page.locator("[data-row=coding]").first()).toContainText("19 %");
  await expect(page.locator("[data-key=OPENAI_API_KEY]")).toContainText("refused");
  await expect(page.locator("[data-host='https://api.deepseek.com']")).toContainText("did not answer");
  await page.getByRole("button", { name: "Count from now on" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Count from now on" }).click();
  await expect(page.getByText("No calls in this time.")).toBeVisible();
});

test("kept answers: what is kept is chosen, and all of it can be forgotten", async ({ page }) => {
  await openRouting(page, "routing");
  await part(page, "Health");
  const kept = page.getByRole("region", { name: "Kept answers" });
  await expect(kept).toContainText("118 answers, 2.3 MB");
  await kept.getByRole("radio", { name: "everything" }).check();
  await expect(kept).toContainText("Retry always asks anew.");
  await kept.getByLabel("For hours").fill("48");
  await kept.getByLabel("For hours").press("Enter");
  await part(page, "Guide");
  await part(page, "Health");
  await expect(kept.getByLabel("For hours")).toHaveValue("48");
  await kept.getByLabel("For hours").fill("9999");
  await expect(kept.getByLabel("For hours")).toHaveAccessibleDescription("A number from 1 to 8760.");
  await kept.getByRole("button", { name: "Forget all kept answers" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Forget all kept answers" }).click();
  await expect(kept.getByRole("button", { name: "Forget all kept answers" })).toBeDisabled();
});

test("advice becomes a group to look at before it is saved", async ({ page }) => {
  await openRouting(page, "routing");
  await part(page, "Guide");
  const advice = page.locator("[data-task=analysis]");
  await expect(advice).toContainText("Claude Opus 5.5");
  await advice.getByRole("button", { name: "Make a group for analysis of these" }).click();
  const editor = card(page, "analysis");
  await expect(model(editor, "Claude Opus 5.5")).toBeVisible();
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(editor.getByRole("listitem", { name: "Echelon 1, 1 model" })).toBeVisible();
});

test("a pool's ring is changed, and a removed pool comes back", async ({ page }) => {
  await openRouting(page, "routing");
  const pool = card(page, "rotation");
  await expect(pool.getByRole("img", { name: "A ring of 3, all in turn" })).toBeVisible();
  await pool.getByRole("button", { name: "Edit the pool rotation" }).click();
  await pool.getByRole("button", { name: "Move everyday up" }).click();
  await pool.getByLabel("Weight of everyday").fill("6");
  await pool.getByRole("button", { name: "Save" }).click();
  await expect(pool.getByRole("listitem").first()).toContainText("everyday");
  await expect(pool.getByRole("listitem").first()).toContainText("60 %");
  await pool.getByRole("button", { name: "More for rotation" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(pool).toHaveCount(0);
  const toast = page.locator(".toast").filter({ hasText: "Removed pools/rotation.yaml." });
  await toast.getByRole("button", { name: "Undo" }).click();
  await expect(pool).toBeVisible();
});

test("an alias is added and changed in place", async ({ page }) => {
  await openRouting(page, "routing");
  const aliases = page.getByRole("region", { name: "Aliases" });
  await aliases.getByRole("button", { name: "Add an alias" }).click();
  await aliases.getByLabel("Alias", { exact: true }).fill("quick");
  await aliases.getByRole("button", { name: "Model: Add a model" }).click();
  await page.getByRole("combobox", { name: "Find a model or an alias" }).fill("haiku");
  await page.keyboard.press("Enter");
  await aliases.getByRole("button", { name: "Add an alias" }).click();
  await expect(aliases.getByRole("listitem").last()).toContainText("quick");
  await expect(aliases.getByRole("listitem").last()).toContainText("Claude Haiku 4.5");
});

for (const [scene, width] of [
  ["routingMany", 1440],
  ["routingMany", 1024],
  ["routingMany", 720],
  ["routing", 480],
] as const) {
  test(`nothing hangs over the edge in ${scene} at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await openRouting(page, scene);
    for (const name of ["Routes", "Rules", "Health", "Guide"]) {
      await part(page, name);
      await expect(page.locator(".routing .content section").first()).toBeVisible();
      const over = await page.locator(".routing").evaluate((room) => room.scrollWidth - room.clientWidth);
      expect(over, name).toBeLessThanOrEqual(0);
    }
  });
}
