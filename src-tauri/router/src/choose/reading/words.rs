//! The words that tell what a prompt asks for, looked up in one pass.
//!
//! A row is a meaning, its points and its words. A word ending in `*` is a stem: whatever follows belongs to it. Words in
//! scripts without spaces are found anywhere. Points are halved outside the first and the last few lines, where instructions
//! seldom stand, and a word counts twice at most, so that a pasted text does not outvote the sentence above it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// How far from either end of the text instructions stand, in bytes, if the line does not end before.
const INSTRUCTION_BYTES: usize = 240;

/// A first line shorter than this is a greeting, and the next one belongs to it.
const GREETING_BYTES: usize = 20;

/// How often a word counts.
const MOST_TIMES: u8 = 2;

/// What a word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Code,
    Creative,
    Analysis,
    Translation,
    /// Work that is known to be hard.
    Hard,
    /// A condition on the answer.
    Condition,
    /// Work that is known to be easy.
    Easy,
}

const STRONG: u32 = 8;
const MEDIUM: u32 = 4;
const WEAK: u32 = 2;

/// Words of English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese, Japanese and Korean.
const ROWS: &[(Meaning, u32, &str)] = &[
    (
        Meaning::Code,
        STRONG,
        "python|javascript|typescript|golang|kotlin|c++|c#|rustc|cargo|npm|django|react|sveltekit|kubernetes|dockerfile|docker|regex|\
         regexp|stack trace|traceback|segfault|null pointer|nullpointer*|unit test*|pull request|refactor*|debug*|compiler|sql|\
         postgres*|html|css|bash script|shell script|source code|code review|typeerror|syntaxerror|borrow checker|\
         programmier*|quellcode|quelltext|programmation|programación|programar|programmazione|programação|programma's|programowani*|\
         программ*|скрипт*|код на|代码|程式|程序|函数|编程|脚本|コード|関数|プログラム|スクリプト|코드|함수|프로그램|파이썬",
    ),
    (
        Meaning::Code,
        MEDIUM,
        "code|coden|código|codice|kod|kodu|код|rust|java|php|ruby|swift|bash|git|linux|api|rate limit*|load balanc*|microservice*|json|yaml|xml|csv|http|function|\
         funktion|fonction|función|funzione|função|functie|funkcj*|функци*|script|skript|algorithm*|algorithmus|algorithme|algoritmo*|\
         algoritme|алгоритм*|算法|アルゴリズム|알고리즘|bug|bugs|compile*|kompilier*|exception|async|mutex|thread|threads|database|\
         datenbank*|query|endpoint|frontend|backend|framework|pandas|numpy|excel formula|terminal|repository|implement*|\
         variable|array|loop|schleife|boucle|bucle|ciclo for|pętl*|class diagram|数据库|データベース|报错|エラー|バグ|버그|오류",
    ),
    (
        Meaning::Code,
        WEAK,
        "program|programm|error|fehler|crash*|deploy*|library|server|runtime|performance|test|tests|class|type",
    ),
    (
        Meaning::Creative,
        STRONG,
        "poem*|haiku|limerick|sonnet*|short story|fairy tale|screenplay|lyrics|tagline*|slogan*|bedtime story|song about|\
         gedicht*|kurzgeschichte*|märchen*|liedtext*|drehbuch|poème*|conte de|nouvelle histoire|chanson|poema*|cuento|canción|\
         poesia*|racconto|canzone|filastrocca|conto sobre|canção|poesía|gedichtje|kort verhaal|verhaaltje|sprookje|wiersz*|\
         opowiadani*|bajk*|piosenk*|стих*|рассказ|сказк*|песн*|写一首|写首|诗|故事|小说|歌词|俳句|詩|物語|小説|歌詞|시를|동화|\
         이야기를|소설|가사",
    ),
    (
        Meaning::Creative,
        MEDIUM,
        "story|stories|novel|character|dialogue|plot twist|rhyme*|metaphor*|brainstorm*|creative|imagine|invent a|invent an|\
         funny|joke*|wedding speech|toast for|birthday card|blog post|marketing copy|product name*|name ideas|names for|name for a|a name for|come up with|\
         geschichte|roman|reim*|witz*|kreativ*|erfinde*|hochzeitsrede|geburtstagskarte|ideen für|namen für|histoire|roman|rime*|\
         invente*|imagine*|blague*|idées de|historia de|rima*|chiste*|inventa*|ideas para|storia di|barzelletta|inventati|história|\
         piada*|ideias para|verhaal|grapje*|verzin*|ideeën voor|historię|żart*|wymyśl*|придумай*|шутк*|анекдот|创意|编一个|笑话|\
         口号|アイデア|キャッチコピー|ジョーク|아이디어|농담|슬로건",
    ),
    (
        Meaning::Creative,
        WEAK,
        "fantasy|dragon*|hero|love letter|style of|in the voice|drachen|fée|dragón|verse*|strophe*",
    ),
    (
        Meaning::Analysis,
        STRONG,
        "analyse*|analyze*|analysis|analyzing|compare|comparison|summari*|summary|pros and cons|trade-off*|tradeoff*|evaluate|root cause|\
         swot|key takeaways|tl;dr|prove that|prove it|derive|calculate|statistical*|hypothesis|regression|\
         analysier*|vergleich*|zusammenfass*|fasse *|bewerte*|vor- und nachteile|beweise*|berechne*|auswert*|werte diese|analys*|\
         comparez|compare*|résum*|évalue*|avantages et|démontre*|calcule*|analiza*|compara*|resum*|evalúa*|ventajas y|demuestra*|\
         calcula*|analizza*|confronta*|riassum*|valuta i|pro e contro|dimostra*|calcola*|analise*|avalie|prós e contras|vergelijk*|\
         samenvatt*|vat deze|vat dit|voor- en nadelen|bereken*|analizuj|przeanalizuj*|porównaj*|podsumuj*|streść*|wady i zalety|\
         oblicz*|проанализируй*|сравни*|анализ*|краткое изложение|докажи*|вычисли*|оцени*|плюсы и минусы|分析|比较|对比|总结|摘要|\
         评估|优缺点|证明|计算|要約|比較|評価|まとめ|証明|計算|분석|비교|요약|평가|장단점|증명|계산",
    ),
    (
        Meaning::Analysis,
        MEDIUM,
        "interpret|assess*|critique|review this|implications|correlation|trend*|forecast*|estimate the|main points|outline the|\
         strengths and weaknesses|argument*|difference between|differences between|unterschied*|interpretier*|beurteile*|\
         auswirkung*|hauptpunkte|différence*|interprète*|diferencia*|interpreta*|differenza|differenze|diferença*|verschil*|różnic*|\
         разниц*|отлич*|区别|差异|違い|차이",
    ),
    (
        Meaning::Analysis,
        WEAK,
        "data|daten|données|datos|dati|dados|gegevens|dane|данны*|数据|データ|데이터|table|report|study|survey|figures|quarter|%",
    ),
    (
        Meaning::Translation,
        STRONG,
        "translat*|how do you say|how do i say|übersetz*|wie sagt man|traduis*|traduire|traduction|traduisez|comment dit-on|traduce*|\
         traduc*|traducir|cómo se dice|tradu*|come si dice|traduza|como se diz|vertaal|vertaling|vertalen|hoe zeg je|przetłumacz*|\
         tłumacz*|jak powiedzieć|перевед*|перевод*|как сказать|翻译|译成|翻訳|英訳|和訳|訳して|번역|영어로|한국어로 옮",
    ),
    (
        Meaning::Translation,
        MEDIUM,
        "into english|into german|into french|into spanish|into italian|into japanese|into chinese|into portuguese|into russian|\
         into dutch|into polish|into korean|into arabic|to german|to english|to french|to spanish|to japanese|to italian|to chinese|\
         to portuguese|to russian|in spanish|in french|in german|in italian|in japanese|in chinese|mean in english|say this in|\
         ins deutsche|ins englische|ins französische|ins spanische|ins italienische|auf englisch|auf spanisch|auf französisch|\
         auf italienisch|auf deutsch|en anglais|en français|en allemand|al inglés|al español|al alemán|in inglese|in italiano|in tedesco|para inglês|para o inglês|\
         naar het engels|naar het nederlands|na angielski|na polski|на английский|на русский|成英文|成中文|英文|英語に|日本語に",
    ),
    (
        Meaning::Hard,
        MEDIUM,
        "prove|proof|theorem|derive|architecture|distributed|concurren*|optimi*|trade-off*|tradeoff*|step by step|step-by-step|\
         in detail|in depth|comprehensive*|thorough*|migration plan|threat model|security audit|edge cases|scalab*|\
         beweise*|architektur*|schritt für schritt|ausführlich*|gründlich*|verteilt*|nebenläufig*|sicherheitsanalyse|démontre*|\
         étape par étape|en détail|approfondi*|paso a paso|en detalle|exhaustiv*|arquitectura|demuestra*|passo dopo passo|\
         passo a passo|in dettaglio|architettura|arquitetura|stap voor stap|uitgebreid*|krok po kroku|szczegółow*|udowodnij*|\
         пошагов*|подробно*|докажи*|архитектур*|证明|详细|逐步|架构|设计一个|証明|詳しく|詳細|設計|증명|자세히|단계별|설계",
    ),
    (
        Meaning::Hard,
        WEAK,
        "design|refactor*|race condition|deadlock|asymptotic*|complexity|strategy|strategie|stratégie|estrategia|compare|vergleich*|\
         analy*|evaluate|multi*|integrat*|constraints|legal|contract|vertrag*|medical|financial*|research|plan for|business plan|\
         比较|分析|戦略|比較|비교|분석",
    ),
    (
        Meaning::Condition,
        1,
        "must|must not|should|should not|at least|at most|without|only|exactly|ensure|make sure|avoid|as well as|each of|and then|\
         afterwards|finally|first|second|third|also|muss|müssen|soll|sollen|mindestens|höchstens|ohne|genau|außerdem|danach|\
         anschließend|doit|doivent|au moins|sans|ensuite|enfin|debe|deben|al menos|sin|después|además|deve|devono|almeno|senza|\
         inoltre|pelo menos|sem|moet|moeten|minstens|zonder|daarna|musi|co najmniej|bez|następnie|должен|должна|должны|без|затем|\
         必须|至少|不要|然后|必ず|以上|以内|반드시|이상|그리고",
    ),
    (
        Meaning::Easy,
        MEDIUM,
        "hi|hello|hey|thanks|thank you|good morning|what is the capital|what time|one word|one sentence|yes or no|hallo|guten morgen|\
         danke|ein wort|in einem satz|ja oder nein|bonjour|salut|merci|en une phrase|hola|gracias|en una frase|ciao|grazie|olá|\
         obrigad*|bedankt|cześć|dziękuję|привет|спасибо|你好|谢谢|一句话|こんにちは|ありがとう|一言|안녕|고마워|한 문장",
    ),
];

