//! The few requests made to an identity provider: one connection each, no redirects, a limit on
//! time and size.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response, body::Bytes};
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::OidcError;

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much it may say, in bytes.
const ANSWER_MOST: usize = 1 << 20;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address names no host.
    #[error("the address names no host")]
    Address,
    /// It took too long.
    #[error("no answer in time")]
    Slow,
    /// The connection failed.
    #[error("the connection failed")]
    Io(#[from] std::io::Error),
    /// The conversation failed.
    #[error("the conversation failed")]
    Http(#[from] hyper::Error),
    /// The answer is too long or broke off.
    #[error("the answer is too long or broke off")]
    Answer,
}

/// Makes the requests.
#[derive(Clone)]
pub(super) struct Http {
    tls: TlsConnector,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Trusts the public authorities and those in the PEM file `authorities`.
    pub fn new(authorities: Option<&[u8]>) -> Result<Self, OidcError> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(pem) = authorities {
            let unreadable = OidcError::Configuration("the certificate authorities cannot be read");
            let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem)
                .collect::<Result<_, _>>()
                .map_err(|_| unreadable.clone())?;
            let (added, _) = roots.add_parsable_certificates(certificates);
            if added == 0 {
                return Err(unreadable);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| OidcError::Configuration("no protocol version"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    async fn converse(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let uri = request.uri().clone();
        let host = uri.host().ok_or(HttpError::Address)?.to_owned();
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        // An IPv6 address stands in brackets in an address, but not by itself.
        let bare = host.trim_matches(['[', ']']).to_owned();
        let stream = TcpStream::connect((bare.as_str(), port)).await?;
        if secure {
            let name = ServerName::try_from(bare).map_err(|_| HttpError::Address)?;
            exchange(self.tls.connect(name, stream).await?, request).await
        } else {
            exchange(stream, request).await
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    /// Makes one request.
    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answered = tokio::time::timeout(PATIENCE, self.converse(request)).await;
            answered.map_err(|_| HttpError::Slow)?
        })
    }
}

async fn exchange<S>(stream: S, request: HttpRequest) -> Result<HttpResponse, HttpError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let response = sender.send_request(to_origin(request)?).await?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_MOST)
        .collect()
        .await
        .map_err(|_| HttpError::Answer)?;
    Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
}

/// The request as it goes to the origin itself: path only, with a Host header.
fn to_origin(request: HttpRequest) -> Result<Request<Full<Bytes>>, HttpError> {
    let (mut parts, body) = request.into_parts();
    let authority = parts
        .uri
        .authority()
        .ok_or(HttpError::Address)?
        .as_str()
        .to_owned();
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    parts.uri = path.parse().map_err(|_| HttpError::Address)?;
    parts.headers.insert(
        hyper::header::HOST,
        authority.parse().map_err(|_| HttpError::Address)?,
    );
    Ok(Request::from_parts(parts, Full::new(Bytes::from(body))))
}
