//! Streams of every wire as a whole: damaged ones, any split, and what a long one costs in memory.

#[cfg(test)]
mod allocations;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod fixtures;
