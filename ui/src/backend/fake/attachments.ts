import type { Backend } from "../backend";
import type { AttachmentKind } from "../bindings/AttachmentKind";
import type { AttachmentView } from "../bindings/AttachmentView";
import { refused, type FakeState } from "./state";

type Part = Pick<Backend, "addAttachment" | "readAttachment">;

/** A kept file. */
export interface StoredFile {
  view: AttachmentView;
  bytes: Uint8Array<ArrayBuffer>;
}

const LARGEST_BYTES = 20 * 1024 * 1024;

/** How files begin, by their type; `null` stands for any byte. */
const BEGINNINGS: [media_type: string, kind: AttachmentKind, bytes: (number | null)[]][] = [
  ["image/png", "image", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", "image", [0xff, 0xd8, 0xff]],
  ["image/gif", "image", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", "image", [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ["audio/wav", "audio", [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x41, 0x56, 0x45]],
  ["audio/mpeg", "audio", [0x49, 0x44, 0x33]],
  ["application/pdf", "document", [0x25, 0x50, 0x44, 0x46]],
];

/** Files that go along with prompts. As the real host it looks at the bytes, and refuses what no model could read. */
export function fakeAttachments(state: FakeState, delay: () => Promise<void>): Part {
  return {
    async addAttachment(name, bytes) {
      await delay();
      return keep(state, name, bytes).view;
    },
    async readAttachment(id) {
      await delay();
      return state.file(id).bytes;
    },
  };
}

export function keep(state: FakeState, name: string, bytes: Uint8Array<ArrayBuffer>): StoredFile {
  if (bytes.length === 0) throw refused("empty_file", `${name} is empty.`);
  if (bytes.length > LARGEST_BYTES)
    throw refused("file_too_large", `${name} is larger than 20 MB, the most a prompt can carry.`);
  const found = typeOf(bytes);
  if (found === null)
    throw refused(
      "unknown_file_type",
      `${name} is of a type no model reads. Use PNG, JPEG, WebP, GIF, PDF or text.`,
    );
  const id = fingerprint(bytes);
  const known = state.files.get(id);
  if (known !== undefined) return { ...known, view: { ...known.view, name } };
  const file = { view: { id, name, ...found, bytes: bytes.length }, bytes };
  state.files.set(id, file);
  return file;
}

function typeOf(bytes: Uint8Array): Pick<AttachmentView, "media_type" | "kind"> | null {
  for (const [media_type, kind, beginning] of BEGINNINGS) {
    if (beginning.every((byte, at) => byte === null || bytes[at] === byte)) return { media_type, kind };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : { media_type: "text/plain", kind: "text" };
  } catch {
    return null;
  }
}

/** The same for the same bytes, and as long as the real one. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${hash.toString(16)}${bytes.length.toString(16)}`.padStart(64, "0");
}
