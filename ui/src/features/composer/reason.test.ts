import { expect, it } from "vitest";
import { reasonNotToSend } from "./reason";

const fine = { text: "Why?", files: 0, lanes: 3, asked: 2, running: false, adding: false };

it("names what stands in the way, what the user can mend first", () => {
  expect(reasonNotToSend(fine)).toBeNull();
  expect(reasonNotToSend({ ...fine, text: " \n\t" })).toBe("whyEmpty");
  expect(reasonNotToSend({ ...fine, text: "", files: 1 })).toBeNull();
  expect(reasonNotToSend({ ...fine, text: "", lanes: 0, asked: 0 })).toBe("whyNoLanes");
  expect(reasonNotToSend({ ...fine, asked: 0 })).toBe("whyAllOut");
  expect(reasonNotToSend({ ...fine, adding: true })).toBe("whyAdding");
  expect(reasonNotToSend({ ...fine, running: true })).toBe("whyRunning");
});
