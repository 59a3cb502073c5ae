//! Journeys through the real window, driven by `WebDriver`. They want the built program, a display, a session bus with an
//! unlocked keyring, and `WebKitWebDriver`: `scripts/test` brings all of it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod journeys;
mod routes;
mod spend;
mod window;
