/** What the host says of telemetry, in Chinese, by its word (engine/src/telemetry/words.rs lists them). */
export const TELEMETRY_CHINESE: Record<string, (value: (name: string) => string) => string> = {
  telemetry_port_taken: (value) =>
    `端口 ${value("port")} 已被其他程序占用。请改用其他端口，或结束该程序后再次保存。`,
  telemetry_port_refused: (value) =>
    `端口 ${value("port")} 无法使用：${value("reason")}。请改用其他端口，例如大于 1024 的端口。`,
  telemetry_port_zero: () => "端口不能为 0。请选择 1 到 65535 之间的端口，例如 9464。",
  telemetry_no_port: (value) => `${value("variable")} 不是端口，因此不提供指标。`,
  telemetry_no_endpoint: () => "无法向这个地址发送。请写成 http://主机:4318 的形式。",
  telemetry_endpoint_with_secrets: () =>
    "带有密码或问号的地址会以可读形式保存在磁盘上。请去掉这些部分，并在 OTEL_EXPORTER_OTLP_HEADERS 中提供机密。",
  telemetry_disabled: () => "环境变量 OTEL_SDK_DISABLED 已设置，不会发送任何内容。",
  telemetry_no_protocol: (value) =>
    `不会发送任何内容：${value("variable")} 要求使用 http/protobuf 以外的协议，而这里只支持它。请改为 http/protobuf，并将地址改为收集器的对应端口，通常是 4318。`,
  telemetry_not_ready: (value) => `无法向那里发送：${value("reason")}。`,
  telemetry_not_sent: (value) => `收集器没有接受最近发送的内容：${value("reason")}。`,
};