/// The words found, as points.
#[derive(Debug, Default)]
pub(super) struct Found {
    points: [u32; 7],
}

impl Found {
    pub(super) fn points(&self, meaning: Meaning) -> u32 {
        self.points.get(meaning as usize).copied().unwrap_or(0)
    }
}

struct Table {
    automaton: AhoCorasick,
    /// For each word: its meaning, its points, and whether it is a stem.
    words: Vec<(Meaning, u32, bool)>,
}

/// `None` only if the table above were too large for the automaton, which a test rules out.
static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    let mut words = Vec::new();
    for &(meaning, points, list) in ROWS {
        for word in list.split('|') {
            let stem = word.strip_suffix('*');
            patterns.push(stem.unwrap_or(word));
            words.push((meaning, points, stem.is_some()));
        }
    }
    let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok()?;
    Some(Table { automaton, words })
});

/// Looks up a text in small letters.
pub(super) fn look_up(lower: &str) -> Found {
    let mut found = Found::default();
    let Some(table) = TABLE.as_ref() else { return found };
    let mut times = vec![0_u8; table.words.len()];
    let (first, last) = instructions(lower);
    for hit in table.automaton.find_overlapping_iter(lower) {
        let place = hit.pattern().as_usize();
        let (Some(&(meaning, points, is_stem)), Some(times)) = (table.words.get(place), times.get_mut(place))
        else {
            continue;
        };
        if *times >= MOST_TIMES
            || !begins_word(lower, hit.start())
            || !(is_stem || ends_word(lower, hit.end()))
        {
            continue;
        }
        // A second time says little that the first did not.
        let points = if *times > 0 { points / 2 } else { points };
        *times += 1;
        let is_instruction = hit.start() < first || hit.end() > last;
        if let Some(sum) = found.points.get_mut(meaning as usize) {
            *sum += if is_instruction { points } else { points / 2 };
        }
    }
    found
}

