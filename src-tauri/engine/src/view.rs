//! What crosses to the window: projections the UI can show as they are. The TypeScript types are generated from these
//! (`ui/src/backend/bindings`) when the tests run. Nothing here holds a key; money is exact decimal text.

mod alert;
mod analysis;
mod attachment;
mod budget;
mod conversation;
mod event;
mod fault;
mod invoice;
mod preview;
mod provider;
mod routing;
mod routing_file;
mod saying;
mod settings;
mod spend;
mod startup;
mod statistics;
mod telemetry;
mod trace;

pub use alert::{AlertKind, AlertLevel, AlertSettings, AlertView};
pub use analysis::{
    AdviceRefusal, AnalysisView, AppliedChange, CannotUndo, ChangedValue, FailedCall, LatencyTrend,
    ModelAnalysis, Priority, Recommendation, RecommendationKind, Said, SuccessRate, SuccessVerdict,
    TrendDirection,
};
pub use attachment::{AttachmentKind, AttachmentView};
pub use budget::{
    BudgetDraft, BudgetOverrideView, BudgetPeriod, BudgetScope, BudgetScopeKind, BudgetStop, BudgetView,
    CheaperLane, MoneyChoice, OnLimit, OverrideReason, TightBudget, TightLane, TightestBudget,
};
pub use conversation::{
    ConversationSnapshot, ConversationSummary, CostView, LaneView, RunView, Spend, TargetView, ToolCallView,
    TurnView,
};
pub use event::{RunEvent, TurnBatch};
pub use fault::{AppError, Charged, FaultView, NextStep};
pub use invoice::{InvoiceChange, InvoiceHead, InvoiceRow, InvoiceRowKey, InvoiceSummary, InvoiceView};
pub use preview::{CountSource, LanePreview, TurnPreview};
pub use provider::{
    DialectView, KeyCheckView, KeyPlace, KeyState, KeyView, LocalServer, ModelView, NewProvider, PriceOrigin,
    PriceView, ProviderView,
};
pub use routing::{
    ActionView, AdviceView, AliasView, AllowanceView, BreakerView, ChoiceView, CircuitBreakerView,
    ConditionsView, CostSoFarView, DryRunExample, DryRunRuleView, DryRunView, EchelonView, GroupFallbackView,
    GroupView, HostStanding, KeyStanding, MistakeView, ModelStanding, PoolFallbackView, PoolView, RoomView,
    RoutesView, RoutingState, RuleView, RungStanding, TimeOfDayView,
};
pub use routing_file::{RoutingFileOutcome, RoutingFileView};
pub use saying::Saying;
pub use settings::{
    CatalogueView, EffectiveValue, EmbeddingStats, OwnPrice, PriceChange, Profile, ProviderSettings,
};
pub use spend::{
    EntryPage, EntryRow, EntryView, FolderSpend, ReplayModel, ReplayOf, ReplayView, SpendBy, SpendChoices,
    SpendDay, SpendFigures, SpendFilter, SpendHour, SpendMeasure, SpendModel, SpendName, SpendRange,
    SpendRank, SpendSeries, SpendStep, SpendSums, SpendView, Takeaway,
};
pub use startup::{Currency, KeyringView, Language, Ready, Settings, Startup, TelemetrySettings, Theme};
pub use statistics::{
    ErrorCount, ResponseCacheView, Spread, StatisticsOf, StatisticsRow, StatisticsView, TrendPoint,
};
pub use telemetry::{MetricsPage, TelemetryExport, TelemetryFailure, TelemetryFrom, TelemetryView};
pub use trace::{
    AnswerSource, OfferView, Resume, RunRoute, ScoreView, SegmentView, TraceAttempt, TraceCandidate,
    TraceEndView, TraceView, WaitView, WeightsView,
};
