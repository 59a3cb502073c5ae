use super::*;

fn rows(name: &str, text: &str) -> Vec<Row> {
    read(Path::new(name), text.as_bytes().to_vec()).unwrap()
}

fn refusal(name: &str, text: &str) -> String {
    read(Path::new(name), text.as_bytes().to_vec()).unwrap_err().to_string()
}

#[test]
fn a_table_gives_its_prompts_and_passes_the_rest_through() {
    let text = "\u{feff}id,Prompt,topic,to\r\n7,\"What is a \"\"monad\"\"?\nBriefly, please.\",functional,\"demo/swift, demo/poet\"\r\n,Second,,\r\n,,,\r\n";
    let rows = rows("prompts.csv", text);
    assert_eq!(rows.len(), 2, "an empty row is none");
    assert_eq!(rows[0].prompt, "What is a \"monad\"?\nBriefly, please.");
    assert_eq!((rows[0].number, rows[0].line, &rows[0].id), (1, 2, &Some("7".into())));
    assert_eq!(rows[0].to, ["demo/swift", "demo/poet"]);
    assert_eq!(rows[0].fields.get("topic"), Some(&"functional".into()));
    assert_eq!(
        (rows[1].number, rows[1].line, &rows[1].id),
        (2, 4, &None),
        "lines count as editors count them"
    );
    assert_eq!(rows[1].fields.len(), 1, "what has a meaning of its own is not passed through");
}

#[test]
fn spreadsheets_may_part_columns_with_semicolons_or_tabs() {
    assert_eq!(rows("a.csv", "id;prompt\n1;One, two\n")[0].prompt, "One, two");
    assert_eq!(rows("a.tsv", "id\tprompt\n1\tOne; two\n")[0].prompt, "One; two");
}

#[test]
fn json_lines_keep_ids_and_fields_as_they_are() {
    let text = "{\"prompt\":\"a\",\"id\":12,\"to\":[\"x/y\",\"z\"],\"tags\":{\"b\":[1]}}\n\n{\"prompt\":\"b\",\"system\":\"brief\"}";
    let rows = rows("a.jsonl", text);
    assert_eq!(rows[0].id, Some(12.into()));
    assert_eq!(rows[0].to, ["x/y", "z"]);
    assert_eq!(rows[0].fields.get("tags"), Some(&serde_json::json!({"b": [1]})));
    assert_eq!((rows[1].line, rows[1].system.as_deref()), (3, Some("brief")));
}

#[test]
fn a_file_with_a_mistake_is_refused_whole_with_the_lines() {
    let refused = refusal("a.csv", "prompt,n\nfine,1\n,2\na,b,c\n");
    assert!(
        refused.contains("line 3: there is no prompt") && refused.contains("line 4: 3 cells"),
        "{refused}"
    );
    assert!(refusal("a.csv", "question\nwhat?\n").contains("“prompt”"));
    assert!(refusal("a.csv", "prompt,PROMPT\na,b\n").contains("two columns"));
    let refused = refusal("a.jsonl", "{\"prompt\":1}\n{}\nnonsense\n{\"prompt\":\"a\",\"to\":1}\n");
    for part in
        ["line 1: “prompt” has to be a text", "line 2: there is no", "line 3: it is no JSON", "line 4: “to”"]
    {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let many = "{}\n".repeat(8);
    assert!(refusal("a.jsonl", &many).ends_with("; and 3 more"));
    assert!(refusal("a.txt", "hello").contains(".csv"));
    assert!(refusal("a.csv", "prompt\n").contains("no question"));
    assert!(read(Path::new("a.csv"), vec![b'p', 0xff]).unwrap_err().to_string().contains("UTF-8"));
}
