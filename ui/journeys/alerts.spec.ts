import type {} from "../src/backend/fake/scenes";
import type { Locator, Page } from "@playwright/test";
import { answers, ask, expect, open, QUESTION, test } from "./support";

// As in the real window (tauri.conf.json): what is shown has to get by with it.
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => Object.freeze(Object.prototype));
});

const toast = (page: Page): Locator => page.locator(".toast");
const bell = (page: Page): Locator =>
  page.getByRole("navigation", { name: "Rooms" }).getByRole("button", { name: /^Alerts/ });
const list = (page: Page): Locator => page.getByRole("dialog", { name: "Alerts" });

test("a step of a budget that is reached is told once, and leads to the budget", async ({ page }) => {
  await open(page, "alert");
  await expect(bell(page)).toHaveAccessibleName("Alerts");
  await ask(page, QUESTION);
  await expect(toast(page)).toHaveCount(1, { timeout: 20_000 });
  await expect(toast(page)).toContainText("“Small change” has reached 80 % of its limit");
  await expect(toast(page)).toContainText(/\$0\.\d+ of \$0\.10 spent/);
  await expect(bell(page)).toHaveAccessibleName("Alerts, 1 new");
  await toast(page).getByRole("button", { name: "Show the budget" }).click();
  await expect(page.getByRole("article", { name: "Small change" })).toBeFocused();
  await expect(toast(page)).toHaveCount(0);
  await expect(bell(page)).toHaveAccessibleName("Alerts");
});

test("the bell is opened by keys, and a spike leads to what was spent that day on that model", async ({
  page,
}) => {
  await open(page, "alerts");
  await expect(bell(page)).toHaveAccessibleName("Alerts, 3 new");
  await bell(page).focus();
  await page.keyboard.press("Enter");
  const spike = list(page).getByRole("listitem").filter({ hasText: "Claude Sonnet 5 has cost 6.2 times" });
  await expect(spike).toContainText("Urgent");
  await spike.getByRole("button", { name: "Show what was spent" }).press("Enter");
  await expect(list(page)).toHaveCount(0);
  await expect(page.getByRole("navigation", { name: "Where you are" })).toContainText("Spike of");
  await expect(page.getByRole("group", { name: "Filters" })).toContainText("Claude Sonnet 5");
  await expect(bell(page)).toHaveAccessibleName("Alerts, 2 new");
  // The room is left as it was before.
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(page.getByRole("group", { name: "Filters" })).not.toContainText("Claude Sonnet 5");
});

test("alerts lead to a price, to a change, and are all seen at once", async ({ page }) => {
  await open(page, "alerts");
  await bell(page).click();
  await list(page).getByRole("button", { name: "Show the price", exact: true }).click();
  await expect(page.getByRole("dialog", { name: /GPT-5\.6/ }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await bell(page).click();
  await list(page).getByRole("button", { name: "Show the change" }).click();
  await expect(page.getByRole("button", { name: "Analysis" })).toHaveAttribute("aria-current", "page");
  await bell(page).click();
  await list(page).getByRole("button", { name: "Mark all as seen" }).click();
  await expect(list(page)).toContainText("nothing new");
  await page.keyboard.press("Escape");
  await expect(bell(page)).toHaveAccessibleName("Alerts");
});

test("what is urgent stays until it is closed, and what was seen elsewhere is no news", async ({ page }) => {
  await open(page, "many");
  await expect(answers(page).first()).toBeVisible();
  await page.evaluate(() => {
    const plain = { kind: "spike", subject: "", at: Date.now(), simulated: false } as const;
    const said = (text: string) => ({ text, saying: { code: "", values: {} } });
    const raise = (id: string, level: "critical" | "info", seen: boolean) =>
      window.fakeHost?.state.alerts.raise({
        ...plain,
        id,
        level,
        aloud: level === "critical",
        seen,
        title: said(`${id} title`),
        body: said(`${id} body`),
      });
    raise("urgent", "critical", false);
    raise("seen", "critical", true);
    raise("note", "info", false);
  });
  await expect(toast(page)).toHaveCount(1);
  await expect(toast(page)).toContainText("urgent body");
  await expect(bell(page)).toHaveAccessibleName("Alerts, 2 new");
  await expect(page.getByRole("status").filter({ hasText: "note title" })).toHaveCount(1);
  await toast(page).getByRole("button", { name: "Close" }).click();
  await expect(toast(page)).toHaveCount(0);
});

test("what to be told of is set, and a factor that is none is refused at its field", async ({ page }) => {
  await open(page, "alerts");
  await bell(page).click();
  await list(page).getByRole("button", { name: "What to be told of" }).click();
  await expect(page.getByRole("heading", { name: "Alerts" })).toBeFocused();
  const section = page.getByRole("region", { name: "Alerts" });
  const factor = section.getByLabel("From how many times the usual");
  await factor.fill("1");
  await factor.blur();
  await expect(section).toContainText("A number from 1.5 to 1000");
  await factor.fill("4.5");
  await factor.blur();
  await section.getByLabel("Notifications of the desktop").uncheck();
  const kept = () => page.evaluate(() => window.fakeHost?.state.settings.alerts);
  await expect.poll(kept).toEqual({ desktop: false, spikes: true, prices: true, spike_factor: 4.5 });
});

test("a page for Prometheus is off, says where it is once it is on, and whose port is taken", async ({
  page,
}) => {
  await open(page, "many");
  await page.getByRole("button", { name: "Settings" }).click();
  const section = page.getByRole("region", { name: "Other programs" });
  await expect(section).toContainText("never a prompt, an answer, a title, a file or a key");
  await expect(section.getByLabel("A page for Prometheus")).not.toBeChecked();
  await section.getByLabel("A page for Prometheus").check();
  await expect(section).toContainText("http://127.0.0.1:9464/metrics");
  await section.getByLabel("Port").fill("9100");
  await section.getByLabel("Port").blur();
  await expect(section.getByRole("alert")).toContainText("Port 9100 is taken by another program");
  await expect(section).toContainText("http://127.0.0.1:9464/metrics");
  await section.getByLabel("A page for Prometheus").uncheck();
  await expect(section).not.toContainText("9464/metrics");
});
