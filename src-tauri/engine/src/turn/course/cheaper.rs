//! A further call that no budget has room for: a cheaper model answers instead, where the budgets or somebody say so, as for a first
//! call. Candidates of the route go before it there, and so they do here.

use std::sync::Arc;

use roundtable_store::OverBudget;

use super::{Course, Resuming, begin};
use crate::budgets::{LaneMoney, Others, Payee, as_refused};
use crate::error::EngineError;
use crate::turn::admit::balance;
use crate::turn::plan::{Instead, LaneToAsk};
use crate::turn::prompt::Prompt;
use crate::view::Resume;

/// A call that the budgets had no room for, and what they had then.
pub(super) struct TooDear {
    money: LaneMoney,
    over: OverBudget,
}

impl Course {
    /// The books have no room for this call. The first such call of a route is the one that a cheaper one may stand for.
    pub(crate) fn too_dear(&mut self, money: LaneMoney, over: OverBudget) {
        self.too_dear.get_or_insert_with(|| Box::new(TooDear { money, over }));
    }

    /// The way to a cheaper model, when nobody of the route is left and the budgets had no room for one of it. `None`: that is not so,
    /// nobody has said that cheaper will do, nobody cheaper fits, or it is a cheaper model already.
    pub(crate) async fn seek_cheaper(&mut self) -> Option<Self> {
        let dear = self.too_dear.take().filter(|_| self.instead.is_none())?;
        match self.find_cheaper(*dear).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "a cheaper model could not be looked for");
                None
            }
        }
    }

    async fn find_cheaper(&mut self, dear: TooDear) -> Result<Option<Self>, EngineError> {
        let engine = self.engine.clone();
        let budgets = as_refused(&engine.budgets_now().await?, &dear.over).into();
        let prompt = Arc::new(Prompt { budgets, ..Prompt::clone(&self.prompt) });
        let mut lane = dear.money;
        if !(prompt.money.cheaper || balance(&prompt, std::slice::from_ref(&lane)).goes_cheaper()) {
            return Ok(None);
        }
        let (directory, history) = tokio::try_join!(engine.directory(), async {
            Ok(engine.inner.store.lane_history(self.lane.id, self.turn_id).await?)
        })?;
        let named = balance(&prompt, std::slice::from_ref(&lane)).named_targets();
        let others = Others::new(&directory, &named);
        let facts = begin::facts(&self.lane, &prompt, &history);
        lane.cheaper = engine.cheaper_than(&others, &lane, &facts, &prompt.money).await?;
        let Some(detours) = balance(&prompt, std::slice::from_ref(&lane)).detours() else { return Ok(None) };
        let Some(detour) = detours.into_iter().next() else { return Ok(None) };
        let asked = self.detour(&detour.payee);
        let way = Self::begin(&engine, asked, &directory, prompt, history).await?;
        Ok(way.ok().map(|way| self.go_over(way)))
    }

    fn detour(&self, payee: &Payee) -> LaneToAsk {
        let resuming = self.partial.clone().map(|partial| Resuming {
            resume: Resume::Continue,
            target: payee.target(),
            partial,
        });
        let instead = Instead::cheaper(payee, &self.lane.target, &self.prompt.money);
        LaneToAsk { lane: self.lane.clone(), unsaved: None, resuming, instead: Some(instead) }
    }

    /// What has happened so far goes with it.
    fn go_over(&mut self, mut way: Self) -> Self {
        way.turn_id = self.turn_id;
        way.route.trace.attempts = std::mem::take(&mut self.route.trace.attempts);
        way
    }
}
