//! The five voices in Chinese.

use super::parts::{code, formula, paragraphs};
use super::topic::{Kind, Topic};
use crate::dice::Dice;

pub(super) fn reasoning(topic: &Topic) -> String {
    format!(
        "用户问的是“{}”。关键词是“{}”。我先分清已知的和推测的,再给出结构,并说明这是模拟回答。",
        topic.quote,
        topic.words.join("”“")
    )
}

pub(super) fn answer(topic: &Topic, model: &str, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let (opening, body, closing) = match model {
        "scholar" => (
            format!("### 关于“{}”\n\n这个问题值得慢慢想。先界定概念,再看证据,最后才下结论。", topic.quote),
            format!(
                "| 论点 | 依据 | 把握 |\n|---|---|---|\n| “{a}”可以定义 | 用法 | 高 |\n| “{a}”影响“{b}” | 机制 | 中 |\n| 结论可以推广 | 少数例子 | 低 |\n\n由此可见,薄弱之处在第二步:它常被当作事实,其实只是推断。"
            ),
            "*说明:这是演示模型的模拟回答,只展示论证的样子,并不引用任何研究。*",
        ),
        "poet" => (
            format!("> {}\n\n你问起{a},  \n像有人在黄昏推开一扇窗。", topic.quote),
            format!(
                "{a}是灯,{b}是灯下的影;  \n风来时影子先动,  \n灯却说:我一直在这里。\n\n说得直白些:先看它做了什么,再问它叫什么。把它讲给朋友听,声音迟疑的地方,就是真正的问题。"
            ),
            "*——模拟的诗句,出自一个从未见过海的演示模型*",
        ),
        "critic" => (
            format!("先别急着同意。你问“{}”,其中已经藏着一个假设。", topic.quote),
            format!(
                "- **选择偏差**:我们只记得“{a}”起作用的时候。\n- **方向**:也许因果正好相反。\n- **代价**:没有人说过,在“{b}”上弄错了会怎样。\n\n要说服我,请事先给出一个可能失败的预测,然后检验它。"
            ),
            "平心而论,这是模拟的反驳:演示模型对谁都不同意,也并无证据。",
        ),
        "coder" => (
            format!("**任务:**“{}”。先把问题变成数据,再用代码回答。", topic.quote),
            format!(
                "{}\n\n1. **清洗**输入;\n2. **一次遍历**完成统计;\n3. 用最小的例子**检验**结果,别忘了空输入。",
                code(topic)
            ),
            "`# 演示模型的模拟回答,请像审查陌生人的补丁一样审查它`",
        ),
        _ => (
            format!("**一句话:**关于“{}”,先弄清“{a}”指什么,问题就解决了一半。", topic.quote),
            format!(
                "- 用一句话说清 **{a}** 的范围;\n- 找一个能证明自己错了的例子,再看 **{b}**;\n- 一次只改一处,留下有用的。"
            ),
            "(这是演示模型的模拟回答:形式是真的,知识不是。)",
        ),
    };
    let block = match topic.kind {
        Kind::Code if model != "coder" => code(topic),
        Kind::Maths => chinese_formula(dice),
        Kind::Compare => format!(
            "| 比较 | {a} | {b} |\n|---|---|---|\n| 上手 | 容易判断 | 需要试用 |\n| 长期 | 习惯的成本 | 改变的成本 |\n| 出错时 | 明显 | 隐蔽 |"
        ),
        _ => String::new(),
    };
    let earlier =
        topic.earlier.as_ref().map(|text| format!("这接着你先前的问题“{text}”。")).unwrap_or_default();
    let system =
        topic.system.as_ref().map(|text| format!("我会遵守给我的要求(“{text}”)。")).unwrap_or_default();
    let next = dice.pick(&[
        "如果只有两分钟,先做第一步,其余的以后再说。",
        "想更进一步,可以换一个说法再问一次,比较两次的回答。",
        "不妨把几个模型的回答放在一起看,分歧之处最有意思。",
    ]);
    paragraphs(&[opening, format!("{system}{earlier}"), block, body, next.to_owned(), closing.to_owned()])
}

/// The formula alone: the sentences around it are English.
fn chinese_formula(dice: &mut Dice) -> String {
    let formula = formula(dice).split("$$").nth(1).unwrap_or_default();
    format!("公式示例:\n\n$${formula}$$")
}
