//! Trying rules on prompts of the past.

use super::condition::Asked;
use super::{Prompt, RuleBook, Verdict};

/// What the rules would have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// For each prompt, in its order, what the rules say.
    pub verdicts: Vec<Verdict>,
    /// For each rule, in its order, how often it held.
    pub rows: Vec<DryRunRow>,
    /// Prompts for which no rule held.
    pub untouched: usize,
}

/// One rule in a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRunRow {
    /// The rule.
    pub name: String,
    /// Prompts for which it held and was read.
    pub held: usize,
    /// Prompts for which it would have held, had not an earlier rule been the last.
    pub hidden: usize,
}

impl RuleBook {
    /// Tries the rules on prompts of the past. Nothing is sent and nothing is kept.
    pub fn dry_run(&self, prompts: &[Prompt<'_>]) -> DryRun {
        let verdicts: Vec<Verdict> = prompts.iter().map(|prompt| self.judge(prompt)).collect();
        let asked: Vec<Asked<'_>> = prompts.iter().map(Asked::new).collect();
        let rows = self
            .rules
            .iter()
            .map(|compiled| {
                let name = &compiled.rule.name;
                let would_hold = asked.iter().filter(|asked| compiled.holds(asked)).count();
                let held = verdicts.iter().filter(|verdict| verdict.rules.contains(name)).count();
                DryRunRow { name: name.clone(), held, hidden: would_hold.saturating_sub(held) }
            })
            .collect();
        let untouched = verdicts.iter().filter(|verdict| verdict.rules.is_empty()).count();
        DryRun { verdicts, rows, untouched }
    }
}
