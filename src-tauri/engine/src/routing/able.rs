//! Models that could answer a prompt in somebody else's place: whoever can do it, can be asked now, and is kept out by no rule.

use roundtable_domain::ModelRef;
use roundtable_router::choose::{Verdict, choose};

use super::facts::PromptFacts;
use super::route::{Purpose, lone};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::turn::Asked;

impl Engine {
    /// Those of these models that can answer the prompt now, in the order given.
    pub(crate) async fn able_models(
        &self,
        directory: &Directory,
        among: &[ModelRef],
        facts: &PromptFacts<'_>,
    ) -> Result<Vec<Asked>, EngineError> {
        let config = self.inner.config.current().await;
        let (at, reading) = (self.inner.clock.now(), facts.reading());
        let verdict = if config.rules.rules().next().is_none() {
            Verdict::default()
        } else {
            let spent = self.spent(facts.conversation, at).await;
            config.rules.judge(&facts.as_rules_see_it(reading, at, spent))
        };
        let reached: Vec<_> = among.iter().cloned().map(lone).collect();
        let possibles = self.possibles(directory, &reached, facts, Purpose::Look).await;
        let mut situation = self.situation(facts, facts.needs());
        verdict.amend(&mut situation);
        let candidates: Vec<_> = possibles.iter().map(|one| one.as_choice(self, &situation, None)).collect();
        let mut able: Vec<usize> = choose(&situation, &candidates).order().collect();
        able.sort_unstable();
        let mut possibles: Vec<_> = possibles.into_iter().map(Some).collect();
        let routed = able.into_iter().filter_map(|index| possibles.get_mut(index)?.take()?.into_routed(None));
        Ok(routed.map(|routed| routed.asked).collect())
    }
}
