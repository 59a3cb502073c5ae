//! What the guards have learnt, kept over a restart: read when the data folder is opened, written when something has changed.
//!
//! Several processes may share the folder, so that a process writes what it knows and leaves what others have written. Of servers
//! that are not set up here nothing is kept: they may stand for anything.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roundtable_domain::KeyId;
use roundtable_router::attempt::{Learnt, Lesson, Scope, has_changed, merged};
use roundtable_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::shared::{Router, is_unsaved};
use crate::clock::Clock;
use crate::engine::Process;

/// Where it stands among the settings.
const SETTING: &str = "learnt";

/// The form it is written in. What another program wrote in another form is not read.
const FORM: u32 = 1;

/// How often it is looked whether something has changed.
const EVERY: Duration = Duration::from_secs(30);

/// What stands among the settings.
#[derive(Serialize, Deserialize)]
struct Written {
    form: u32,
    learnt: Vec<Learnt>,
}

/// Keeps what is learnt.
#[derive(Clone)]
pub(crate) struct LearntKeeper {
    store: Store,
    router: Arc<Router>,
    clock: Arc<dyn Clock>,
    /// What this process has read and written.
    known: Arc<Mutex<Vec<Learnt>>>,
}

impl LearntKeeper {
    pub(crate) fn new(store: Store, router: Arc<Router>, clock: Arc<dyn Clock>) -> Self {
        Self { store, router, clock, known: Arc::default() }
    }

    /// Takes over what earlier processes have learnt. What cannot be read is learnt again.
    pub(crate) async fn recall(&self, process: Process) {
        let mut learnt = self.written().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what was learnt before could not be read");
            Vec::new()
        });
        learnt.retain(|one| is_taken_over(&one.lesson, process));
        let wall = self.clock.now();
        self.router.with(|guards, now_ms| guards.remember(&learnt, now_ms, wall));
        *self.known() = learnt;
    }

    /// Writes what has changed, until told to end. The last of it is for [`Self::save`].
    pub(crate) async fn keep(self, end: CancellationToken) {
        let mut tick = interval_at(Instant::now() + EVERY, EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                _ = tick.tick() => self.save().await,
            }
        }
    }

    /// Writes what was learnt, if it is not what is known to be written.
    pub(crate) async fn save(&self) {
        let wall = self.clock.now();
        let mut own = self.router.with(|guards, now_ms| guards.learnt(now_ms, wall));
        own.retain(|one| !provider_of(&one.lesson).is_some_and(is_unsaved));
        let known = self.known().clone();
        if !has_changed(&known, &own, wall) {
            return;
        }
        let saved = async {
            let learnt = merged(own.clone(), self.written().await?, &known, wall);
            // These types serialise without fail; what is no list is learnt again.
            let written = serde_json::to_value(Written { form: FORM, learnt }).unwrap_or_default();
            self.store.settings().set(SETTING, &written, wall).await
        };
        match saved.await {
            Ok(()) => *self.known() = own,
            Err(error) => tracing::warn!(%error, "what was learnt could not be saved"),
        }
    }

    async fn written(&self) -> Result<Vec<Learnt>, StoreError> {
        let found = self.store.settings().get(SETTING).await?;
        let written = found.and_then(|value| serde_json::from_value::<Written>(value).ok());
        Ok(written.filter(|written| written.form == FORM).map_or_else(Vec::new, |written| written.learnt))
    }

    fn known(&self) -> MutexGuard<'_, Vec<Learnt>> {
        // A panic elsewhere left a list as it was.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom a lesson is about, as the guards call it; `None`: a host, a rung or a pool.
fn provider_of(lesson: &Lesson) -> Option<&str> {
    match lesson {
        Lesson::KeyFailed { provider, .. } | Lesson::KeyLimited { provider, .. } => Some(provider),
        Lesson::Failing { about, .. }
        | Lesson::Closed { about }
        | Lesson::Limits { about, .. }
        | Lesson::Exhausted { about } => match about {
            Scope::Model { model } | Scope::AccountModel { model, .. } => Some(&model.provider),
            Scope::Account { provider, .. } => Some(provider),
            Scope::Host { .. } | Scope::Rung { .. } => None,
        },
        Lesson::TakenOut { .. } => None,
    }
}

/// Whether a new process believes it.
///
/// A restart is how a key in the environment is changed. And who types a command again has looked after what failed, or wants to
/// know: there is no "try anyway" to press, so that only what providers asked for is kept to.
fn is_taken_over(lesson: &Lesson, process: Process) -> bool {
    match lesson {
        Lesson::Closed { .. } | Lesson::Limits { .. } | Lesson::Exhausted { .. } => true,
        Lesson::KeyLimited { key, .. } => is_stored(key),
        Lesson::KeyFailed { key, .. } => process == Process::Window && is_stored(key),
        Lesson::Failing { .. } | Lesson::TakenOut { .. } => process == Process::Window,
    }
}

/// Whether a key of this name has a row of its own.
fn is_stored(key: &str) -> bool {
    key.parse::<KeyId>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_keeps_to_what_providers_asked_for_and_a_new_environment_starts_anew() {
        let key = uuid::Uuid::now_v7().to_string();
        let failed = |key: &str| Lesson::KeyFailed {
            provider: "p".into(),
            key: key.into(),
            model: None,
            category: None,
            times: 1,
        };
        let about = Scope::Host { origin: "https://p.example".into() };
        let failing = Lesson::Failing { about: about.clone(), times: 1 };
        let believed = |lesson: &Lesson| {
            [Process::Window, Process::CommandLine].map(|process| is_taken_over(lesson, process))
        };
        assert_eq!(believed(&Lesson::Closed { about }), [true, true]);
        assert_eq!(believed(&failing), [true, false]);
        assert_eq!(believed(&failed(&key)), [true, false]);
        assert_eq!(believed(&failed("env:OPENAI_API_KEY")), [false, false]);
        let of = |lesson: &Lesson| provider_of(lesson).map(is_unsaved);
        assert_eq!(of(&failed(&key)), Some(false));
        let model = roundtable_domain::ModelRef { provider: "p@https://p.example".into(), model: "m".into() };
        assert_eq!(of(&Lesson::Exhausted { about: Scope::AccountModel { model, key: None } }), Some(true));
    }
}
