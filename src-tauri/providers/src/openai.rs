//! What the wires of `OpenAI`'s family share: Chat Completions, Responses and text completions write the same fields in
//! different places.

mod address;
mod choices;
mod form;
mod parameters;
#[cfg(test)]
mod round_trip;

pub(crate) use address::address;
pub(crate) use choices::put_tools;
pub(crate) use form::{Form, form};
pub(crate) use parameters::{put_chat_reasoning, put_responses_reasoning, put_sampling};
