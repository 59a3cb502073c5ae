//! The HTTP side against a server of a few lines on loopback: what goes out, what every kind of failure says, the timers,
//! proxies and certificates.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod network;
#[cfg(test)]
mod server;
#[cfg(test)]
mod vectors;
