//! TLS: configurations, made when they are first needed and shared from then on, the handshake, and what to say when it
//! fails.

use super::pinned::{is_about_authority, PinnedOrIssued};
use super::url::Url;
use crate::errors::{About, Code, Failure};
use crate::stream::Stream;
use rustls::client::WebPkiServerVerifier;
use rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Configurations kept; the oldest goes when a further one is made.
const KEPT: usize = 8;

/// PEM texts, as the request has them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Material {
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
}

/// A configuration, with a number that tells whether two connections were made with the same one.
#[derive(Clone)]
pub struct Config {
    pub id: u32,
    pub client: Arc<ClientConfig>,
}

#[derive(Default)]
pub struct Configs {
    last: Cell<u32>,
    made: RefCell<Vec<(Material, Config)>>,
}

impl Configs {
    pub fn get(&self, material: &Material) -> Result<Config, Failure> {
        if let Some((_, config)) = self.made.borrow().iter().find(|(known, _)| known == material) {
            return Ok(config.clone());
        }
        let client = Arc::new(make(material)?);
        self.last.set(self.last.get().wrapping_add(1));
        let config = Config { id: self.last.get(), client };
        let mut made = self.made.borrow_mut();
        if made.len() == KEPT {
            made.remove(0);
        }
        made.push((material.clone(), config.clone()));
        Ok(config)
    }
}

fn make(material: &Material) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::new(Code::Tls, error.to_string()))?;
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let builder = match &material.ca {
        None => builder.with_root_certificates(roots),
        Some(ca) => {
            let invalid = |problem: &str| Failure::invalid(format!("tls.ca {problem}")).about(About::Ca);
            let (pinned, unusable) = add_roots(&mut roots, ca);
            if pinned.is_empty() {
                return Err(invalid(if unusable == 0 {
                    NO_CERTIFICATE
                } else {
                    "has no certificate that can be used"
                }));
            }
            let issued = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
            let issued = issued.map_err(|error| invalid(&format!("can't be used: {error}")))?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(PinnedOrIssued { issued, pinned }))
        }
    };
    let mut config = match (&material.cert, &material.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let chain = chain(cert)?;
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| {
                Failure::invalid("tls.key has no private key in PEM (PKCS#8, PKCS#1 or SEC1, not encrypted)")
                    .about(About::Key)
            })?;
            let unusable =
                |error| Failure::invalid(format!("tls.cert and tls.key can't be used: {error}")).about(About::Cert);
            builder.with_client_auth_cert(chain, key).map_err(unusable)?
        }
        (Some(_), None) => return Err(Failure::invalid("tls.cert needs tls.key").about(About::Cert)),
        (None, Some(_)) => return Err(Failure::invalid("tls.key needs tls.cert").about(About::Key)),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// How many certificates of a PEM text can be trusted.
pub struct Counted {
    pub usable: usize,
    pub unusable: usize,
}

pub fn count_certificates(pem: &str) -> Counted {
    let (usable, unusable) = add_roots(&mut RootCertStore::empty(), pem);
    Counted { usable: usable.len(), unusable }
}

/// Adds the certificates of a PEM text to `roots`, all that can be used; gives them, and how many others there are.
fn add_roots(roots: &mut RootCertStore, pem: &str) -> (Vec<CertificateDer<'static>>, usize) {
    let mut added = Vec::new();
    let mut unusable = 0;
    for certificate in certificates(pem) {
        match certificate.filter(|certificate| roots.add(certificate.clone()).is_ok()) {
            Some(certificate) => added.push(certificate),
            None => unusable += 1,
        }
    }
    (added, unusable)
}

const NO_CERTIFICATE: &str = "has no certificate in PEM";

/// A client's certificate and those that lead from it to a root, which have to be whole.
fn chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let invalid = |problem: &str| Failure::invalid(format!("tls.cert {problem}")).about(About::Cert);
    let chain: Option<Vec<_>> = certificates(pem).collect();
    match chain {
        Some(chain) if !chain.is_empty() => Ok(chain),
        Some(_) => Err(invalid(NO_CERTIFICATE)),
        None => Err(invalid("is not well-formed PEM")),
    }
}

/// The certificates of a PEM text, `None` for each that is not well-formed. Each is read by itself: to the parser, one
/// whose end is missing would go on into the next.
fn certificates(pem: &str) -> impl Iterator<Item = Option<CertificateDer<'static>>> + '_ {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let starts = pem.match_indices(BEGIN).map(|(at, _)| at);
    let ends = pem.match_indices(BEGIN).map(|(at, _)| at).skip(1).chain([pem.len()]);
    starts.zip(ends).map(|(start, end)| CertificateDer::from_pem_slice(&pem.as_bytes()[start..end]).ok())
}

pub async fn handshake(url: &Url, config: Arc<ClientConfig>, stream: TcpStream) -> Result<Stream, Failure> {
    let name = ServerName::try_from(url.host.clone())
        .map_err(|_| Failure::invalid(format!("{} is not a host name", url.host)))?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Stream::secure(stream)),
        Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(inner) => failure(url, inner),
            None => Failure::new(
                Code::Reset,
                format!("{} broke the connection in the TLS handshake: {error}", url.host_and_port()),
            ),
        }),
    }
}

/// The failure for an error of the TLS layer, at the handshake or later.
pub fn failure(url: &Url, error: &Error) -> Failure {
    Failure::new(Code::Tls, format!("TLS with {} failed: {}", url.host_and_port(), explain(error)))
        .about(subject(error))
}

/// Whether an error is about the issuer of the server's certificate or about the client's certificate.
fn subject(error: &Error) -> Option<About> {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => Some(About::Issuer),
        Error::InvalidCertificate(problem) if is_about_authority(problem) => Some(About::Issuer),
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::HandshakeFailure,
        ) => Some(About::Cert),
        _ => None,
    }
}

fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet".to_owned()
            }
            CertificateError::UnknownIssuer => {
                "its certificate is signed by an unknown issuer (self-signed, or by a private CA)".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is not valid for this host name".to_owned()
            }
            CertificateError::Revoked => "its certificate has been revoked".to_owned(),
            other if is_about_authority(other) => {
                "its certificate is self-signed and not among those that are trusted".to_owned()
            }
            other => format!("its certificate can't be trusted: {other}"),
        },
        Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => "it requires a client certificate".to_owned(),
            AlertDescription::UnknownCA => "it does not know the issuer of the client certificate".to_owned(),
            AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate => "it does not accept the client certificate".to_owned(),
            AlertDescription::CertificateExpired => "the client certificate has expired".to_owned(),
            AlertDescription::HandshakeFailure => {
                "it refused the handshake (no common cipher, or a client certificate is needed)".to_owned()
            }
            AlertDescription::ProtocolVersion => "it speaks neither TLS 1.2 nor 1.3".to_owned(),
            AlertDescription::UnrecognisedName => "it does not serve this host name".to_owned(),
            other => format!("it answered with the alert {other:?}"),
        },
        Error::InvalidMessage(_) => "it does not speak TLS".to_owned(),
        other => other.to_string(),
    }
}
