import type { Page } from "@playwright/test";
import { answers, ask, composer, expect, open, test } from "./support";

/** The smallest whole picture: one grey point. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);
const picture = { name: "chart.png", mimeType: "image/png", buffer: PNG };
const report = {
  name: "report.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.from("%PDF-1.7\n%".padEnd(9_000)),
};
const unknown = { name: "disk.img", mimeType: "", buffer: Buffer.from([0, 1, 2, 254, 255]) };

const chooser = (page: Page) => page.locator("input[type=file]");
const tray = (page: Page) => page.locator("form").getByRole("list", { name: "Attached files" });

/** What a browser hands over when files are pasted or dropped. */
async function hand(page: Page, kind: "paste" | "drop", names: string[], words = ""): Promise<void> {
  await page.evaluate(
    ([kind, names, base64, words]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      for (const name of names) data.items.add(new File([bytes], name, { type: "image/png" }));
      if (words !== "") data.setData("text/plain", words);
      const target = document.querySelector(kind === "paste" ? "[data-composer]" : "[role='region']");
      const init = { bubbles: true, cancelable: true };
      if (kind === "paste")
        target?.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
      else {
        target?.dispatchEvent(new DragEvent("dragover", { ...init, dataTransfer: data }));
        target?.dispatchEvent(new DragEvent("drop", { ...init, dataTransfer: data }));
      }
    },
    [kind, names, PNG.toString("base64"), words] as const,
  );
}

test("a picture goes along with a prompt, stands in the turn, and opens large", async ({ page }) => {
  await open(page, "many");
  await page.getByRole("button", { name: "Attach files" }).focus();
  const chosen = page.waitForEvent("filechooser");
  // One way to the page and back: by then the browser knows that the choice is made here.
  await page.evaluate(() => undefined);
  await page.keyboard.press("Enter");
  const fileChooser = await chosen;
  await fileChooser.setFiles([picture, report]);
  await expect(tray(page).getByRole("listitem")).toHaveCount(2);
  await expect(tray(page)).toContainText("report.pdf");
  await expect(tray(page)).toContainText("9 kB");
  await tray(page).getByRole("button", { name: "Remove report.pdf" }).press("Enter");
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  await expect(composer(page)).toBeFocused();
  await ask(page, "What does the chart show?");
  await expect(tray(page)).toHaveCount(0);
  const sent = page.locator(".turn").last().getByRole("list", { name: "Attached files" });
  const thumbnail = sent.getByRole("img", { name: "chart.png" });
  await expect(thumbnail).toBeVisible();
  expect(
    await thumbnail.evaluate((one: HTMLImageElement) => [one.src.split(":")[0], one.naturalWidth]),
  ).toEqual(["blob", 1]);
  await sent.getByRole("button", { name: "Show chart.png large" }).click();
  await expect(page.getByRole("dialog", { name: "chart.png" }).getByRole("img")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  // The prompt used again brings its files with it.
  await page.locator(".turn").last().hover();
  await page.locator(".turn").last().getByRole("button", { name: "Use the prompt again" }).click();
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  await expect(composer(page)).toHaveValue("What does the chart show?");
});

test("pasted and dropped files are attached; a paste with words is words", async ({ page }) => {
  await open(page, "demo");
  await expect(composer(page)).toBeFocused();
  await hand(page, "paste", ["pasted.png"]);
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  await hand(page, "paste", ["of-the-text.png"], "the text");
  await page.getByRole("button", { name: "Remove pasted.png" }).click();
  await expect(tray(page)).toHaveCount(0);
  await hand(page, "drop", ["dropped.png"]);
  await expect(tray(page).getByRole("button", { name: "Show dropped.png large" })).toBeVisible();
  await expect(page.getByText("Drop files to attach them")).toHaveCount(0);
});

test("a file no model reads is refused in its place, and the rest goes on", async ({ page }) => {
  await open(page, "demo");
  await chooser(page).setInputFiles([unknown, picture]);
  await expect(page.getByRole("alert")).toContainText("disk.img is of a type no model reads.");
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("files stay with the draft when another conversation is opened", async ({ page }) => {
  await open(page, "many");
  await chooser(page).setInputFiles([picture]);
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.getByRole("button", { name: /^Thesis outline/ }).click();
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Thesis outline");
  await expect(tray(page)).toHaveCount(0);
  await list.getByRole("button", { name: /^B-trees and LSM-trees/ }).click();
  await expect(tray(page).getByRole("listitem")).toHaveCount(1);
});

test("what a model was not shown is said before sending and above its answer", async ({ page }) => {
  await open(page, "demo");
  await chooser(page).setInputFiles([picture]);
  await composer(page).fill("What is in it?");
  const meter = page.getByRole("button", { name: "Expected cost" });
  await expect(meter).toContainText("2 notes");
  await meter.click();
  await expect(page.getByRole("dialog")).toContainText(
    "Swift does not see pictures: one picture is left out.",
  );
  await page.keyboard.press("Escape");
  await composer(page).press("Enter");
  await expect(answers(page).first()).toContainText("Swift does not see pictures: one picture is left out.");
  await expect(answers(page).nth(1)).not.toContainText("left out");
});
