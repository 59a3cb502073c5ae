//! Alerts: what people should hear of without having asked. Steps of budgets ([`steps`]) and that they refuse calls ([`refusals`]), far more than usual ([`spikes`]), prices
//! ([`prices`]), and changes that were made without asking.
//!
//! What is to be told is read off what is stored, so that nothing is missed: not what a killed process has left, not what another one
//! has booked. The database keeps an alert once ([`roundtable_store::OnlyIf`]), so that two processes tell it once. Nothing is looked for
//! in the way of an answer: a look is taken when somebody lists alerts, while somebody watches ([`watch`]), and at the end of a command.

mod prices;
mod refusals;
mod sayings;
mod spikes;
mod steps;
mod watch;

use roundtable_domain::UnixMs;
use roundtable_ledger::SpikeFactor;
use roundtable_store::{Alert, NewAlert, OnlyIf};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AlertKind, AlertLevel, AlertSettings, AlertView, AppError, AppliedChange, Said};
pub(crate) use refusals::InTheWay;
pub use watch::AlertSink;
pub(crate) use watch::Lookout;

/// How many are listed.
const MOST_LISTED: u32 = 200;

/// How long one is kept.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// The least and the most times the usual that make a spike.
const LEAST_FACTOR: f64 = 1.5;
const MOST_FACTOR: f64 = 1_000.0;

/// An alert in the words of the window, before it is raised.
struct Draft {
    /// What is told, without the kind.
    key: String,
    kind: AlertKind,
    level: AlertLevel,
    at: UnixMs,
    subject: String,
    title: Said,
    body: Said,
    seen: bool,
    simulated: bool,
    only_if: OnlyIf,
}

/// What an alert says, as it is stored.
#[derive(Serialize, Deserialize)]
struct Sayings {
    title: Said,
    body: Said,
}

/// How far alerts had come at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertMark(i64);

impl Engine {
    /// Alerts of the last 90 days, the newest first, at most 200. What was reached while nobody looked is among them.
    pub async fn list_alerts(&self) -> Result<Vec<AlertView>, AppError> {
        self.look_for_alerts().await;
        Ok(self.kept_alerts().await?)
    }

    /// Somebody has seen these; none named: all.
    pub async fn see_alerts(&self, ids: &[String]) -> Result<Vec<AlertView>, AppError> {
        // What is no id names no alert.
        let named: Vec<Uuid> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let named = (!ids.is_empty()).then_some(named.as_slice());
        let now = self.inner.clock.now();
        self.inner.store.alerts().see(named, now).await.map_err(EngineError::from)?;
        Ok(self.kept_alerts().await?)
    }

    /// Tells of every alert that comes about from now on, whichever process of this data folder raises it, until the sink says that
    /// nobody listens. What was reached before and not told yet comes about now.
    pub async fn watch_alerts(&self, sink: AlertSink) -> Result<(), AppError> {
        Ok(self.begin_watching(sink).await?)
    }

    /// How far alerts have come, for [`Engine::alerts_since`].
    pub async fn mark_alerts(&self) -> Result<AlertMark, AppError> {
        Ok(AlertMark(self.inner.store.alerts().marks().await.map_err(EngineError::from)?.alerts))
    }

    /// What has come about since and nobody has seen, the oldest first, whoever raised it.
    pub async fn alerts_since(&self, mark: AlertMark) -> Result<Vec<AlertView>, AppError> {
        self.look_for_alerts().await;
        let alerts = self.inner.store.alerts().after(mark.0, MOST_LISTED).await.map_err(EngineError::from)?;
        Ok(alerts.iter().filter_map(view_of).filter(|alert| !alert.seen).collect())
    }

    /// Whether alerts are wanted as notifications of the desktop too.
    pub async fn alerts_on_the_desktop(&self) -> bool {
        self.settings().await.is_ok_and(|settings| settings.alerts.desktop)
    }

    /// Tells that a recommendation was applied without asking. What fails here is in the log and nowhere else: the change is made.
    pub(crate) async fn raise_automatic_change(&self, change: &AppliedChange) {
        let draft = Draft {
            key: change.id.clone(),
            kind: AlertKind::AutomaticChange,
            level: AlertLevel::Info,
            at: change.at,
            subject: change.id.clone(),
            title: sayings::automatic_change(&change.subject),
            body: change.title.clone(),
            seen: false,
            simulated: false,
            only_if: OnlyIf::New,
        };
        let raised = self.raise(&[self.alert_of(draft)]).await;
        log(raised, "a change that was made without asking could not be told");
    }

