/** What a number of the routing files may be; the same as the reader of the files takes. Times are seconds. */
export interface Range {
  least?: number;
  most?: number;
  whole?: boolean;
}

const A_DAY = 86_400;

export const RANGES = {
  rpm_limit: {},
  tpm_limit: {},
  concurrency_limit: { most: 100_000 },
  timeout: { least: 0.001, most: A_DAY, whole: false },
  max_retries: { least: 0, most: 100 },
  priority: { least: 0, most: 1_000_000 },
  temperature: { least: 0, most: 2, whole: false },
  max_tokens: {},
  max_attempts: { most: 1_000 },
  retry_delay: { least: 0, most: 3_600, whole: false },
  failure_threshold: { most: 10_000 },
  recovery_time: { least: 0.001, most: A_DAY, whole: false },
  half_open_requests: { most: 1_000 },
  health_check_interval: { least: 0, most: A_DAY, whole: false },
  max_instance_attempts: { most: 1_000 },
  weight: { most: 1_000_000 },
} satisfies Record<string, Range>;
