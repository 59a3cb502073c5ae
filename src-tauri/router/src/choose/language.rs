//! Which language a prompt is written in: by script, and within the Latin script by its most frequent small words.
//!
//! A statistical detector needs a few sentences; prompts are often six words long, but even those hold an article or a
//! pronoun. What has none of them stays unknown.

use serde::{Deserialize, Serialize};

/// A language, by its ISO 639-1 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the codes of ISO 639-1 speak for themselves")]
pub enum Language {
    Ar,
    Cs,
    De,
    El,
    En,
    Es,
    Fa,
    Fr,
    He,
    Hi,
    It,
    Ja,
    Ko,
    Nl,
    Pl,
    Pt,
    Ru,
    Sv,
    Th,
    Tr,
    Uk,
    Zh,
}

/// The frequent small words of each language in the Latin script. A word of several languages counts for each of them.
const SMALL_WORDS: [(Language, &str); 11] = [
    (
        Language::En,
        "the and of to is are was it this that these what how why who when which with for from please my your you can could would should i'm \
         i do does write give make me not in on be have about explain tell hello hi it's don't an as or by if into",
    ),
    (
        Language::De,
        "der die das und ist nicht ein eine einen einem einer ich mit für wie was bitte auf den dem des mir mich du dir sie wir warum \
         kann kannst zu von im am auch es sind wird über zwischen aus nach in hallo schreib schreibe erkläre mein meine diesen dieses diese",
    ),
    (
        Language::Fr,
        "le la les des est et une un pour dans que qui moi je vous tu avec comment pourquoi ce cette ces du de en au aux sur mon ma \
         mes quelle quel quels sont pas plus il elle nous bonjour écris explique peux s'il être entre c'est qu'est-ce l' d'",
    ),
    (
        Language::Es,
        "el la los las de que y es una un para por con como cómo qué mi del me en se lo cuál cuáles por sobre entre este esta \
         estos hola escribe explica puedes está son no tu su más al dame haz quiero",
    ),
    (
        Language::It,
        "il la lo gli le che di è un una uno per con come sono mi della dei del nel perché questo questa cosa tra fra in ciao \
         scrivi spiega puoi non più alla ai i da dammi quali qual",
    ),
    (
        Language::Pt,
        "o a os as que não um uma para com como em do da dos das no na você por meu minha é isso este esta entre olá escreva \
         explique pode são mais seu ao à quais qual me de",
    ),
    (
        Language::Nl,
        "de het een van en is niet ik voor met hoe wat je dit dat naar mijn kun kan op in te zijn waarom tussen hallo schrijf \
         leg uit deze aan om ook maak geef",
    ),
    (
        Language::Pl,
        "jest nie się na co jak do to mi czy dla proszę mam w z i o po dlaczego między napisz wyjaśnij jestem są ten ta tego \
         cześć możesz ze od przez",
    ),
    (
        Language::Sv,
        "och att det är en ett jag som för hur vad inte på med mig du av till varför mellan hej skriv förklara kan den de om \
         min mitt denna detta från",
    ),
    (
        Language::Tr,
        "bir ve bu için nasıl ne mi mı bana ile çok olan da de neden arasında merhaba yaz açıkla nedir var benim şu en kadar \
         gibi hakkında lütfen",
    ),
    (
        Language::Cs,
        "je a se na že jak co pro to si mi ve v z do proč mezi prosím napiš vysvětli není jsou tento tato ten ta který jsem ahoj \
         můžeš od ke podle",
    ),
];

/// Letters that all but give a Latin language away.
const TELLING_LETTERS: [(Language, &str); 9] = [
    (Language::De, "ßäöü"),
    (Language::Fr, "çèêàùœ"),
    (Language::Es, "ñ¿¡"),
    (Language::It, "ìòè"),
    (Language::Pt, "ãõç"),
    (Language::Pl, "łżźśćńąę"),
    (Language::Sv, "åäö"),
    (Language::Tr, "ğışç"),
    (Language::Cs, "řěůčžšý"),
];

/// How many words are looked at: enough to be sure, and a bound on the work.
const MOST_WORDS: usize = 120;

/// The language of a text in small letters; `None`: nothing tells.
pub(super) fn detect_language(lower: &str) -> Option<Language> {
    by_script(lower).or_else(|| by_small_words(lower))
}

