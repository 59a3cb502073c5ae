//! The engine with a real database against the emulator.
