import type { Notice } from "../../../backend/bindings/Notice";
import type { NoticeSaying } from "../../../backend/bindings/NoticeSaying";
import { currentTongue, type Tongue } from "../language.svelte";
import { lanes } from "./lanes";

/** A sentence for every code of the host, each of what stands in it: a code without one does not compile. */
type Sentences = {
  [Code in NoticeSaying["code"]]: (said: Extract<NoticeSaying, { code: Code }>) => string;
};

const count = (tokens: number): string => tokens.toLocaleString("en");

/** A value's name as the lane's parameters call it, else its name on the wire. */
function settingName(name: string): string {
  const words = lanes();
  const names: Record<string, string> = {
    temperature: words.temperature,
    top_p: words.topP,
    top_k: words.topK,
    max_tokens: words.maxTokens,
    presence_penalty: words.presencePenalty,
    frequency_penalty: words.frequencyPenalty,
    reasoning_tokens: words.reasoningTokens,
    reasoning_effort: words.effort,
    response_format: words.format,
    seed: words.seed,
    stop: words.stopTexts,
  };
  return names[name] ?? name;
}

function dayAndTime(at: number, locale: string): string {
  return new Date(at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}

const unreadEn = (model: string, verb: string, many: number, [one, several]: [string, string]): string =>
  `${model} does not ${verb}: ${many === 1 ? `one ${one} is` : `${count(many)} ${several} are`} left out.`;
const noKeyEn = (provider: string, variable: string | null): string =>
  `There is no key for ${provider} here. Add one in the settings${variable === null ? "" : `, or set ${variable}`}.`;
const noKeyZh = (provider: string, variable: string | null): string =>
  `这里没有 ${provider} 的密钥。请在设置中添加${variable === null ? "" : `，或设置 ${variable}`}。`;
const wrongEn = (line: number | null): string =>
  line === null ? "cannot be used" : `is wrong at line ${line}`;
const wrongZh = (line: number | null): string => (line === null ? "无法使用" : `第 ${line} 行有误`);

/** What is left out or changed when a request is sent. */
export const NOTICE_SENTENCES: Record<Tongue, Sentences> = {
  en: {
    pictures_omitted: ({ provider }) => `Pictures are left out: ${provider} takes none here.`,
    web_pictures_omitted: ({ provider }) =>
      `Pictures on the web are left out: ${provider} takes only pictures that are attached.`,
    files_omitted: ({ provider, media_type }) =>
      `Files of the type ${media_type} are left out: ${provider} takes none here.`,
    tools_omitted: ({ provider }) => `Tools are left out: ${provider} takes none here.`,
    tool_choice_omitted: ({ provider }) => `${provider} decides by itself whether tools are called.`,
    answer_form_omitted: ({ provider }) =>
      `${provider} cannot be held to a form of the answer here; the prompt has to say it.`,
    setting_omitted: ({ provider, setting }) =>
      `${settingName(setting)} is left out: ${provider} does not take it for this model.`,
    instructions_moved: ({ provider }) =>
      `${provider} has no place for instructions here: they become part of the first message.`,
    other_items_omitted: ({ provider }) =>
      `Items that only another provider knows are left out for ${provider}.`,
    pictures_unseen: (said) => unreadEn(said.model, "see pictures", said.count, ["picture", "pictures"]),
    documents_unread: (said) => unreadEn(said.model, "read PDF files", said.count, ["file", "files"]),
    sound_unheard: (said) => unreadEn(said.model, "hear sound", said.count, ["recording", "recordings"]),
    taken_over: ({ model }) =>
      `${model} takes over from another provider: reasoning and tool calls that only that one understands are left out.`,
    oldest_omitted: ({ model, count: many }) =>
      `The oldest ${many === 1 ? "message is" : `${count(many)} messages are`} left out: the conversation no longer fits the context of ${model}.`,
    prompt_tight: ({ model, tokens, window }) =>
      `The prompt is about ${count(tokens)} tokens, and ${model} reads ${count(window)}, the answer included. It may be refused.`,
    prompt_too_long: ({ model, tokens, window }) =>
      `The prompt is at least ${count(tokens)} tokens long, and ${model} reads ${count(window)}: it cannot be sent. Shorten it, or choose a model with a larger context.`,
    key_missing: ({ provider, variable }) => noKeyEn(provider, variable),
    key_missing_elsewhere: ({ provider, variable, moved_by, address }) =>
      `${noKeyEn(provider, variable)} ${moved_by} moves it to ${address}, and keys of another address are not sent there.`,
    wish_adjusted: ({ origin, setting, asked, used, reason }) =>
      `${origin} sets ${settingName(setting)} to ${asked}, which this model does not take: ${reason}; ${used} is used.`,
    wish_omitted: ({ origin, setting, asked, reason }) =>
      `${origin} sets ${settingName(setting)} to ${asked}, which this model does not take: ${reason}; it is left out.`,
    earlier_file_in_force: ({ file, line, as_of }) =>
      `${file} ${wrongEn(line)}; ${as_of === null ? "what it said before" : `the version of ${dayAndTime(as_of, "en-GB")}`} is in force.`,
    file_not_in_force: ({ file, line }) => `${file} ${wrongEn(line)}, and is not in force.`,
  },
  zh: {
    pictures_omitted: ({ provider }) => `图片已略去：${provider} 在此不接受图片。`,
    web_pictures_omitted: ({ provider }) => `网络图片已略去：${provider} 只接受附加的图片。`,
    files_omitted: ({ provider, media_type }) =>
      `类型为 ${media_type} 的文件已略去：${provider} 在此不接受。`,
    tools_omitted: ({ provider }) => `工具已略去：${provider} 在此不接受工具。`,
    tool_choice_omitted: ({ provider }) => `是否调用工具由 ${provider} 自行决定。`,
    answer_form_omitted: ({ provider }) => `${provider} 在此无法限定回答的形式，须在提问中说明。`,
    setting_omitted: ({ provider, setting }) =>
      `“${settingName(setting)}”已略去：${provider} 的这个模型不接受。`,
    instructions_moved: ({ provider }) => `${provider} 在此没有放置指令的位置：指令会并入第一条消息。`,
    other_items_omitted: ({ provider }) => `发送给 ${provider} 时，已略去只有其他服务商才认识的内容。`,
    pictures_unseen: (said) => `${said.model} 看不到图片：已略去 ${count(said.count)} 张图片。`,
    documents_unread: (said) => `${said.model} 不能读取 PDF 文件：已略去 ${count(said.count)} 个文件。`,
    sound_unheard: (said) => `${said.model} 听不到声音：已略去 ${count(said.count)} 段录音。`,
    taken_over: ({ model }) => `${model} 接替了另一家服务商：只有那一家能理解的推理和工具调用已略去。`,
    oldest_omitted: ({ model, count: many }) =>
      `最早的 ${count(many)} 条消息已略去：对话已超出 ${model} 的上下文。`,
    prompt_tight: ({ model, tokens, window }) =>
      `提问约有 ${count(tokens)} 个词元，而 ${model} 连同回答最多 ${count(window)} 个，可能会被拒绝。`,
    prompt_too_long: ({ model, tokens, window }) =>
      `提问至少有 ${count(tokens)} 个词元，而 ${model} 最多读取 ${count(window)} 个，无法发送。请缩短提问，或选择上下文更大的模型。`,
    key_missing: ({ provider, variable }) => noKeyZh(provider, variable),
    key_missing_elsewhere: ({ provider, variable, moved_by, address }) =>
      `${noKeyZh(provider, variable)}${moved_by} 将其改到 ${address}，其他地址的密钥不会发送到那里。`,
    wish_adjusted: ({ origin, setting, asked, used }) =>
      `${origin} 将“${settingName(setting)}”设为 ${asked}，这个模型不接受；改用 ${used}。`,
    wish_omitted: ({ origin, setting, asked }) =>
      `${origin} 将“${settingName(setting)}”设为 ${asked}，这个模型不接受；已略去。`,
    earlier_file_in_force: ({ file, line, as_of }) =>
      `${file} ${wrongZh(line)}；目前生效的是${as_of === null ? "它之前的内容" : `其 ${dayAndTime(as_of, "zh-CN")} 的版本`}。`,
    file_not_in_force: ({ file, line }) => `${file} ${wrongZh(line)}，未生效。`,
  },
};

/** A notice in the window's language; the host's own words where it comes without a code, as those that were stored long ago. */
export function sayNotice({ text, saying }: Notice): string {
  if (saying === null) return text;
  const sentence = NOTICE_SENTENCES[currentTongue()][saying.code] as (said: NoticeSaying) => string;
  return sentence(saying);
}
