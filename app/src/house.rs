//! What all commands stand on: the open database, the keys, and the desks of the domains.

use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use consultation::ops::Desk;
use directory::{
    Gate, GateRules,
    congresses::Congress,
    lockout::Network,
    oidc::{Oidc, Provider, SecondFactorWords},
    passwords::Hasher,
};
use kernel::{Clock, Entropy, OsEntropy, SystemClock};
use store::{Db, Options, files};
use web::Secret;

use crate::{
    config::Config,
    keys::{self, Keys, Place},
    modules,
    rules::Rules,
};

/// A house with its lights on: everything that outlives a request.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The keys.
    pub keys: Keys,
    /// Where they are.
    pub place: Place,
    /// Passwords.
    pub hasher: Hasher,
    /// What the law asks.
    pub rules: Rules,
    /// The settings of the way in.
    pub way_in: GateRules,
}

impl House {
    /// Opens the database of `config`, made where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// Rules that are wrong, a database that cannot be reached, keys that are not those it was used
    /// with.
    pub async fn open(config: &Config) -> Result<Self> {
        // First, because nothing should be touched by a program whose rules are wrong.
        let rules = Rules::load(config)?;
        let folder = &config.data.folder;
        files::private_folder(folder).with_context(|| folder.display().to_string())?;
        let db = make_db(config).await?;
        modules::migrate(&db, &SystemClock).await?;
        keys::check_place(folder)?;
        let place = config.key_place();
        let keys = keys::open(&db, &place, &SystemClock, &OsEntropy).await?;
        let limits = &config.limits;
        Ok(Self {
            db,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            keys,
            place,
            hasher: Hasher::new(limits.passwords_at_once, limits.passwords_waiting),
            rules,
            way_in: way_in(config),
        })
    }

    /// The way in.
    #[must_use]
    pub fn gate(&self) -> Gate {
        Gate {
            db: self.db.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            hasher: self.hasher.clone(),
            seal: self.keys.seal.clone(),
            rules: self.way_in,
            network: Network::local(),
        }
    }

    /// The desk at which the consultations of `congress` are worked on.
    ///
    /// # Errors
    /// A database that cannot be reached.
    pub async fn desk(&self, congress: &Congress) -> Result<Desk> {
        let place = directory::divisions::place(&self.db, congress.division_id).await?;
        Ok(Desk {
            db: self.db.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            zone: kernel::time::china(),
            library: Arc::default(),
            intake: Arc::default(),
            rulebook: Arc::clone(&self.rules.book),
            level: congress.level,
            place: place.into(),
            secret: Arc::new(self.keys.site),
            log: Arc::clone(&self.keys.log),
        })
    }

    /// The congress of the division with this code, or the only one there is.
    ///
    /// # Errors
    /// None, or several and none named.
    pub async fn congress(&self, code: &str) -> Result<Congress> {
        if code.is_empty() {
            let mut page = directory::congresses::list(&self.db, None, 2).await?;
            return match (page.items.pop(), page.items.pop()) {
                (Some(only), None) => Ok(only),
                (None, _) => bail!(
                    "还没有设立人大，请先运行 quancheng congress create · no congress is set up yet: run quancheng congress create"
                ),
                (Some(_), Some(_)) => bail!(
                    "有多个人大，请填写 site.congress · there are several congresses: set site.congress"
                ),
            };
        }
        let division = directory::divisions::by_code(&self.db, code).await?;
        let found = match division {
            Some(division) => directory::congresses::of_division(&self.db, division.id).await?,
            None => None,
        };
        found
            .with_context(|| format!("代码 {code} 没有人大 · there is no congress for code {code}"))
    }
}

/// Opens the database of `config`, which must be there.
///
/// # Errors
/// A database that cannot be reached.
pub async fn open_db(config: &Config) -> Result<Db> {
    connect(config, false).await
}

/// Opens the database of `config`; a SQLite file that is not there is made.
///
/// # Errors
/// A database that cannot be reached.
pub async fn make_db(config: &Config) -> Result<Db> {
    connect(config, true).await
}

async fn connect(config: &Config, create: bool) -> Result<Db> {
    let options = Options {
        create,
        readers: config.limits.readers,
        patience: Duration::from_secs(config.limits.patience_seconds),
        ..Options::new(config.database_url())
    };
    // Commits are sealed into the log, whoever makes them.
    let opened = Db::open_with(&options, Arc::new(procedure::MerkleLedger)).await;
    opened.context("数据库打不开 · the database cannot be opened")
}

fn way_in(config: &Config) -> GateRules {
    let days = i64::from(config.sign_in.password_days);
    GateRules {
        password_seconds: (days > 0).then_some(days * 86_400),
        ..GateRules::default()
    }
}

/// The identity provider that the configuration names, if it names one.
///
/// # Errors
/// Files that cannot be read, addresses that are none.
pub fn identity_provider(config: &Config) -> Result<Option<Oidc>> {
    let (oidc, base) = (&config.oidc, &config.site.base_url);
    let Some(secret_file) = &oidc.client_secret_file else {
        return Ok(None);
    };
    let read = |path: &Path| {
        fs::read(path).with_context(|| format!("无法读取 {0} · cannot read {0}", path.display()))
    };
    let secret = String::from_utf8(read(secret_file)?)
        .with_context(|| format!("{} is no text", secret_file.display()))?;
    let provider = Provider {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: secret.trim().to_owned(),
        redirect: format!("{base}/sign-in/oidc/back"),
        authorities: oidc.authority_file.as_deref().map(read).transpose()?,
        second_factor: SecondFactorWords {
            amr: oidc.second_factor_amr.clone(),
            acr: oidc.second_factor_acr.clone(),
        },
    };
    Ok(Some(Oidc::new(provider).context("oidc")?))
}

/// The key of form tokens, as the pages want it.
#[must_use]
pub fn form_secret(keys: &Keys) -> Secret {
    Secret(keys.site)
}
