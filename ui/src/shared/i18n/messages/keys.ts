import { defineWords } from "../define";

/** Several keys of one provider. */
export const keyWords = defineWords(
  {
    keysOf: (name: string) => `Keys of ${name}, in the order in which they are used`,
    order: "The first that works is used; the next when it is refused, limited or out of credit.",
    add: "Add another key",
    addTo: (name: string) => `Another key for ${name}`,
    label: "What you call it",
    labelHint: "For instance the account or team it belongs to. May stay empty.",
    remove: (name: string) => `Remove the key ${name}`,
    removeTitle: (key: string, provider: string) => `Remove the key ${key} of ${provider}?`,
    removeNote: "It cannot be shown again. The other keys stay.",
    works: "Works",
  },
  {
    keysOf: (name) => `${name} 的密钥（按使用顺序）`,
    order: "使用第一个可用的密钥；被拒、受限或额度用尽时换下一个。",
    add: "再添加一个密钥",
    addTo: (name) => `${name} 的另一个密钥`,
    label: "名称",
    labelHint: "例如所属账户或团队，可留空。",
    remove: (name) => `移除密钥 ${name}`,
    removeTitle: (key, provider) => `移除 ${provider} 的密钥 ${key}？`,
    removeNote: "密钥无法再次显示。其他密钥保留。",
    works: "可用",
  },
);