/// Where the first instruction ends and the last one begins, in bytes.
fn instructions(lower: &str) -> (usize, usize) {
    let after_greeting = lower.floor_char_boundary(GREETING_BYTES);
    let first = lower
        .get(after_greeting..)
        .and_then(|rest| rest.find('\n'))
        .map_or(lower.len(), |at| after_greeting + at);
    let last = lower.trim_end().rfind('\n').unwrap_or(0);
    (first.min(INSTRUCTION_BYTES), last.max(lower.len().saturating_sub(INSTRUCTION_BYTES)))
}

/// Whether a word begins here: no letter of a script with spaces runs on into it.
pub(in crate::choose) fn begins_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let first = text.get(at..).and_then(|text| text.chars().next());
    !runs_on(before, first)
}

/// Whether a word ends here.
pub(in crate::choose) fn ends_word(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|text| text.chars().next_back());
    let after = text.get(at..).and_then(|text| text.chars().next());
    !runs_on(last, after)
}

fn runs_on(left: Option<char>, right: Option<char>) -> bool {
    let is_spaced =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() && !is_unspaced(letter));
    is_spaced(left) && is_spaced(right)
}

/// Signs of Chinese and Japanese, and of Korean, whose particles are written onto the word.
const fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        assert!(TABLE.is_some());
        for &(meaning, points, list) in ROWS {
            for word in list.split('|') {
                let word = word.strip_suffix('*').unwrap_or(word);
                assert!(!word.is_empty() && word == word.to_lowercase(), "{meaning:?} {word:?}");
                assert!(!word.contains('*') && !word.contains("  "), "{meaning:?} {word:?}");
            }
            assert!(points > 0);
        }
    }

    #[test]
    fn words_are_whole_and_stems_run_on() {
        let code = |text| look_up(text).points(Meaning::Code);
        assert_eq!(code("the pythons of monty"), 0);
        assert!(code("in python?") == STRONG && code("debugging") == STRONG);
        assert_eq!(code("this rusty recoder"), 0);
        assert!(code("请写代码") > 0, "no spaces there");
    }

    #[test]
    fn a_pasted_text_does_not_outvote_the_sentence_above_it() {
        let pasted = "poem and story and song ".repeat(100);
        let found = look_up(&format!("translate this into german:\n{pasted}"));
        assert!(found.points(Meaning::Translation) > found.points(Meaning::Creative), "{found:?}");
    }
}
