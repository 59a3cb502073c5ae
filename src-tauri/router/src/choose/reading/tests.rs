use super::*;
use proptest::prelude::*;

/// A row: the prompt, what it asks for, how hard.
type Row = (&'static str, TaskKind, Complexity);

use Complexity::{Complex, Moderate, Simple};
use TaskKind::{Analysis, Code, Conversation, Creative, Translation};

/// Prompts the tables were made with. All of them have to be read right.
const KNOWN: &[Row] = &[
    ("hi", Conversation, Simple),
    ("Hello! How are you today?", Conversation, Simple),
    ("What is the capital of Australia?", Conversation, Simple),
    ("Who won the World Cup in 1998?", Conversation, Simple),
    ("Thanks, that helped a lot.", Conversation, Simple),
    ("Can you recommend a good restaurant near the station?", Conversation, Simple),
    ("My sister is angry with me. What should I say to her?", Conversation, Simple),
    ("Wie wird das Wetter morgen?", Conversation, Simple),
    ("¿Qué puedo cocinar esta noche con arroz?", Conversation, Simple),
    ("Quel âge a la Tour Eiffel ?", Conversation, Simple),
    ("今天天气怎么样？", Conversation, Simple),
    ("Привет, как дела?", Conversation, Simple),
    ("Write a Python function that reverses a string.", Code, Simple),
    ("Why does this not compile?\n```rust\nlet x: u32 = -1;\n```", Code, Moderate),
    ("How do I undo the last git commit?", Code, Simple),
    ("TypeError: Cannot read properties of undefined (reading 'map')", Code, Simple),
    ("SELECT name, COUNT(*) FROM users GROUP BY name; gives me duplicates", Code, Simple),
    ("Schreibe mir eine Funktion in Rust, die Primzahlen findet", Code, Simple),
    ("Warum stürzt mein Programm mit einem Segfault ab?", Code, Simple),
    ("Écris une fonction JavaScript qui trie un tableau", Code, Simple),
    ("Escribe un script de bash que borre archivos antiguos", Code, Simple),
    ("用 Python 写一个函数，计算斐波那契数列", Code, Simple),
    ("このコードのバグを見つけてください", Code, Simple),
    ("파이썬 코드로 정렬 알고리즘을 작성해 줘", Code, Simple),
    ("Напиши скрипт на Python для переименования файлов", Code, Simple),
    ("Refactor main.rs so that parse_line() returns a Result", Code, Moderate),
    ("Convert this Python code to Rust", Code, Simple),
    ("Write a haiku about autumn", Creative, Simple),
    ("Tell me a bedtime story about a brave snail", Creative, Simple),
    ("Give me ten slogans for a bakery", Creative, Simple),
    ("Schreibe ein Gedicht über das Meer", Creative, Simple),
    ("Écris un poème sur la mer", Creative, Simple),
    ("Escribe un cuento para niños sobre una luna", Creative, Simple),
    ("Scrivi una poesia per mia madre", Creative, Simple),
    ("Напиши стихотворение о зиме", Creative, Simple),
    ("写一首关于春天的诗", Creative, Simple),
    ("海についての短い物語を書いて", Creative, Simple),
    ("Napisz wiersz o jesieni", Creative, Simple),
    ("Compare TCP and UDP.", Analysis, Moderate),
    ("Summarise the following article in five bullet points", Analysis, Simple),
    ("What are the pros and cons of working from home?", Analysis, Simple),
    ("Fasse diesen Text in drei Sätzen zusammen", Analysis, Simple),
    ("Vergleiche Elektroautos und Benziner", Analysis, Moderate),
    ("Résume ce texte en trois phrases", Analysis, Simple),
    ("Compara las ventajas y los inconvenientes de vivir en el campo", Analysis, Simple),
    ("比较这两种方案的优缺点", Analysis, Moderate),
    ("この記事を三行で要約してください", Analysis, Simple),
    ("이 글을 세 문장으로 요약해 줘", Analysis, Simple),
    ("Сравни два этих тарифа", Analysis, Simple),
    ("Prove that the square root of two is irrational, step by step.", Analysis, Complex),
    ("Translate \"good morning\" into German", Translation, Simple),
    ("How do you say cheese in Japanese?", Translation, Simple),
    ("Übersetze den folgenden Satz ins Englische: Ich habe Hunger.", Translation, Simple),
    ("Traduis cette phrase en anglais : je suis fatigué", Translation, Simple),
    ("Traduce al inglés: ¿dónde está la biblioteca?", Translation, Simple),
    ("把这句话翻译成英文：我喜欢你", Translation, Simple),
    ("次の文を英語に翻訳してください", Translation, Simple),
    ("다음 문장을 영어로 번역해 줘", Translation, Simple),
    ("Переведи на английский: я тебя люблю", Translation, Simple),
    ("Traduci in inglese: ho fame", Translation, Simple),
    (
        "Design a distributed rate limiter for our API. It must survive the loss of a node, must not let more than 1000 requests a \
         second through, and should add at most 2 ms. Discuss the trade-offs, edge cases and a migration plan, step by step.",
        Code,
        Complex,
    ),
    (
        "Analysiere ausführlich die Vor- und Nachteile der drei Angebote:\n1. Anbieter A, 12 Monate\n2. Anbieter B, 24 Monate\n\
         3. Anbieter C, ohne Laufzeit\nBerechne die Kosten und begründe Schritt für Schritt, welches das beste ist.",
        Analysis,
        Complex,
    ),
];

/// Prompts the tables were corrected with afterwards. All of them have to be read right.
const CORRECTED: &[(&str, TaskKind)] = &[
    ("Good evening, nice to meet you", Conversation),
    ("Which vegetables can I plant in March?", Conversation),
    ("I feel lonely since I moved to a new city", Conversation),
    ("Was soll ich meinem Vater zum Geburtstag schenken?", Conversation),
    ("Comment aller de Paris à Lyon sans voiture ?", Conversation),
    ("Wat kan ik vanavond eten?", Conversation),
    ("How many kilometres is a marathon?", Conversation),
    ("Give me a regex that matches an e-mail address", Code),
    ("My React component re-renders on every keystroke, why?", Code),
    ("Write a SQL query for the ten best customers", Code),
    ("What does `git rebase --onto` do?", Code),
    ("Wie sortiere ich in Python eine Liste von Wörterbüchern?", Code),
    ("Explique-moi les closures en JavaScript", Code),
    ("Crea una API REST con Django", Code),
    ("docker: Error response from daemon: port is already allocated", Code),
    ("Rust の所有権を説明して", Code),
    ("如何用 JavaScript 读取 JSON 文件", Code),
    ("Come si scrive un ciclo for in Java?", Code),
    ("fn main() { println!(\"{}\", x); } why is x not found", Code),
    ("Write a limerick about a cat from Peru", Creative),
    ("I need a funny wedding speech for my best friend", Creative),
    ("Erfinde eine Geschichte über einen Roboter, der Angst vor Wasser hat", Creative),
    ("Invente une histoire pour mes enfants", Creative),
    ("Schrijf een gedicht voor oma", Creative),
    ("Придумай сказку про дракона", Creative),
    ("给我的咖啡店想一个口号", Creative),
    ("Suggest names for my new sailing boat", Creative),
    ("Analyze the quarterly figures below and tell me what stands out", Analysis),
    ("What is the difference between a virus and a bacterium?", Analysis),
    ("Evaluate this business idea", Analysis),
    ("Calcule la moyenne de ces notes : 12, 15, 9", Analysis),
    ("Riassumi questo capitolo", Analysis),
    ("Porównaj te dwa telefony", Analysis),
    ("总结下面的会议记录", Analysis),
    ("Bewerte die folgenden Bewerbungen", Analysis),
    ("Translate the menu to English please", Translation),
    ("Comment dit-on « bonjour » en japonais ?", Translation),
    ("Vertaal deze zin naar het Engels", Translation),
    ("Przetłumacz to na angielski", Translation),
    ("Cómo se dice gato en alemán", Translation),
    ("この文を日本語に訳して: The sky is blue", Translation),
    ("Kannst du mir diesen Brief ins Französische übersetzen?", Translation),
    ("Who painted the Mona Lisa?", Conversation),
    ("I can't sleep, any advice?", Conversation),
    ("Plan a weekend in Lisbon for two with a small budget", Conversation),
    ("Is it safe to eat raw eggs?", Conversation),
    ("Erzähl mir etwas über dich", Conversation),
    ("¿A qué hora sale el sol en verano?", Conversation),
    ("Cosa mi consigli di vedere a Roma?", Conversation),
    ("最近睡不好，有什么建议？", Conversation),
    ("おすすめの映画は何ですか", Conversation),
    ("Hoeveel inwoners heeft België?", Conversation),
    ("How can I centre a div in CSS?", Code),
    ("Explain the difference between a mutex and a semaphore in C++", Code),
    ("I get `NullPointerException` in line 12, what now?", Code),
    ("Write a Dockerfile for a Node app", Code),
    ("Wie mache ich einen Git-Commit rückgängig?", Code),
    ("¿Cómo hago una consulta SQL con dos tablas?", Code),
    ("Écris un test unitaire pour cette classe Java", Code),
    ("كيف أكتب دالة في Python؟", Code),
    ("Как отсортировать массив в JavaScript?", Code),
    ("帮我修复这个 TypeScript 报错", Code),
    ("Optimise this loop:\nfor (let i = 0; i < items.length; i++) {\n  total += items[i].price;\n}", Code),
    ("Kubernetes pod keeps restarting with OOMKilled", Code),
    ("Compose a sonnet for my wife", Creative),
    ("Write the opening scene of a detective novel set in Prague", Creative),
    ("Schreib mir einen lustigen Geburtstagsgruß in Reimen", Creative),
    ("Raconte une histoire drôle de pirates", Creative),
    ("Dame ideas para una novela de misterio", Creative),
    ("Wymyśl bajkę o lisie", Creative),
    ("给孩子讲一个睡前故事", Creative),
    ("猫についての俳句を作って", Creative),
    ("Come up with a name for a podcast about bees", Creative),
    ("What are the strengths and weaknesses of this essay?", Analysis),
    ("Give me a summary of the report", Analysis),
    ("Werte diese Umfrage aus", Analysis),
    ("Analyse les causes de la Révolution française", Analysis),
    ("¿Cuál es la diferencia entre ahorro e inversión?", Analysis),
    ("Сделай краткое изложение статьи", Analysis),
    ("두 제품의 장단점을 비교해 줘", Analysis),
    ("Say this in Spanish: where is the station?", Translation),
    ("What does the French word 'dépaysement' mean in English?", Translation),
    ("Was heißt \"Schmetterling\" auf Spanisch?", Translation),
    ("Traduza para o português: good luck", Translation),
    ("翻译成法语：早上好", Translation),
];

/// Prompts written after the tables, which were not changed for them: how well the tables do on what they were not made with.
const UNSEEN: &[(&str, TaskKind)] = &[
    ("What should I wear to a job interview?", Conversation),
    ("Do cats dream?", Conversation),
    ("Ich habe Kopfschmerzen, was hilft?", Conversation),
    ("Quel vin avec du poisson ?", Conversation),
    ("¿Cuántos días tiene febrero?", Conversation),
    ("Что посмотреть сегодня вечером?", Conversation),
    ("日本で一番高い山は？", Conversation),
    ("npm install fails with EACCES", Code),
    ("How do closures capture variables in Rust?", Code),
    ("Schreib ein Bash-Skript, das alle Logs älter als 7 Tage löscht", Code),
    ("¿Por qué mi componente de React no se actualiza?", Code),
    ("Explain this function:\n```js\nconst f = x => x * 2\n```", Code),
    ("用Java实现一个二叉树", Code),
    ("Wie funktioniert async in JavaScript?", Code),
    ("Write me a short poem for a retirement card", Creative),
    ("Schreibe den Anfang eines Krimis", Creative),
    ("Inventa un nombre para mi perro", Creative),
    ("Écris les paroles d'une chanson d'été", Creative),
    ("Tell me a joke about penguins", Creative),
    ("Summarize our meeting notes", Analysis),
    ("Welche Vor- und Nachteile hat eine Wärmepumpe?", Analysis),
    ("Compare deux forfaits mobiles", Analysis),
    ("Is this argument valid? All birds fly; penguins are birds.", Analysis),
    ("Vergelijk deze twee hypotheken", Analysis),
    ("Which of these two mortgage offers is cheaper over ten years?", Analysis),
    ("Dịch câu này sang tiếng Anh", Translation),
    ("Please translate my résumé into Dutch", Translation),
    ("Wie sagt man Danke auf Türkisch?", Translation),
    ("Traduce esta carta al francés", Translation),
    ("この手紙を英語に翻訳してください", Translation),
];

fn read(text: &str) -> PromptReading {
    read_prompt(text, 20, &[])
}

#[test]
fn known_prompts_are_read_right() {
    let wrong: Vec<String> = KNOWN
        .iter()
        .filter_map(|(text, task, complexity)| {
            let reading = read(text);
            let right = (reading.task, reading.complexity) == (*task, *complexity);
            (!right).then(|| format!("{:?} {:?} {text}", reading.task, reading.complexity))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn corrected_prompts_are_read_right() {
    let wrong = wrong_of(CORRECTED);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong_of(rows: &[(&str, TaskKind)]) -> Vec<String> {
    rows.iter()
        .filter(|(text, task)| read(text).task != *task)
        .map(|(text, task)| format!("{:?} instead of {task:?}: {text}", read(text).task))
        .collect()
}

#[test]
fn four_of_five_prompts_the_tables_were_not_made_with_are_read_right() {
    let wrong = wrong_of(UNSEEN);
    println!("{} of {} wrong\n{}", wrong.len(), UNSEEN.len(), wrong.join("\n"));
    assert!(wrong.len() * 5 <= UNSEEN.len(), "{}", wrong.join("\n"));
}

#[test]
fn attachments_and_length_go_before_words() {
    let task =
        |tokens, attachments: &[AttachmentKind]| read_prompt("Translate this", tokens, attachments).task;
    assert_eq!(task(10, &[AttachmentKind::Image]), TaskKind::Multimodal);
    assert_eq!(task(90_000, &[AttachmentKind::Pdf]), TaskKind::Multimodal);
    assert_eq!(task(LONG_CONTEXT_TOKENS, &[]), TaskKind::LongContext);
    assert_eq!(task(10, &[AttachmentKind::Text]), Translation, "text is read by any model");
}

#[test]
fn the_language_of_the_words_counts_and_not_that_of_the_program() {
    let text = "Was ist hier falsch?\n```python\nfor the_word in this_is_the_list:\n    print(\"the and of to is\")\n```";
    assert_eq!((read(text).language, read(text).task), (Some(Language::De), Code));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn any_text_is_read(text in "\\PC{0,400}", tokens: u64) {
        let reading = read_prompt(&text, tokens, &[]);
        prop_assert!(reading.confidence_percent <= 100);
        prop_assert_eq!(reading, read_prompt(&text, tokens, &[]));
    }
}
