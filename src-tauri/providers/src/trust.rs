//! Whom we believe when a server says who it is: the system's authorities, and a provider's own beside them.
//!
//! The system's certificates are read at the first handshake of the process, once for all clients: reading them takes some
//! milliseconds, and a start that speaks to nobody, or to this machine alone, does not need them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::network::{NetworkError, parse_authority};

/// What all clients share.
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    /// `None` inside: this machine has no certificates.
    system: OnceLock<Option<Verifier>>,
}

impl Default for Trust {
    fn default() -> Self {
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        Self { provider, system: OnceLock::new() }
    }
}

impl Trust {
    /// The TLS settings of a client, with the authorities of one provider if it has its own.
    pub fn config(self: &Arc<Self>, authority: Option<&str>) -> Result<ClientConfig, TrustError> {
        let own = authority.map(|pem| self.own(pem)).transpose()?;
        let verifier = Arc::new(Either { trust: Arc::clone(self), own });
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn own(&self, pem: &str) -> Result<Arc<WebPkiServerVerifier>, TrustError> {
        let roots = Arc::new(parse_authority(pem)?);
        let built = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider)).build();
        built.map_err(|error| Error::General(error.to_string()).into())
    }

    fn system(&self) -> Option<&Verifier> {
        // Without any certificates this machine can still talk to its own servers; the others stay unknown to it.
        self.system.get_or_init(|| Verifier::new(Arc::clone(&self.provider)).ok()).as_ref()
    }
}

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// The provider's own authority cannot be used.
    #[error(transparent)]
    Authority(#[from] NetworkError),
    /// The library refuses.
    #[error(transparent)]
    Tls(#[from] Error),
}

/// Believes a server that either the provider's own authority or the system vouches for. Both check name and dates.
struct Either {
    trust: Arc<Trust>,
    own: Option<Arc<WebPkiServerVerifier>>,
}

impl fmt::Debug for Either {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Either").field("own", &self.own.is_some()).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Either {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let by_own = self
            .own
            .as_ref()
            .map(|own| own.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now));
        let refusal = match by_own {
            Some(Ok(verified)) => return Ok(verified),
            Some(Err(refusal)) => refusal,
            None => unknown.clone(),
        };
        let Some(system) = self.trust.system() else { return Err(refusal) };
        system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).map_err(
            |error| {
                // The own authority knows this server, but for its name or its dates: that is the reason to tell.
                if refusal == unknown { error } else { refusal }
            },
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.trust.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.trust.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}
