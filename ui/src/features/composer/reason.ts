/** Why a prompt cannot be sent now; the name of the words that say it. */
export type NotSendable = "whyEmpty" | "whyNoLanes" | "whyAllOut" | "whyRunning" | "whyAdding";

export function reasonNotToSend(now: {
  text: string;
  /** Files that go along: they can be a prompt without words. */
  files: number;
  lanes: number;
  asked: number;
  running: boolean;
  /** A file is on its way to the host. */
  adding: boolean;
}): NotSendable | null {
  if (now.running) return "whyRunning";
  if (now.lanes === 0) return "whyNoLanes";
  if (now.asked === 0) return "whyAllOut";
  if (now.adding) return "whyAdding";
  return now.text.trim() === "" && now.files === 0 ? "whyEmpty" : null;
}
