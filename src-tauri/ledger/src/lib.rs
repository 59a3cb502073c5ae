//! Pure money: what tokens cost, by which price, and how we know.
//!
//! It owns the price lists, the dated catalogue of models and the arithmetic. It does no IO, reads no clock (the time of a
//! request is passed in, some prices depend on it) and knows no SQL. Floats are denied: prices are whole pico-dollars per
//! token, amounts are `i128` until they enter the books, and an amount that does not fit is unknown rather than wrong.
//!
//! - [`compute_cost`] prices a provider's usage object, or takes the charge the provider stated;
//! - [`estimate_cost`] prices counts of our own, [`worst_cost`] says what is to be set aside for a call, and [`settle_cut`] what a cut
//!   stream is booked at;
//! - [`Catalogue`] finds the facts and the price of a model under the names providers give it;
//! - [`read_invoice`] reads what a provider says it charged, and [`compare_invoice`] lays the books beside it;
//! - [`budget`] knows which stretch of time a budget counts, what is left of it and what fits;
//! - [`Usual`] says what is usually spent on a day, and when a day is out of the ordinary;
//! - [`cost_report`] is all of it behind `roundtable-cli cost`.
#![deny(clippy::float_arithmetic)]

pub mod budget;
mod catalogue;
mod cost;
mod display;
mod estimate;
mod invoice;
mod price;
mod price_lists;
mod report;
mod usual;

pub use catalogue::{
    Capabilities, Catalogue, CatalogueError, Comparison, Doubt, FactsLayer, HeldBack, ListedAt, ModelFacts,
    OwnRates, PriceStep, STALE_AFTER_DAYS, StatedRates, age_days, day_of, is_same_model, price_steps,
};
pub use cost::{CostFlags, CostQuery, PriceSource, compute_cost, sum_costs};
pub use display::format_usd;
pub use estimate::{WorstCall, estimate_cost, hold_estimate, reserved_cost, settle_cut, worst_cost};
pub use invoice::{
    Agreement, BookedLine, Difference, Invoice, InvoiceError, InvoiceLine, Issuer, compare_invoice,
    read_invoice,
};
pub use price::{
    LongContextTier, OffPeak, PriceConditions, PriceError, PriceList, RateSet, TierRange, TokenPrice, Window,
};
pub use price_lists::{PublicPrices, PublicPricesError, Unreadable, read_public_prices};
pub use report::{CostQuestion, CostReport, CostReportError, cost_report};
pub use usual::{LEAST_DAYS_OF_USE, Spike, SpikeFactor, Usual};
