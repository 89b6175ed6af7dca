//! What the tests need beyond Rust, installed when we may (as root, with apt-get and npm), else told as one command.

use crate::postgres;
use crate::run::{cache, check, env, output, root, shown, step};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's browser.
pub const CHROMIUM: &str = "/usr/bin/chromium";

/// A need, how to see that it is met, and the Debian package that meets it.
struct Need {
    package: &'static str,
    met: fn() -> bool,
}

const POSTGRESQL: Need = Need {
    package: "postgresql",
    met: || postgres::programs().is_some(),
};
const BROWSER: [Need; 4] = [
    Need {
        package: "chromium",
        met: || Path::new(CHROMIUM).exists(),
    },
    Need {
        package: "fonts-noto-cjk",
        met: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
    },
    Need {
        package: "nodejs",
        met: || on_path("node"),
    },
    Need {
        package: "npm",
        met: || on_path("npm"),
    },
];
const PYTHON: Need = Need {
    package: "python3-venv",
    met: has_venv,
};

/// Sees to PostgreSQL.
pub fn for_databases() -> Result<()> {
    install(&[&POSTGRESQL])
}

/// Sees to Chromium, fonts, Node and the packages in e2e/.
pub fn for_browser() -> Result<()> {
    install(&BROWSER.iter().collect::<Vec<_>>())?;
    let folder = root().join("e2e");
    let lock = std::fs::read_to_string(folder.join("package-lock.json"))?;
    let marker = folder.join("node_modules/.quancheng-lock");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    step("npm ci in e2e/", || check(&mut npm))?;
    std::fs::write(&marker, lock)?;
    Ok(())
}

/// Sees to a Python that can make virtual environments.
pub fn for_python() -> Result<()> {
    install(&[&PYTHON])
}

/// The programs of the Python packages of `xtask/NAME.txt`, in a virtual environment of their own under the cache folder;
/// installed if they are not there or are of other versions.
pub fn python_packages(name: &str) -> Result<PathBuf> {
    let list = root().join(format!("xtask/{name}.txt"));
    let wanted = std::fs::read_to_string(&list)?;
    let folder = cache()?.join(name);
    let (programs, marker) = (folder.join("bin"), folder.join("installed.txt"));
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    for_python()?;
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut pip = Command::new(programs.join("pip"));
    pip.args(["install", "--quiet", "--requirement"]).arg(&list);
    let by_hand = format!(
        "run this once, then again:\n\n    {} && {}\n",
        shown(&venv),
        shown(&pip)
    );
    step(&format!("installing {name}"), || {
        check(&mut venv).and_then(|()| check(&mut pip))
    })
    .with_context(|| by_hand)?;
    std::fs::write(&marker, wanted)?;
    Ok(programs)
}

/// Whether a program of that name is on the path.
fn on_path(name: &str) -> bool {
    env("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).exists()))
}

fn has_venv() -> bool {
    let asked = Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .output();
    asked.is_ok_and(|asked| asked.status.success())
}

fn install(needs: &[&Need]) -> Result<()> {
    let missing = needs
        .iter()
        .filter(|need| !(need.met)())
        .map(|need| need.package)
        .collect::<Vec<_>>();
    if missing.is_empty() {
        return Ok(());
    }
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!(
            "missing: {}. Run this once, then again:\n\n    sudo {}\n",
            missing.join(", "),
            shown(&apt)
        );
    }
    step(&format!("installing {}", missing.join(", ")), || {
        check(Command::new("apt-get").args(["update", "--quiet"]))?;
        check(&mut apt)
    })?;
    match needs.iter().find(|need| !(need.met)()) {
        Some(need) => bail!("{} was installed and is still not found", need.package),
        None => Ok(()),
    }
}
