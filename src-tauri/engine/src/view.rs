//! What crosses to the window: projections the UI can show as they are. The TypeScript types are generated from these
//! (`ui/src/backend/bindings`) when the tests run. Nothing here holds a key; money is exact decimal text.

mod conversation;
mod event;
mod fault;
mod provider;
mod startup;

pub use conversation::{
    ConversationSnapshot, ConversationSummary, CostView, LaneView, RunView, Spend, TargetView, TurnView,
};
pub use event::{RunEvent, TurnBatch};
pub use fault::{AppError, Charged, FaultView, NextStep};
pub use provider::{
    DialectView, KeyCheckView, KeyPlace, KeyState, KeyView, LocalServer, ModelView, NewProvider, PriceView,
    ProviderView,
};
pub use startup::{KeyringView, Language, Ready, Settings, Startup, Theme};
