/** Why a prompt cannot be sent now; the name of the words that say it. */
export type NotSendable = "whyEmpty" | "whyNoLanes" | "whyAllOut" | "whyRunning";

export function reasonNotToSend(now: {
  text: string;
  lanes: number;
  asked: number;
  running: boolean;
}): NotSendable | null {
  if (now.running) return "whyRunning";
  if (now.lanes === 0) return "whyNoLanes";
  if (now.asked === 0) return "whyAllOut";
  return now.text.trim() === "" ? "whyEmpty" : null;
}
