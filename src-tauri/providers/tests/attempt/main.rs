//! The HTTP side against a server of a few lines on loopback: what goes out, what every kind of failure says, the timers.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod server;
