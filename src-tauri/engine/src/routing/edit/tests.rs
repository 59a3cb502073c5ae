//! Changes through the window's calls, on a real folder: what the files hold afterwards, and what is refused.

use super::super::desk::{Desk, refusal};
use super::*;
use crate::view::{ActionView, ConditionsView, EchelonView, GroupFallbackView, WeightsView};

const CODING: &str = "# The coders.
echelon1:
  models: [demo/scholar]   # the best
  rpm_limit: 60
";

fn group(name: &str, model: &str) -> GroupView {
    let echelon = EchelonView { number: 1, models: vec![model.into()], ..EchelonView::default() };
    GroupView { name: name.into(), description: None, echelons: vec![echelon], fallback_config: None }
}

fn rule(name: &str, to: &str) -> RuleView {
    RuleView {
        name: name.into(),
        enabled: true,
        when: ConditionsView { task: vec!["code".into()], ..ConditionsView::default() },
        then: ActionView { to: Some(to.into()), ..ActionView::default() },
        ..RuleView::default()
    }
}

#[tokio::test]
async fn the_first_group_makes_the_folder_and_everything_can_be_written_and_read() {
    let desk = Desk::new(&[]).await;
    assert!(desk.engine.routes().await.unwrap().groups.is_empty() && !desk.config.exists());
    let mut coding = group("coding", "demo/scholar");
    coding.description = Some("Code: all of it".into());
    coding.echelons[0].timeout = Some(2.5);
    coding.fallback_config = Some(GroupFallbackView {
        strategy: "echelon_down".into(),
        after_commit: Some("continue".into()),
        last_resort: Some("Nobody is there.".into()),
        ..GroupFallbackView::default()
    });
    let view = desk.engine.save_group(coding.clone(), None).await.unwrap();
    assert_eq!((view.groups, view.mistakes), (vec![coding], vec![]));
    assert_eq!(
        desk.text("groups/coding.yaml"),
        "description: \"Code: all of it\"\nechelon1:\n  models: [demo/scholar]\n  timeout: 2.5\nfallback_config:\n  strategy: echelon_down\n  after_commit: continue\n  last_resort: Nobody is there.\n"
    );
    let pool = PoolView {
        name: "ring".into(),
        description: None,
        task_groups: vec!["coding".into()],
        rotation_strategy: "weighted".into(),
        weights: [("coding".to_owned(), 3)].into(),
        health_check_interval: Some(30.0),
        failure_threshold: None,
        recovery_time: None,
        fallback_config: None,
    };
    assert_eq!(desk.engine.save_pool(pool.clone(), None).await.unwrap().pools, [pool]);
    let aliases = vec![AliasView { name: "best".into(), model: "demo/scholar".into() }];
    assert_eq!(desk.engine.save_aliases(aliases.clone()).await.unwrap().aliases, aliases);
    let rules = vec![rule("b", "ring"), rule("a", "coding.echelon1")];
    assert_eq!(desk.engine.save_rules(rules.clone()).await.unwrap().rules, rules);
    assert_eq!(desk.engine.save_rules(vec![]).await.unwrap().rules, []);
    assert_eq!(desk.names("groups"), ["coding.yaml"], "nothing temporary is left");
}

