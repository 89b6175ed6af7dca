//! Serving: the router, the worker, and an orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use consultation::ops::Desk;
use directory::oidc::Oidc;
use people::DirectorySessions;
use store::jobs::{Handlers, Worker};
use tokio::{net::TcpListener, sync::watch};
use tracing_subscriber::EnvFilter;
use web::{App, Module, RateLimits, Site};

use crate::{
    config::Config,
    house::{self, House, form_secret},
    modules::{self, Parts},
};

/// How long a job may take, in seconds.
pub const LEASE_SECONDS: u32 = 300;

/// Serves what the configuration says, until told to stop.
///
/// # Errors
/// A database that cannot be reached, an address that is taken.
pub async fn from_config(config: &Config) -> Result<()> {
    trace(&config.server.trace, config.server.trace_json)?;
    let house = House::open(config).await?;
    let congress = house.congress(&config.site.congress).await?;
    let site = Site {
        name_zh: congress.name.clone(),
        name_en: config.site.name_en.clone(),
        base_url: config.site.base_url.clone(),
        contact: config.site.contact.clone(),
        congress: congress.id,
        secure: config.site.base_url.starts_with("https://"),
        secret: form_secret(&house.keys),
        proxies: config.server.proxies.clone(),
    };
    let desk = house.desk(&congress).await?;
    let oidc = house::identity_provider(config)?.map(Arc::new);
    let serving = Serving {
        house,
        site,
        desk,
        oidc,
        audit_days: config.audit.keep_days,
        stop: Duration::from_secs(config.limits.stop_seconds),
        rate_times: config.limits.rate_times,
    };
    serving
        .run(config.server.listen, |at| println!("http://{at}"))
        .await
}

/// Says to standard error what the program does.
///
/// # Errors
/// A filter that cannot be read.
pub fn trace(filter: &str, json: bool) -> Result<()> {
    let filter = EnvFilter::builder().parse(filter).context("server.trace")?;
    let told = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second call, in tests, changes nothing.
    let _ = if json {
        told.json().try_init()
    } else {
        told.try_init()
    };
    Ok(())
}

/// Everything that is served.
pub struct Serving {
    /// The house.
    pub house: House,
    /// The congress's site.
    pub site: Site,
    /// The desk of its consultations.
    pub desk: Desk,
    /// The city's identity provider.
    pub oidc: Option<Arc<Oidc>>,
    /// Days for which the audit trail is kept.
    pub audit_days: u32,
    /// How long running requests may take to end.
    pub stop: Duration,
    /// How many times as wide as usual the rate limits are.
    pub rate_times: u32,
}

impl Serving {
    /// The router of the whole site.
    ///
    /// # Errors
    /// Texts that cannot be used.
    pub fn router(&self, modules: Vec<Module>) -> Result<axum::Router> {
        let house = &self.house;
        let sessions = Arc::new(DirectorySessions {
            gate: house.gate(),
            site: self.site.congress,
        });
        let (clock, entropy) = (Arc::clone(&house.clock), Arc::clone(&house.entropy));
        let mut app = App::new(
            house.db.clone(),
            sessions,
            clock,
            entropy,
            self.site.clone(),
        );
        app.limits = Arc::new(RateLimits::times(self.rate_times));
        Ok(web::serve::router(app, modules)?)
    }

    /// What the program is put together from.
    #[must_use]
    pub fn modules(&self) -> Vec<Module> {
        modules::all(&Parts {
            desk: self.desk.clone(),
            gate: self.house.gate(),
            oidc: self.oidc.clone(),
            audit_days: self.audit_days,
            log: Arc::clone(&self.house.keys.log),
            place: self.house.place.clone(),
            rules: self.house.rules.clone(),
        })
    }

    /// Serves on `listen` until the program is told to stop; `announce` is told the address.
    ///
    /// # Errors
    /// An address that is taken.
    pub async fn run(self, listen: SocketAddr, announce: impl FnOnce(SocketAddr)) -> Result<()> {
        let modules = self.modules();
        let worker = self.worker(&modules);
        let router = self.router(modules)?;
        let taken = || format!("无法监听 {listen} · cannot listen on {listen}");
        let listener = TcpListener::bind(listen).await.with_context(taken)?;
        announce(listener.local_addr()?);
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn({
            let stopped = stopped.clone();
            async move { worker.run(until(stopped)).await }
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(until(stopped));
        let serving = tokio::spawn(serving.into_future());
        told_to_stop().await;
        tracing::info!("stopping");
        stop.send_replace(true);
        // A browser that keeps its connection open must not keep us from going.
        let _ = tokio::time::timeout(self.stop, serving).await;
        let _ = tokio::time::timeout(self.stop, working).await;
        self.house.db.close().await;
        Ok(())
    }

    /// Who does the work that nobody waits for.
    fn worker(&self, modules: &[Module]) -> Worker {
        let jobs = modules.iter().map(|module| module.jobs.clone());
        Worker {
            db: self.house.db.clone(),
            handlers: jobs.fold(Handlers::default(), Handlers::and),
            rounds: modules
                .iter()
                .flat_map(|module| module.rounds.clone())
                .collect(),
            clock: Arc::clone(&self.house.clock),
            entropy: Arc::clone(&self.house.entropy),
            lease_seconds: LEASE_SECONDS,
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone: then it is over too.
    let _ = stopped.wait_for(|over| *over).await;
}

/// Ctrl-C, or SIGTERM from whoever supervises us.
async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
