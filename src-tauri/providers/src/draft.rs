//! A request body being written, and what does not get into it: one walk for both, so that they cannot disagree.

use std::collections::BTreeSet;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use roundtable_domain::{Endpoint, ErrorCategory, ProviderError};
use serde_json::{Map, Value};
use url::Url;

use crate::wire::{Omission, WireRequest};

/// A JSON body and what was left out of it.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    body: Map<String, Value>,
    omitted: BTreeSet<Omission>,
}

impl Draft {
    /// Sets a field.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.body.insert(name.to_owned(), value.into());
    }

    /// Notes that something is left out.
    pub fn omit(&mut self, omission: Omission) {
        self.omitted.insert(omission);
    }

    /// Notes that a parameter is left out, or is not sent as it stands.
    pub fn omit_parameter(&mut self, name: &str) {
        self.omit(Omission::Parameter(name.to_owned()));
    }

    /// What was left out, each kind once.
    pub fn into_omissions(self) -> Vec<Omission> {
        self.omitted.into_iter().collect()
    }

    /// The request to this address.
    pub fn into_request(self, endpoint: &Endpoint, url: Url) -> Result<WireRequest, ProviderError> {
        let body = serde_json::to_vec(&self.body).map_err(|error| {
            invalid_request(endpoint, format!("The request could not be written as JSON: {error}."))
        })?;
        Ok(WireRequest { url, headers: HeaderMap::new(), body: Bytes::from(body) })
    }
}

/// The error of a request that cannot be written. Nothing was sent.
pub(crate) fn invalid_request(endpoint: &Endpoint, message: impl Into<String>) -> ProviderError {
    ProviderError::local(ErrorCategory::InvalidRequest, endpoint.provider.as_str(), message)
}

/// The error of a request without anything to say.
pub(crate) fn nothing_to_send(endpoint: &Endpoint) -> ProviderError {
    invalid_request(endpoint, "There is no message to send; nothing was sent.")
}
