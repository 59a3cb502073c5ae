//! What crosses to the window: projections the UI can show as they are. The TypeScript types are generated from these
//! (`ui/src/backend/bindings`) when the tests run. Nothing here holds a key; money is exact decimal text.

mod attachment;
mod conversation;
mod event;
mod fault;
mod preview;
mod provider;
mod settings;
mod startup;

pub use attachment::{AttachmentKind, AttachmentView};
pub use conversation::{
    ConversationSnapshot, ConversationSummary, CostView, LaneView, RunView, Spend, TargetView, ToolCallView,
    TurnView,
};
pub use event::{RunEvent, TurnBatch};
pub use fault::{AppError, Charged, FaultView, NextStep};
pub use preview::{CountSource, LanePreview, TurnPreview};
pub use provider::{
    DialectView, KeyCheckView, KeyPlace, KeyState, KeyView, LocalServer, ModelView, NewProvider, PriceOrigin,
    PriceView, ProviderView,
};
pub use settings::{
    CatalogueView, EffectiveValue, EmbeddingStats, OwnPrice, PriceChange, Profile, ProviderSettings,
};
pub use startup::{KeyringView, Language, Ready, Settings, Startup, Theme};
