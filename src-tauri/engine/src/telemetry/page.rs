//! The page for Prometheus while it is asked for.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use roundtable_telemetry::{Metrics, Page, PageError, serve};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::facts::of_budget;
use crate::engine::{Engine, Inner};

/// How long is waited for a port to be free again.
const LONGEST_END: Duration = Duration::from_secs(1);

/// A page that is served.
pub(super) struct PageInForce {
    pub(super) port: u16,
    pub(super) address: SocketAddr,
    cancel: CancellationToken,
    serving: JoinHandle<()>,
}

impl PageInForce {
    /// Ends it; the port is free when this returns.
    pub(super) async fn end(self) {
        self.cancel.cancel();
        if tokio::time::timeout(LONGEST_END, self.serving).await.is_err() {
            tracing::warn!(address = %self.address, "the page of metrics is still being read");
        }
    }
}

impl Engine {
    /// Serves the page until it is ended or the engine closes.
    pub(super) async fn serve_page(&self, port: u16) -> Result<PageInForce, PageError> {
        let inner = &self.inner;
        let cancel = inner.closing.child_token();
        let page = page(Arc::downgrade(inner), Arc::clone(&inner.telemetry.metrics));
        let (address, serving) = serve(port, page, cancel.clone()).await?;
        Ok(PageInForce { port, address, cancel, serving: inner.tasks.spawn(serving) })
    }
}

/// The page as it is made when it is asked for: what was counted, and the budgets as they stand.
fn page(inner: Weak<Inner>, metrics: Arc<Metrics>) -> Page {
    Arc::new(move || {
        let (inner, metrics) = (inner.clone(), Arc::clone(&metrics));
        Box::pin(async move {
            if let Some(inner) = inner.upgrade() {
                match (Engine { inner }).list_budgets().await {
                    Ok(budgets) => {
                        metrics.show_budgets(&budgets.iter().filter_map(of_budget).collect::<Vec<_>>());
                    }
                    Err(error) => tracing::warn!(%error, "budgets are missing among the metrics"),
                }
            }
            metrics.text()
        })
    })
}
