import { answers, command, ask, composer, expect, open, QUESTION, test } from "./support";

test("a first run goes from onboarding to three answers", async ({ page }) => {
  await open(page, "onboarding");
  await page.getByRole("button", { name: /demo/i }).first().click();
  await expect(composer(page)).toBeVisible();
  await ask(page, QUESTION);
  await expect(answers(page)).toHaveCount(3);
  await expect(page.locator(".lane-head").first()).toContainText("demo");
});

test("the narrow window shows tabs with states and unread marks", async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 900 });
  await open(page, "demo");
  const tabs = page.getByRole("tab");
  await expect(tabs).toHaveCount(3);
  await tabs.nth(2).click();
  await ask(page, QUESTION);
  await expect(answers(page)).toHaveCount(1);
  await expect(tabs.nth(0).getByLabel("Complete")).toBeVisible();
  await expect(tabs.nth(0).getByLabel("New answer")).toBeVisible();
  await tabs.nth(0).click();
  await expect(tabs.nth(0).getByLabel("New answer")).toHaveCount(0);
  await expect(answers(page)).toContainText("keeps the ledger sorted");
});

test("the keyboard alone is enough", async ({ page }) => {
  await open(page, "many");
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press("Control+n");
  await expect(page.getByRole("heading", { name: "One prompt, every lane answers" })).toBeVisible();
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type("Would you");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("keep the index?");
  await page.keyboard.press("Enter");
  await expect(answers(page).first()).toHaveAttribute("data-state", "complete", { timeout: 15_000 });
  await page.keyboard.press("Control+l");
  await expect(page.locator("[data-lane-focus]").first()).toBeFocused();
  await page.keyboard.press("Alt+3");
  await expect(page.locator("[data-lane-focus]").nth(2)).toBeFocused();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await command(page, "thesis");
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Thesis outline");
  await page.keyboard.press("Control+b");
  await expect(page.getByRole("heading", { name: "Conversations" })).toBeHidden();
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("heading", { name: "Settings" }).first()).toBeVisible();
});

test("light and dark follow the system until one is chosen", async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "demo");
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  expect(dark).not.toBe(light);
  await expect(composer(page)).toBeVisible();
  await command(page, "light or dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  expect(await background()).toBe(light);
});

test("a draft and a stream survive going to another conversation and back", async ({ page }) => {
  await open(page, "many");
  const list = page.getByRole("navigation", { name: "Conversations" });
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press("Control+n");
  await expect(page.getByRole("heading", { name: "One prompt, every lane answers" })).toBeVisible();
  await ask(page, QUESTION);
  await composer(page).fill("and then?");
  await list.getByRole("button", { name: /^Thesis outline/ }).click();
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Thesis outline");
  await expect(list.getByLabel("Answers are coming")).toBeVisible();
  await list
    .getByRole("button", { name: new RegExp(`^${QUESTION}`) })
    .first()
    .click();
  await expect(composer(page)).toHaveValue("and then?");
  await expect(answers(page).nth(0)).toHaveAttribute("data-state", "complete", { timeout: 25_000 });
  await expect(answers(page).nth(0)).toContainText("half a transaction.");
});

test("the chat is as it was left after a look into another room, and its keys are its own", async ({
  page,
}) => {
  await open(page, "long");
  const answers = page.getByRole("region", { name: "Answers" });
  await answers.focus();
  await page.keyboard.press("PageUp");
  await expect.poll(() => answers.evaluate((place) => place.scrollTop)).toBeGreaterThan(0);
  await page.waitForTimeout(500);
  const left = await answers.evaluate((place) => place.scrollTop);
  await composer(page).fill("not sent yet");

  await page.keyboard.press("Control+Shift+E");
  await expect(page.getByRole("heading", { name: "Spend", level: 1 })).toBeVisible();
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(composer(page)).toBeHidden();
  await page.keyboard.press("Control+j");
  await page.keyboard.type("lost");
  await page.keyboard.press("Control+Enter");

  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await expect(composer(page)).toBeFocused();
  await expect(composer(page)).toHaveValue("not sent yet");
  expect(await answers.evaluate((place) => place.scrollTop)).toBe(left);
});

test("a conversation is renamed, pinned, found and deleted", async ({ page }) => {
  await open(page, "many");
  const list = page.getByRole("navigation", { name: "Conversations" });
  const menu = async (title: string, item: string) => {
    await list.getByRole("button", { name: new RegExp(`^${title}`) }).hover();
    await list.getByRole("button", { name: `Menu of ${title}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await menu("Release notes for 0.1", "Rename");
  await list.getByLabel("Title", { exact: true }).fill("Notes");
  await list.getByLabel("Title", { exact: true }).press("Enter");
  await menu("Notes", "Pin to the top");
  await expect(
    list
      .locator("ul")
      .first()
      .getByRole("button", { name: /^Notes/ }),
  ).toBeVisible();
  await page.getByLabel("Search titles").fill("notes");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await menu("Notes", "Delete");
  await expect(page.getByRole("dialog")).toContainText("What it cost stays in the books.");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(list.getByRole("listitem")).toHaveCount(0);
});

test("a damaged database can be set aside", async ({ page }) => {
  await open(page, "blocked");
  await expect(page.getByRole("heading", { name: "Roundtable could not open its data" })).toBeVisible();
  await page.getByRole("button", { name: "Set the file aside and start fresh" }).click();
  await expect(page.getByRole("button", { name: /demo/i }).first()).toBeVisible();
});

test("of two hundred turns the newest are there at once, and earlier ones come as the reader goes up", async ({
  page,
}) => {
  test.slow();
  await open(page, "long");
  const rows = page.locator(".turn");
  await expect(rows.last()).toBeVisible();
  expect(await rows.count()).toBeLessThan(30);
  await page.getByRole("region", { name: "Answers" }).hover();
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, -4_000);
        return rows.count();
      },
      { timeout: 40_000, intervals: [100] },
    )
    .toBeGreaterThan(36);
});

test("the window speaks Chinese", async ({ page }) => {
  await open(page, "chinese", "&lang=zh");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await expect(page.getByRole("textbox", { name: "提问" })).toBeVisible();
});

test("a tip and a menu open where they belong, the second time too", async ({ page }) => {
  await open(page, "many");
  const create = page.getByRole("button", { name: "New conversation" });
  const menu = page.getByRole("button", { name: "Menu of B-trees and LSM-trees for a ledger" });
  for (const time of ["first", "second"]) {
    await create.hover();
    await expect(page.locator(".tip"), time).toBeInViewport();
    await page.mouse.move(700, 500);
    await expect(page.locator(".tip"), time).toHaveCount(0);
    await menu.click();
    await expect(page.getByRole("menuitem", { name: "Rename" }), time).toBeInViewport();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("menu"), time).toHaveCount(0);
  }
});
