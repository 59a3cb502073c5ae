//! Budgets, as far as they are arithmetic: which stretch of time counts, what is left, what fits, and where the pace leads.
//!
//! - [`next_window`] and [`opening_windows`] know calendars and time zones; the clock and the zone are passed in.
//! - [`compute_left`], [`compute_basis_points`], [`highest_step`] and [`compute_forecast`] read a balance.
//! - [`lanes_that_fit`] and [`cap_that_fits`] find a way out where a prompt does not fit.
//! - [`check_name`], [`check_limit`], [`check_period`] and [`check_steps`] say what is wrong with a budget somebody has written.

mod balance;
mod draft;
mod fit;
mod windows;

pub use balance::{compute_basis_points, compute_forecast, compute_left, highest_step, reached_steps};
pub use draft::{
    BudgetDraftError, check_limit, check_name, check_period, check_steps, default_name, steps_of,
};
pub use fit::{BudgetRoom, LaneNeed, all_fit, cap_that_fits, lanes_that_fit};
pub use roundtable_domain::budget::{OnLimit, Period, Scope, ScopeError, SpendFacts, Window};
pub use windows::{next_window, opening_windows, window_anew};
