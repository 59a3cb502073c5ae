import type { ModelView } from "../bindings/ModelView";
import type { ToolCallView } from "../bindings/ToolCallView";

/** What the fake models say: real prose in markdown, so that the window is judged with what it will show. */

const SWIFT = `A **B-tree** keeps the ledger sorted in place, so a balance lookup is a handful of page reads. An **LSM-tree** turns writes into sequential runs and sorts later.

| | B-tree | LSM-tree |
|---|---|---|
| Point read | 3–4 pages | several runs, helped by Bloom filters |
| Write | random page | sequential append |
| Space | 60–70 % full pages | tombstones until compaction |

For an append-mostly ledger with frequent balance reads: start with a B-tree. SQLite gives you one with transactions included.`;

const SCHOLAR = `### The shape of the problem

A ledger appends; it almost never updates. What it does constantly is *read the tail* and *sum by account*. That already tells us which costs matter.

1. **Write amplification.** In a B-tree every small write rewrites a page. With page size $P$ and record size $r$, the amplification is about $P/r$. In an LSM-tree with size ratio $T$ and $L$ levels it is

$$
W_{\\text{LSM}} \\approx T \\cdot L, \\qquad L = \\log_T \\frac{N}{M}
$$

2. **Read amplification.** A B-tree costs $\\log_B N$ page reads, most of them cached. An LSM-tree consults one run per level, minus what its filters rule out.
3. **Space.** Pages split half full; runs keep dead records until compaction.

### In code

\`\`\`rust
/// Books an entry; idempotent by (attempt, kind).
pub fn book(ledger: &mut Ledger, entry: Entry) -> Result<Balance, BookError> {
    let key = (entry.attempt, entry.kind);
    if let Some(known) = ledger.entries.get(&key) {
        return Ok(known.balance_after);
    }
    ledger.append(entry)
}
\`\`\`

### Judgement

Use a B-tree unless the sustained ingest exceeds what one disk can write at random. A desktop ledger sees perhaps ten entries a second; the difference is academic, and the B-tree's simpler crash story is worth more than bandwidth nobody uses.

> The best structure is the one whose failure you have already practised.

Three questions decide the rest: how often you sum, how long you keep history, and whether a reader may ever see half a transaction.`;

const POET = `Think of two librarians.

The first keeps every shelf in order. A new book arrives, she walks to its place, shifts its neighbours, and sets it down. Finding is a short walk; *putting away* is the work.

The second has a trolley. New books go on the trolley, in the order they come. When it is full she wheels it to the back and merges it with the others, at night, when nobody asks. Putting away is nothing; finding may take two trolleys and a shelf.

Your ledger is a diary more than a library: it grows at one end, and people ask for yesterday. The first librarian will do, and she goes home on time.`;

const CHINESE = `**B 树**把账目就地排好序，查一次余额只需读几页；**LSM 树**先把写入顺序追加，再在后台归并。

- 账本几乎只追加、很少修改，读取集中在最近的记录；
- 桌面应用每秒不过几条写入，写放大的差别可以忽略；
- B 树的崩溃恢复更简单，事务边界更清楚。

因此先用 B 树。等到持续写入超过单块磁盘的随机写能力，再考虑 LSM 树。`;

const REASONING = `The user compares two index structures for a ledger. First the access pattern: append-mostly, tail reads, sums by account.

Write amplification matters only if ingest is high. On a desktop it is not. So the argument should rest on simplicity and recovery.

I should give the formula once, an example of an idempotent append, and a clear recommendation.`;

const SHORT: Record<string, string> = {
  swift: "Yes. Keep it, and add an index on `(account, booked_at)`.",
  scholar:
    "Yes, with one reservation: an index on `(account, booked_at)` makes the sum cheap but doubles the pages touched per append. Measure before you add it.",
  poet: "Yes; a path worn by many feet deserves a railing.",
};

/** Text that tries to escape: shown as text, never run, nothing fetched. */
export const HOSTILE = `<script>window.__ran = true</script>
<img src="https://tracker.invalid/pixel.png" onerror="window.__ran = true">

![remote](https://tracker.invalid/remote.png) and [a link](javascript:window.__ran=true) and <svg onload="window.__ran=true"></svg>

<iframe src="https://tracker.invalid/"></iframe><style>body{display:none}</style>

[plain](https://example.com/a) \`<b>code</b>\` $\\href{javascript:window.__ran=true}{x}$

DROP TABLE ledger; --`;

export const RIGHT_TO_LEFT = `شجرة B تُبقي السجل مرتّبًا في مكانه، فتكون قراءة الرصيد سريعة. أمّا شجرة LSM فتكتب أولًا ثم ترتّب لاحقًا.

- الإضافة كثيرة والتعديل نادر.
- ابدأ بشجرة B ما لم تكن الكتابة كثيفة جدًا.`;

/** A model that calls tools is asked about the weather: it asks back with two, the second cut off in its arguments. */
export function toolCallsOf(model: ModelView, prompt: string): ToolCallView[] {
  if (model.tools !== true || !/weather|天气/i.test(prompt)) return [];
  return [
    {
      name: "get_weather",
      arguments:
        '{"city":"Zürich","days":[1,2,3],"units":{"temperature":"celsius","wind":"m/s"},"station_id":12345678901234567890}',
    },
    { name: "search", arguments: '{"query": "föhn warning <img src=x onerror=\'window.__ran=1\'> and th' },
  ];
}

export interface Voice {
  text: string;
  reasoning: string;
}

/** An answer of a model to a prompt. The same prompt always gets the same answer. */
export function voiceOf(model: string, prompt: string, reasons: boolean): Voice {
  const reasoning = reasons ? REASONING : "";
  if (/hostile/i.test(prompt)) return { text: HOSTILE, reasoning };
  if (/[\u0600-\u06ff]/.test(prompt)) return { text: RIGHT_TO_LEFT, reasoning };
  if (/\p{Script=Han}/u.test(prompt)) return { text: CHINESE, reasoning };
  if (prompt.length < 40) return { text: SHORT[model] ?? SHORT["scholar"] ?? "", reasoning };
  if (model === "swift" || /mini|flash|haiku/.test(model)) return { text: SWIFT, reasoning };
  if (model === "poet" || /deepseek|qwen/.test(model)) return { text: POET, reasoning };
  return { text: SCHOLAR, reasoning };
}
