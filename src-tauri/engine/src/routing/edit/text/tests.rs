//! Files as text: what is refused with its mistakes, and that nothing is written then.

use super::super::super::desk::{Desk, refusal};

const CODING: &str = "# The coders.\nechelon1:\n  models: [demo/scholar]\n";
const WRONG: &str = "echelon1:\n  modells: [demo/scholar]\n";

#[tokio::test]
async fn a_wrong_file_is_shown_with_its_mistakes_and_mended() {
    let desk = Desk::new(&[("groups/coding.yaml", WRONG)]).await;
    let file = desk.engine.read_routing_file("groups/coding.yaml").await.unwrap();
    assert_eq!(file.text, WRONG);
    assert!(file.mistakes.iter().any(|mistake| mistake.line == 2 && !mistake.warning), "{:?}", file.mistakes);

    let saved = desk.engine.save_routing_file(&file.name, CODING, &file.text).await.unwrap();
    assert_eq!(saved.mistakes, []);
    assert_eq!(saved.routes.unwrap().groups[0].name, "coding");
    assert_eq!(desk.text("groups/coding.yaml"), CODING);
}

#[tokio::test]
async fn a_wrong_text_is_refused_with_its_lines_and_not_written() {
    let desk = Desk::new(&[("groups/coding.yaml", CODING)]).await;
    let refused = desk.engine.save_routing_file("groups/coding.yaml", WRONG, CODING).await.unwrap();
    assert_eq!(refused.routes, None);
    assert!(refused.mistakes.iter().any(|mistake| mistake.line == 2 && !mistake.warning));
    assert_eq!(desk.text("groups/coding.yaml"), CODING);
}

#[tokio::test]
async fn what_a_text_breaks_elsewhere_is_refused_and_an_unknown_model_only_warned_of() {
    let other = "echelon1:\n  models: [demo/poet]\nfallback_config:\n  fallback_groups: [coding.echelon1]\n";
    let desk = Desk::new(&[("groups/coding.yaml", CODING), ("groups/other.yaml", other)]).await;
    let moved = "echelon2:\n  models: [demo/scholar]\n";
    let refused = desk.engine.save_routing_file("groups/coding.yaml", moved, CODING).await.unwrap();
    assert_eq!(refused.routes, None);
    assert_eq!(refused.mistakes[0].file, "groups/other.yaml");

    let unknown = "echelon1:\n  models: [demo/nobody]\n";
    let saved = desk.engine.save_routing_file("groups/coding.yaml", unknown, CODING).await.unwrap();
    assert!(saved.routes.is_some() && saved.mistakes.iter().all(|mistake| mistake.warning));
    assert_eq!(saved.mistakes.len(), 1);
}

#[tokio::test]
async fn a_text_that_changed_meanwhile_and_a_name_outside_of_the_folder_are_refused() {
    let desk = Desk::new(&[("groups/coding.yaml", CODING)]).await;
    let stale = desk.engine.save_routing_file("groups/coding.yaml", WRONG, "another").await;
    assert_eq!(refusal(stale).0, "routes_changed");
    for name in ["../secret.yaml", "groups/../../secret.yaml", "groups/nobody.yaml", ""] {
        assert_eq!(refusal(desk.engine.read_routing_file(name).await).0, "not_found", "{name}");
    }
}
