import { expect, open, test } from "./support";

test("a conversation is put into a folder, gets tags, and is found by them", async ({ page }) => {
  await open(page, "many");
  const list = page.getByRole("navigation", { name: "Conversations" });
  const row = (title: string) => list.getByRole("button", { name: new RegExp(`^${title}`) });
  const menu = async (title: string, item: string) => {
    await row(title).hover();
    await list.getByRole("button", { name: `Menu of ${title}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };

  // A new folder by its name, with the keyboard alone once the dialog is open.
  await menu("Release notes for 0.1", "Move to folder");
  await expect(page.getByRole("combobox", { name: "Find or name a folder" })).toBeFocused();
  await page.keyboard.type("Publishing");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(row("Release notes for 0.1")).toHaveCount(0);
  await list.getByRole("button", { name: "Publishing 1" }).click();
  await expect(row("Release notes for 0.1")).toBeVisible();

  // Tags: typed, suggested, removed.
  await menu("Release notes for 0.1", "Edit tags");
  const tags = page.getByRole("textbox", { name: "Add a tag" });
  await expect(tags).toBeFocused();
  await page.keyboard.type("#release");
  await page.keyboard.press("Enter");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Remove the tag wrong" })).toBeVisible();
  await page.keyboard.press("Backspace");
  await expect(page.getByRole("button", { name: "Remove the tag wrong" })).toHaveCount(0);
  await page.getByRole("dialog").getByRole("button", { name: "design", exact: true }).click();
  await page.keyboard.press("Escape");

  // Found by a tag that is typed, completed, or clicked.
  const search = page.getByLabel("Search titles");
  await search.fill("#rel");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await search.fill("#des");
  await page.getByRole("button", { name: "design", exact: true }).click();
  await expect(search).toHaveValue("#design ");
  await expect(list.getByRole("listitem")).toHaveCount(3);
  await list.getByRole("button", { name: "Show what has the tag release" }).click();
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await search.press("Escape");

  // The open conversation moves from its head, and out of the folder again.
  await row("Release notes for 0.1").click();
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Release notes for 0.1");
  await page.getByRole("button", { name: "Move to folder" }).click();
  await page.getByRole("option", { name: "Work" }).click();
  await expect(list.getByRole("button", { name: "Publishing 1" })).toHaveCount(0);
  await expect(list.getByRole("button", { name: "Work 3" })).toHaveAttribute("aria-expanded", "true");
  await page.getByRole("button", { name: "Move to folder" }).click();
  await page.getByRole("option", { name: "No folder" }).click();
  await expect(list.getByRole("button", { name: "Work 2" })).toBeVisible();
});

test("a folder gets another name, and is asked about before it joins another", async ({ page }) => {
  await open(page, "filed");
  const list = page.getByRole("navigation", { name: "Conversations" });
  const rename = async (folder: string) => {
    await list.getByRole("button", { name: new RegExp(`^${folder} \\d`) }).hover();
    await list.getByRole("button", { name: `Menu of the folder ${folder}` }).click();
    await page.getByRole("menuitem", { name: "Rename folder" }).click();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue(folder);
  };

  await rename("Work");
  await page.getByLabel("Name", { exact: true }).fill("  Office   work ");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(list.getByRole("button", { name: "Office work 2" })).toBeVisible();
  await expect(list.getByRole("button", { name: /^Work \d/ })).toHaveCount(0);

  // There is a folder of that name: the two become one only when that is said.
  await rename("Office work");
  await page.getByLabel("Name", { exact: true }).fill(" 阅读");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("The 2 conversations of this one move into it.");
  await page.getByRole("button", { name: "Put them together" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(list.getByRole("button", { name: /^Office work/ })).toHaveCount(0);
  await expect(list.getByRole("button", { name: /^阅读 3/ })).toBeVisible();
});