#[tokio::test]
async fn a_change_keeps_comments_and_touches_nothing_else() {
    let desk = Desk::new(&[("groups/coding.yaml", CODING)]).await;
    let mut view = desk.engine.routes().await.unwrap();
    view.groups[0].echelons[0].rpm_limit = Some(90);
    desk.engine.save_group(view.groups.remove(0), Some("coding".into())).await.unwrap();
    assert_eq!(desk.text("groups/coding.yaml"), CODING.replace("60", "90"));
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_reason_and_nothing_is_written() {
    let desk = Desk::new(&[("groups/coding.yaml", CODING)]).await;
    let mut wrong = group("coding", "demo/scholar");
    wrong.echelons[0].temperature = Some(7.0);
    let (word, said) = refusal(desk.engine.save_group(wrong, None).await);
    assert_eq!(
        (word.as_str(), said.as_str()),
        ("bad_route", "Temperature has to be a number from 0 to 2, not 7.")
    );
    let mut twice = group("coding", "demo/scholar");
    twice.echelons.push(twice.echelons[0].clone());
    assert_eq!(refusal(desk.engine.save_group(twice, None).await).0, "bad_route");
    assert_eq!(refusal(desk.engine.save_group(group("a/b", "x/y"), None).await).0, "bad_route");
    let mut lost = group("new", "demo/scholar");
    lost.fallback_config =
        Some(GroupFallbackView { fallback_groups: vec!["gone".into()], ..GroupFallbackView::default() });
    assert_eq!(refusal(desk.engine.save_group(lost, None).await).1, "There is no group \"gone\".");
    assert_eq!(refusal(desk.engine.save_rules(vec![rule("a", "gone")]).await).0, "bad_route");
    assert_eq!(
        (desk.text("groups/coding.yaml").as_str(), desk.names("")),
        (CODING, vec!["groups".to_owned()])
    );
}

#[tokio::test]
async fn a_file_that_somebody_else_changed_is_not_overwritten() {
    let desk = Desk::new(&[("groups/coding.yaml", CODING)]).await;
    desk.engine.routes().await.unwrap();
    desk.write("groups/coding.yaml", "echelon1: {models: [demo/poet]}\n");
    let (word, said) = refusal(desk.engine.save_group(group("coding", "demo/swift"), None).await);
    assert_eq!(word, "routes_changed");
    assert!(said.starts_with("Groups/coding.yaml has been changed outside"), "{said}");
    assert!(desk.text("groups/coding.yaml").contains("demo/poet"));
    desk.engine.inner.config.reread().await;
    desk.engine.routes().await.unwrap();
    desk.engine.save_group(group("coding", "demo/swift"), None).await.unwrap();
    assert!(desk.text("groups/coding.yaml").contains("demo/swift"), "seen as it is now, it can be changed");
}

#[tokio::test]
async fn a_new_name_is_known_wherever_the_old_one_was() {
    let files = [
        ("groups/coding.yaml", CODING),
        (
            "groups/writing.yaml",
            "echelon1: {models: [demo/poet]}\nfallback_config:\n  fallback_groups: [coding.echelon1] # then code\n",
        ),
        (
            "pools/ring.yaml",
            "task_groups: [coding, writing]\nrotation_strategy: weighted\nweights: {coding: 2}\n",
        ),
        ("rules.yaml", "rules:\n  # code goes there\n  - {name: a, then: {to: coding}}\n"),
    ];
    let desk = Desk::new(&files).await;
    let mut view = desk.engine.routes().await.unwrap();
    let mut coding = view.groups.remove(0);
    coding.name = "programs".into();
    let view = desk.engine.save_group(coding.clone(), Some("coding".into())).await.unwrap();
    assert_eq!(view.mistakes, []);
    assert_eq!(desk.names("groups"), ["programs.yaml", "writing.yaml"]);
    assert_eq!(desk.text("groups/programs.yaml"), CODING, "the text went along");
    assert!(desk.text("groups/writing.yaml").contains("[programs.echelon1] # then code"));
    assert_eq!(
        desk.text("pools/ring.yaml"),
        "task_groups: [programs, writing]\nrotation_strategy: weighted\nweights: {programs: 2}\n"
    );
    assert!(
        desk.text("rules.yaml").contains("# code goes there") && desk.text("rules.yaml").contains("programs")
    );
    coding.name = "writing".into();
    assert_eq!(refusal(desk.engine.save_group(coding, Some("programs".into())).await).0, "bad_route");
}

#[tokio::test]
async fn what_is_used_is_not_removed_and_what_is_removed_can_be_found_again() {
    let files = [("groups/coding.yaml", CODING), ("pools/ring.yaml", "task_groups: [coding]\n")];
    let desk = Desk::new(&files).await;
    let (word, said) = refusal(desk.engine.remove_group("coding").await);
    assert_eq!(word, "route_in_use");
    assert!(said.contains("pools/ring.yaml, line 1"), "{said}");
    desk.engine.remove_pool("ring").await.unwrap();
    assert!(desk.engine.remove_group("coding").await.unwrap().groups.is_empty());
    assert_eq!(desk.text("groups/coding.yaml.removed"), CODING);
    assert_eq!(refusal(desk.engine.remove_group("coding").await).0, "not_found");
}

#[tokio::test]
async fn rules_with_a_mistake_are_put_right_by_hand_before_the_window_writes_them() {
    let text = "rules:\n  - {name: a, then: {stop: true}}\n  - {name: b, thn: {local_only: true}}\n";
    let desk = Desk::new(&[("rules.yaml", text)]).await;
    let view = desk.engine.routes().await.unwrap();
    assert_eq!(view.rules.len(), 1);
    let (word, said) = refusal(desk.engine.save_rules(view.rules).await);
    assert_eq!(word, "faulty_file", "writing them back would lose the one that cannot be read");
    assert!(said.contains("Rules.yaml:3:15") || said.contains("rules.yaml:3:15"), "{said}");
    assert_eq!(desk.text("rules.yaml"), text);
}

#[tokio::test]
async fn a_group_that_became_wrong_is_put_right_by_hand_or_removed() {
    let desk = Desk::new(&[("groups/coding.yaml", CODING)]).await;
    let mut view = desk.engine.routes().await.unwrap();
    desk.write("groups/coding.yaml", "echelon1:\n  models: [demo/swift]\n  rpm_limit: lots\n");
    desk.engine.inner.config.reread().await;
    let shown = desk.engine.routes().await.unwrap();
    assert_eq!(shown.groups, view.groups, "what it said before is in use");
    let (word, said) = refusal(desk.engine.save_group(view.groups.remove(0), None).await);
    assert_eq!(word, "faulty_file");
    assert!(said.contains("coding.yaml:3:14"), "{said}");
    assert!(desk.engine.remove_group("coding").await.unwrap().groups.is_empty());
}

#[tokio::test]
async fn models_nobody_knows_are_told_with_their_line() {
    let desk = Desk::new(&[("groups/coding.yaml", "echelon1:\n  models: [demo/scholra, mystery]\n")]).await;
    let view = desk.engine.routes().await.unwrap();
    let said: Vec<_> = view.mistakes.iter().map(|mistake| (mistake.line, mistake.code.as_str())).collect();
    assert_eq!(said, [(2, "unknown_model"), (2, "unknown_model")]);
    assert!(view.mistakes[0].reason.contains("demo/scholar"), "{:?}", view.mistakes[0]);
}

#[tokio::test]
async fn the_choice_is_written_with_its_comments_and_checked_like_any_other_file() {
    let before = "# what I care about\npriority: cost # the bill\n";
    let desk = Desk::new(&[("choice.yaml", before)]).await;
    let view = desk.engine.routes().await.unwrap();
    assert_eq!((view.choice.strategy.as_str(), view.choice.priority.as_str()), ("balanced", "cost"));
    let weights = WeightsView { performance: 2.0, cost: 0.5, load: 0.0, capability: 1.0 };
    let choice =
        ChoiceView { strategy: "task_based".into(), priority: "speed".into(), weights: Some(weights) };
    let saved = desk.engine.save_choice(choice.clone()).await.unwrap();
    assert_eq!(saved.choice, choice, "what is shown is what is in the file");
    let text = desk.text("choice.yaml");
    assert!(text.starts_with("# what I care about\n") && text.contains("speed # the bill"), "{text}");

    let nothing = WeightsView { performance: 0.0, cost: 0.0, load: 0.0, capability: 0.0 };
    let refused = desk.engine.save_choice(ChoiceView { weights: Some(nothing), ..choice }).await;
    let (code, message) = refusal(refused);
    assert!(code == "bad_route" && message.contains("above 0"), "{code}: {message}");
    assert_eq!(desk.text("choice.yaml"), text, "what is wrong is not written");
}
