//! Journeys through the real window, driven by WebDriver. They want the built program, a display, a session bus with an
//! unlocked keyring, and WebKitWebDriver: `scripts/test` brings all of it.

mod journeys;
mod window;
