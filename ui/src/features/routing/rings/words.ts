import type { PoolView } from "../../../backend/bindings/PoolView";
import { routing } from "../../../shared/i18n/messages/routing";

export const ROTATIONS = ["round_robin", "least_recently_used", "weighted", "random", "least_busy"] as const;
const FALLS = ["instance_rotation", "simple_retry"] as const;

/** What a pool does, in words. `time` puts seconds into words. */
export function poolWords(pool: PoolView, time: (seconds: number) => string): string[] {
  const words = routing();
  const rotation = ROTATIONS.find((one) => one === pool.rotation_strategy) ?? "round_robin";
  const falls = FALLS.find((one) => one === pool.fallback_config?.strategy) ?? "instance_rotation";
  const most = pool.fallback_config?.max_instance_attempts ?? null;
  const looks = pool.health_check_interval;
  const { failure_threshold: failures, recovery_time: recovery } = pool;
  return [
    words[`rotation_${rotation}`],
    words[`poolFalls_${falls}`],
    most === null ? "" : words.mostInstances(most),
    failures === null || recovery === null ? "" : words.outAfter(failures, time(recovery)),
    looks === null ? "" : looks === 0 ? words.noLooks : words.looks(time(looks)),
  ].filter((said) => said !== "");
}