    /// Looks for everything there may be to tell, and raises it. What cannot be looked at is logged: the rest is told all the same.
    pub(crate) async fn look_for_alerts(&self) {
        let settings = match self.settings().await {
            Ok(settings) => settings.alerts,
            Err(error) => {
                tracing::warn!(%error, "what to be told of is not known");
                return;
            }
        };
        log(self.look_at_steps().await, "the budgets' steps could not be looked at");
        if settings.spikes {
            log(self.look_at_spikes(&settings).await, "spikes could not be looked for");
        }
        let now = self.inner.clock.now();
        let Some(look) = self.inner.lookout.an_hour_is_over(now) else { return };
        let old = self.forget_old(now).await;
        let prices = if settings.prices { self.look_at_prices().await } else { Ok(()) };
        if old.is_ok() && prices.is_ok() {
            self.inner.lookout.hourly_look_was_taken(look);
        }
        log(old, "old alerts stay");
        log(prices, "prices could not be compared");
    }

    async fn look_at_steps(&self) -> Result<(), EngineError> {
        let steps = self.reached_steps().await?;
        self.raise(&steps).await
    }

    async fn look_at_spikes(&self, settings: &AlertSettings) -> Result<(), EngineError> {
        let entries = self.inner.store.alerts().marks().await?.entries;
        let (now, factor) = (self.inner.clock.now(), settings.factor());
        if !self.inner.lookout.spikes_are_due(now, entries, factor) {
            return Ok(());
        }
        let spikes = self.spikes(settings).await?;
        self.raise(&spikes).await?;
        self.inner.lookout.spikes_were_looked_for(now, entries, factor);
        Ok(())
    }

    async fn look_at_prices(&self) -> Result<(), EngineError> {
        let news = self.price_news().await?;
        self.raise(&news).await
    }

    async fn forget_old(&self, now: UnixMs) -> Result<(), EngineError> {
        let old = UnixMs(now.0.saturating_sub(KEPT_MS));
        self.inner.store.alerts().forget_before(old).await?;
        Ok(())
    }

    async fn raise(&self, alerts: &[NewAlert]) -> Result<(), EngineError> {
        let raised = self.inner.store.alerts().raise(alerts, self.inner.clock.now()).await?;
        for alert in &raised {
            tracing::info!(kind = alert.kind, level = alert.level, "an alert was raised");
        }
        Ok(())
    }

    async fn kept_alerts(&self) -> Result<Vec<AlertView>, EngineError> {
        let since = UnixMs(self.inner.clock.now().0.saturating_sub(KEPT_MS));
        let alerts = self.inner.store.alerts().list(MOST_LISTED).await?;
        Ok(alerts.iter().filter(|alert| alert.at >= since).filter_map(view_of).collect())
    }

    fn alert_of(&self, draft: Draft) -> NewAlert {
        let Draft { key, kind, level, at, subject, title, body, seen, simulated, only_if } = draft;
        NewAlert {
            id: self.inner.clock.new_id(),
            key: key_of(kind, &key),
            kind: word(&json!(kind)),
            level: word(&json!(level)),
            at,
            subject,
            saying: json!(Sayings { title, body }),
            seen,
            simulated,
            only_if,
        }
    }
}

impl AlertSettings {
    /// What cannot be kept: a factor that would call every day a spike, or none.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        // What is no number is in no range.
        if (LEAST_FACTOR..=MOST_FACTOR).contains(&self.spike_factor) {
            return Ok(());
        }
        Err(EngineError::BadSetting(format!(
            "{} times the usual cannot mark a spike; write a number from {LEAST_FACTOR} to {MOST_FACTOR}, for example 3",
            self.spike_factor
        )))
    }

    /// The factor as the ledger counts.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is in range, and what is no number becomes 0"
    )]
    fn factor(&self) -> SpikeFactor {
        let thousandths = self.spike_factor.clamp(LEAST_FACTOR, MOST_FACTOR) * 1_000.0;
        SpikeFactor::from_thousandths(thousandths.round() as u32).unwrap_or(SpikeFactor::LEAST)
    }
}

fn log(outcome: Result<(), EngineError>, what: &str) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "{what}");
    }
}

/// What is told, among alerts of all kinds.
fn key_of(kind: AlertKind, key: &str) -> String {
    format!("{}:{key}", word(&json!(kind)))
}

/// The word an enum is written as.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What is only good to know calls nobody away from something else, but for a price: whoever pays it wants to hear of a lower one too.
fn is_aloud(kind: AlertKind, level: AlertLevel) -> bool {
    level >= AlertLevel::Warning || kind == AlertKind::PriceChange
}

/// An alert as the window shows it; `None`, and a line in the log: a newer program has written it.
fn view_of(alert: &Alert) -> Option<AlertView> {
    let read = || {
        let Sayings { title, body } = Sayings::deserialize(&alert.saying)?;
        let kind = AlertKind::deserialize(&json!(alert.kind))?;
        let level = AlertLevel::deserialize(&json!(alert.level))?;
        Ok::<_, serde_json::Error>(AlertView {
            id: alert.id.to_string(),
            kind,
            level,
            aloud: is_aloud(kind, level),
            at: alert.at,
            title,
            body,
            subject: alert.subject.clone(),
            seen: alert.seen_at.is_some(),
            simulated: alert.simulated,
        })
    };
    read().map_err(|error| tracing::debug!(%error, kind = alert.kind, "an alert cannot be shown")).ok()
}
