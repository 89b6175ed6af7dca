//! The configuration: a TOML file, with environment variables over it.
//!
//! One struct a section; an unknown key is an error, because a setting that is misspelt and silently
//! passed over is worse. Secrets stand in files of the data folder, never in here.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use crate::keys::Place;

/// Everything an operator can set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The congress and its address.
    pub site: Site,
    /// Where the program listens.
    pub server: Server,
    /// Where files are kept.
    pub data: Data,
    /// Where everything else is kept.
    pub database: Database,
    /// The transparency log.
    pub log: Log,
    /// The operator's own rules.
    pub rules: Files,
    /// The operator's own years of the working calendar.
    pub calendar: Files,
    /// Limits on what the machine is asked for.
    pub limits: Limits,
    /// Signing in.
    pub sign_in: SignIn,
    /// Signing in by the city's own identity provider.
    pub oidc: Oidc,
    /// The audit trail.
    pub audit: Audit,
}

/// `[site]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// The division code (GB/T 2260) of the congress served here; empty when there is only one.
    pub congress: String,
    /// The name in English.
    pub name_en: String,
    /// Where residents reach the site, without a slash at the end.
    pub base_url: String,
    /// How people reach the congress's office; told to whoever gives an opinion.
    pub contact: String,
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port.
    pub listen: SocketAddr,
    /// Addresses of our own proxies, whose X-Forwarded-For is believed.
    pub proxies: Vec<IpAddr>,
    /// What is written to standard error: error, warn, info, debug, or a filter such as `info,sqlx=warn`.
    pub trace: String,
    /// Whether it is written as JSON, one object a line.
    pub trace_json: bool,
}

/// `[data]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// The folder of the secrets and, without a database of its own, of the SQLite file.
    pub folder: PathBuf,
}

/// `[database]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`; empty for a SQLite file in the data folder.
    pub url: String,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The log's name, which stands in every signature and must never change; empty for the site's
    /// address without `https://`, followed by `/log`.
    pub origin: String,
    /// The file with the signing key's seed; empty for `log.key` in the data folder.
    pub key_file: Option<PathBuf>,
}

/// `[rules]` and `[calendar]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// The files, read once at the start; a later one wins over an earlier one where that is allowed.
    pub files: Vec<PathBuf>,
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Reading connections to the database at most.
    pub readers: u32,
    /// Seconds that a request waits for a database that is restarting.
    pub patience_seconds: u64,
    /// Passwords checked at the same time.
    pub passwords_at_once: usize,
    /// Sign-ins that may wait for that; more are refused.
    pub passwords_waiting: usize,
    /// Seconds given to running requests when the program is told to stop.
    pub stop_seconds: u64,
    /// How many times as wide as usual the rate limits of one address are: for load tests.
    pub rate_times: u32,
}

/// `[oidc]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Oidc {
    /// The provider's issuer address; empty for none.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The file with the client's secret.
    pub client_secret_file: Option<PathBuf>,
    /// A file with certificate authorities (PEM) to trust besides the public ones.
    pub authority_file: Option<PathBuf>,
    /// The provider's words (`amr`) that mean a second factor was passed there; without one, ours is
    /// asked for.
    pub second_factor_amr: Vec<String>,
    /// The provider's levels (`acr`) that mean the same.
    pub second_factor_acr: Vec<String>,
}

/// `[sign_in]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// Days after which a password has to be changed; 0 for never.
    pub password_days: u32,
}

/// `[audit]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// Days for which the trail is kept; at least 184 (网络安全法 23: six months).
    pub keep_days: u32,
}

impl Default for Audit {
    fn default() -> Self {
        Self { keep_days: 1_096 }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self {
            congress: String::new(),
            name_en: "People's Congress".to_owned(),
            base_url: "http://127.0.0.1:8080".to_owned(),
            contact: String::new(),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            proxies: Vec::new(),
            trace: "info".to_owned(),
            trace_json: false,
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("quancheng-data"),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            readers: 8,
            patience_seconds: 5,
            passwords_at_once: 2,
            passwords_waiting: 64,
            stop_seconds: 20,
            rate_times: 1,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("没有配置文件 {0} · there is no configuration file {0}")]
    NoFile(PathBuf),
    /// It cannot be read as a configuration.
    #[error("配置读不懂 · the configuration cannot be read: {0}")]
    Form(String),
    /// A setting cannot be as it is.
    #[error("配置项 {setting}：{zh} · {setting}: {en}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong, in Chinese.
        zh: &'static str,
        /// What is wrong, in English.
        en: &'static str,
    },
}

