//! Journeys through the real window, driven by WebDriver.
