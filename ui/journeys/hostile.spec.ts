import { expect, open, test } from "./support";

// That nothing is requested from elsewhere and no policy is broken is checked after every journey (support.ts).
test("hostile text in prompts, titles and answers stays text", async ({ page }) => {
  await open(page, "hostile");
  const answer = page.locator("article").first();
  await expect(answer).toContainText("DROP TABLE ledger");
  await expect(page.locator(".turn .prompt")).toContainText("<script>window.__ran = true</script>");
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue(
    "<img src=x onerror=alert(1)> '; DROP TABLE runs; --",
  );
  expect(await page.evaluate(() => "__ran" in window)).toBe(false);
  const inside = page.locator("article");
  await expect(
    inside.locator("script, iframe, style, object, embed, svg[onload], [onerror], [onload]"),
  ).toHaveCount(0);
  await expect(inside.locator("img[src^='http']")).toHaveCount(0);
  await expect(inside.locator("[href^='javascript']")).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
});