impl Config {
    /// Reads the file, then the environment.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        // QUANCHENG_TEST_… belongs to the tests, QUANCHENG_URL and the like to the journeys.
        let env = Env::prefixed("QUANCHENG_")
            .filter(|key| key.as_str().contains("__"))
            .split("__");
        Self::extract(&figment.merge(env))
    }

    fn extract(figment: &Figment) -> Result<Self, ConfigError> {
        let config: Self = figment.extract().map_err(|error| {
            let faults: Vec<String> = error.into_iter().map(|fault| fault.to_string()).collect();
            ConfigError::Form(faults.join("; "))
        })?;
        config.checked()
    }

    /// Checks what types cannot say.
    fn checked(self) -> Result<Self, ConfigError> {
        let refuse = |setting, zh, en| Err(ConfigError::Setting { setting, zh, en });
        let base = &self.site.base_url;
        if !(base.starts_with("https://") || base.starts_with("http://")) || base.ends_with('/') {
            return refuse(
                "site.base_url",
                "应以 https:// 或 http:// 开头，末尾不带斜线",
                "must begin with https:// or http:// and not end with a slash",
            );
        }
        let url = &self.database.url;
        if !(url.is_empty()
            || ["sqlite:", "postgres://", "postgresql://"]
                .iter()
                .any(|start| url.starts_with(start)))
        {
            return refuse(
                "database.url",
                "应以 sqlite: 或 postgres:// 开头",
                "must begin with sqlite: or postgres://",
            );
        }
        if !self.site.congress.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse(
                "site.congress",
                "应为行政区划代码（数字）",
                "must be a division code, digits only",
            );
        }
        if self.limits.readers == 0 {
            return refuse("limits.readers", "至少为1", "must be at least 1");
        }
        if self.limits.rate_times == 0 {
            return refuse("limits.rate_times", "至少为1", "must be at least 1");
        }
        let oidc = &self.oidc;
        let given = [
            !oidc.client_id.is_empty(),
            oidc.client_secret_file.is_some(),
        ];
        if given.contains(&oidc.issuer.is_empty()) {
            return refuse(
                "oidc",
                "issuer、client_id 与 client_secret_file 应同时填写",
                "issuer, client_id and client_secret_file go together",
            );
        }
        if self.audit.keep_days < directory::audit::KEEP_DAYS_LEAST {
            return refuse(
                "audit.keep_days",
                "至少为184天：网络安全法第二十三条要求日志留存不少于六个月",
                "must be at least 184: the law has logs kept for six months (Cybersecurity Law 23)",
            );
        }
        Ok(self)
    }

    /// The database's address.
    #[must_use]
    pub fn database_url(&self) -> String {
        match self.database.url.as_str() {
            "" => format!("sqlite:{}", self.data.folder.join("quancheng.db").display()),
            url => url.to_owned(),
        }
    }

    /// Where the keys are, and what the log is called.
    #[must_use]
    pub fn key_place(&self) -> Place {
        let origin = &self.log.origin;
        Place {
            folder: self.data.folder.clone(),
            log_file: self.log.key_file.clone(),
            origin: (!origin.is_empty()).then(|| origin.clone()),
            new_origin: origin_of(&self.site.base_url),
        }
    }

    /// The default configuration with every setting explained in both languages.
    #[must_use]
    pub fn explained() -> &'static str {
        include_str!("config.default.toml")
    }
}

/// The name of the log of the site at `base_url`.
#[must_use]
pub fn origin_of(base_url: &str) -> String {
    let address = base_url
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    format!("{address}/log")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_text(text: &str) -> Result<Config, ConfigError> {
        Config::extract(
            &Figment::from(Serialized::defaults(Config::default())).merge(Toml::string(text)),
        )
    }

    #[test]
    fn every_setting_is_printed_at_its_default_and_in_the_book() {
        assert_eq!(from_text(Config::explained()).unwrap(), Config::default());
        let printed: toml::Table = Config::explained().parse().unwrap();
        let full = toml::Table::try_from(Config::default()).unwrap();
        let book = include_str!("../../docs/operator/configuration.md");
        for (section, fields) in &full {
            for field in fields.as_table().unwrap().keys() {
                assert!(
                    printed[section].get(field).is_some(),
                    "{section}.{field} is not printed"
                );
                assert!(
                    book.contains(&format!("| `{section}.{field}` |")),
                    "{section}.{field} is not in the operator's book"
                );
            }
        }
    }

    #[test]
    fn refusals_name_the_setting() {
        let said = |text| from_text(text).unwrap_err().to_string();
        assert!(said("[site]\nbase_url = \"example.org\"").contains("site.base_url"));
        assert!(said("[database]\nurl = \"mysql://x\"").contains("database.url"));
        assert!(said("[limits]\nreaders = 0").contains("limits.readers"));
        assert!(said("[oidc]\nissuer = \"https://id.example.org\"").contains("oidc"));
        let half = "[oidc]\nissuer = \"https://id.example.org\"\nclient_id = \"x\"";
        assert!(said(half).contains("client_secret_file"));
        assert!(said("[audit]\nkeep_days = 183").contains("audit.keep_days"));
        assert!(from_text("[audit]\nkeep_days = 184").is_ok());
        assert!(said("[limits]\nrate_times = 0").contains("limits.rate_times"));
        let unknown = said("[server]\nlisten_to = \"127.0.0.1:1\"");
        assert!(unknown.contains("listen_to"), "{unknown}");
        let kind = said("[limits]\nreaders = \"many\"");
        assert!(kind.contains("readers"), "{kind}");
        let missing = Config::load(Some(Path::new("no-such-file.toml")))
            .unwrap_err()
            .to_string();
        assert!(missing.contains("no-such-file.toml"), "{missing}");
    }

    #[test]
    fn the_log_is_named_after_the_site() {
        let config = from_text("[site]\nbase_url = \"https://rd.example.org\"").unwrap();
        assert_eq!(config.key_place().new_origin, "rd.example.org/log");
        assert_eq!(config.database_url(), "sqlite:quancheng-data/quancheng.db");
    }
}
