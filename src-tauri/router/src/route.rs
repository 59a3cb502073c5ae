//! What a lane, a rule or a command can name, and the files that say what is behind the name.
//!
//! - [`load`] reads `groups/*.yaml`, `pools/*.yaml`, `aliases.yaml` and `rules.yaml` into [`Routes`] and a
//!   [`RuleBook`](crate::choose::RuleBook) and lists every [`Mistake`] with its file, line and reason. A group or a pool with
//!   an error of its own is left out, and so is a single alias or rule; what only refers to something that is not there is used
//!   without it. A model nobody knows is a warning.
//! - [`Routes::resolve`] says what a name means: a pool before a group before an alias; [`Routes::expand`] turns it into the
//!   models to try, in order, each with the settings of the rung it stands on.
//! - [`edit()`] and [`rewrite`] change a file and keep every byte that is not meant to change, comments above all.
//! - [`migrate`] turns the old single file (`llm.yaml`) into a group and a pool.
//!
//! Nothing here opens a file: texts come in, texts go out. Times are milliseconds here and seconds in the files.

mod aliases;
mod check;
mod choice;
mod edit;
mod expand;
mod fields;
mod group;
mod legacy;
mod load;
mod mention;
mod mistake;
mod name;
mod pool;
mod resolve;
mod rules;
mod yaml;

#[cfg(test)]
mod documented;

pub use aliases::Aliases;
pub use edit::{Edit, EditError, Step, edit, rewrite, rewrite_items};
pub use expand::{Expansion, GroupRules, PassedOver, Reached, RouteCandidate, Rung};
pub use group::{CircuitBreaker, Echelon, EchelonSettings, FallbackConfig, FallbackStrategy, TaskGroup};
pub use legacy::{Migration, NewFile, migrate};
pub use load::{Loaded, Routes, SourceFile, load};
pub use mistake::{Mistake, MistakeCode, Severity, nearest};
pub use name::{GroupRef, NameError, check_name};
pub use pool::{PollingPool, PoolFallback, PoolFallbackStrategy, RotationStrategy};
pub use resolve::{ResolveError, Resolved};
pub use yaml::Value;