/// Languages with a script of their own: where a third of the letters are of it.
fn by_script(lower: &str) -> Option<Language> {
    let (mut letters, mut kana, mut han, mut hangul, mut cyrillic, mut ukrainian) = (0, 0, 0, 0, 0, 0);
    let (mut arabic, mut persian, mut hebrew, mut greek, mut devanagari, mut thai) = (0, 0, 0, 0, 0, 0);
    for letter in lower.chars().filter(|letter| letter.is_alphabetic()) {
        letters += 1;
        match letter {
            'і' | 'ї' | 'є' | 'ґ' => {
                cyrillic += 1;
                ukrainian += 1;
            }
            '\u{0370}'..='\u{03FF}' => greek += 1,
            '\u{0400}'..='\u{04FF}' => cyrillic += 1,
            '\u{0590}'..='\u{05FF}' => hebrew += 1,
            'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' => {
                arabic += 1;
                persian += 1;
            }
            '\u{0600}'..='\u{06FF}' => arabic += 1,
            '\u{0900}'..='\u{097F}' => devanagari += 1,
            '\u{0E00}'..='\u{0E7F}' => thai += 1,
            '\u{3040}'..='\u{30FF}' => kana += 1,
            '\u{4E00}'..='\u{9FFF}' => han += 1,
            '\u{AC00}'..='\u{D7AF}' => hangul += 1,
            _ => {}
        }
    }
    let is_much = |count: i32| count > 0 && count * 3 >= letters;
    // A sign of Chinese, Japanese or Korean says about as much as three Latin letters.
    let is_dense = |count: i32| count > 0 && count * 6 >= letters;
    let found = [
        (is_dense(han + kana) && kana * 10 > han, Language::Ja),
        (is_dense(hangul), Language::Ko),
        (is_dense(han), Language::Zh),
        (is_much(cyrillic) && ukrainian * 50 > cyrillic, Language::Uk),
        (is_much(cyrillic), Language::Ru),
        (is_much(arabic) && persian * 20 > arabic, Language::Fa),
        (is_much(arabic), Language::Ar),
        (is_much(hebrew), Language::He),
        (is_much(greek), Language::El),
        (is_much(devanagari), Language::Hi),
        (is_much(thai), Language::Th),
    ];
    found.into_iter().find_map(|(is_it, language)| is_it.then_some(language))
}

fn by_small_words(lower: &str) -> Option<Language> {
    let mut points = [0_u32; SMALL_WORDS.len()];
    let words = small_words();
    for word in lower.split(|letter: char| !letter.is_alphabetic() && letter != '\'').take(MOST_WORDS) {
        if let Some(&languages) = words.get(word) {
            for (place, points) in points.iter_mut().enumerate() {
                *points += if languages & (1 << place) == 0 { 0 } else { 2 };
            }
        }
    }
    for (language, letters) in TELLING_LETTERS {
        if let Some(place) = SMALL_WORDS.iter().position(|(with_words, _)| *with_words == language)
            && let Some(points) = points.get_mut(place)
            && lower.chars().take(600).any(|letter| letters.contains(letter))
        {
            *points += 2;
        }
    }
    let mut order: Vec<(u32, Language)> =
        points.into_iter().zip(SMALL_WORDS).map(|(points, (language, _))| (points, language)).collect();
    order.sort_by_key(|&(points, _)| std::cmp::Reverse(points));
    match order.as_slice() {
        [(best, language), (second, _), ..] if best > second => Some(*language),
        _ => None,
    }
}

/// Each small word with the languages it belongs to, one bit each.
fn small_words() -> &'static std::collections::HashMap<&'static str, u16> {
    static WORDS: std::sync::LazyLock<std::collections::HashMap<&'static str, u16>> =
        std::sync::LazyLock::new(|| {
            let mut words = std::collections::HashMap::new();
            for (place, (_, list)) in SMALL_WORDS.iter().enumerate() {
                for word in list.split_whitespace() {
                    *words.entry(word).or_insert(0) |= 1_u16 << place;
                }
            }
            words
        });
    &WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_told_apart() {
        let rows = [
            ("what is the capital of france?", Some(Language::En)),
            ("wie wird das wetter morgen in wien?", Some(Language::De)),
            ("fasse den text in drei sätzen zusammen", Some(Language::De)),
            ("écris un poème sur la mer", Some(Language::Fr)),
            ("quelle est la différence entre les deux ?", Some(Language::Fr)),
            ("¿cuál es la capital de argentina?", Some(Language::Es)),
            ("escribe un correo para mi jefe", Some(Language::Es)),
            ("qual è la capitale della francia?", Some(Language::It)),
            ("escreva um e-mail para o meu chefe", Some(Language::Pt)),
            ("wat is het verschil tussen deze twee?", Some(Language::Nl)),
            ("jak się masz? co to jest?", Some(Language::Pl)),
            ("hur fungerar det och vad är det bra för?", Some(Language::Sv)),
            ("bana bu konu hakkında bir şiir yaz", Some(Language::Tr)),
            ("napiš mi prosím krátký příběh", Some(Language::Cs)),
            ("напиши стихотворение о море", Some(Language::Ru)),
            ("напиши вірш про море і їжака", Some(Language::Uk)),
            ("请用三句话总结这篇文章", Some(Language::Zh)),
            ("この文章を要約してください", Some(Language::Ja)),
            ("이 글을 세 문장으로 요약해 줘", Some(Language::Ko)),
            ("اكتب قصيدة عن البحر", Some(Language::Ar)),
            ("یک شعر دربارهٔ دریا بنویس", Some(Language::Fa)),
            ("כתוב שיר על הים", Some(Language::He)),
            ("γράψε ένα ποίημα για τη θάλασσα", Some(Language::El)),
            ("समुद्र के बारे में एक कविता लिखो", Some(Language::Hi)),
            ("เขียนบทกวีเกี่ยวกับทะเล", Some(Language::Th)),
            ("haiku", None),
            ("1 + 1 = ?", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(detect_language(text), expected, "{text}");
        }
    }
}
