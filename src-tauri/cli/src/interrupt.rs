//! Being asked to stop: Ctrl-C, or the signal a supervisor sends.

/// Who asks the program to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A person, with Ctrl-C.
    Person,
    /// A supervisor, which does not wait long.
    Supervisor,
}

/// Waits until somebody asks the program to stop. From the first call on the program no longer dies of it by itself.
pub(crate) async fn asked_to_stop() {
    stop_asked().await;
}

/// As [`asked_to_stop`], for who wants to know by whom.
pub(crate) async fn stop_asked() -> Stop {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Stop::Person,
        () = terminated() => Stop::Supervisor,
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        // Without the handler the signal ends the program at once; the next start recovers what it left.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
