//! A component made ready: compiled, linked and with its grants resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use wasmtime::component::{Component as Wasm, InstancePre, Linker};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::handler::ProxyPre;

use crate::app::AppHandle;
use crate::instance::InstanceState;
use crate::link::cron::SpinCronPre;
use crate::link::stdio::ComponentOutput;
use crate::manifest::{Component, FileMount};
use crate::metrics::ComponentMetrics;
use crate::outbound::AllowedHosts;
use crate::state::State;
use crate::variables::Variables;

/// What a component was granted; everything else is denied.
#[derive(Debug, Default)]
pub struct Grants {
    /// Labels of databases.
    pub sqlite_databases: BTreeSet<String>,
    /// Labels of stores.
    pub key_value_stores: BTreeSet<String>,
    /// Where it may connect to.
    pub outbound_hosts: Arc<AllowedHosts>,
}

/// What every instance of a component shares.
pub struct ComponentContext {
    /// The id in the manifest.
    pub id: Arc<str>,
    /// What it may use.
    pub grants: Grants,
    /// Its variables' values.
    pub variables: BTreeMap<String, String>,
    /// Its environment variables.
    pub environment: Vec<(String, String)>,
    /// Directories it may read: host path and guest path.
    pub directories: Vec<(PathBuf, String)>,
    /// Where its output goes.
    pub stdout: ComponentOutput,
    /// Where its errors go.
    pub stderr: ComponentOutput,
    /// The application's databases and stores.
    pub state: Arc<State>,
    /// The application, for calls to other components.
    pub app: AppHandle,
    /// Its counters.
    pub metrics: ComponentMetrics,
}

impl ComponentContext {
    /// The WASI context of a new instance.
    pub fn wasi(&self) -> wasmtime::Result<WasiCtx> {
        let mut builder = WasiCtxBuilder::new();
        builder.stdout(self.stdout.clone()).stderr(self.stderr.clone()).envs(&self.environment);
        for (host, guest) in &self.directories {
            builder.preopened_dir(host, guest, FsPerms::ReadOnly)?;
        }
        let hosts = &self.grants.outbound_hosts;
        if hosts.may_allow_sockets() {
            let hosts = Arc::clone(hosts);
            builder.allow_tcp(true).allow_udp(false).socket_addr_check(move |address, usage| {
                use wasmtime_wasi::sockets::SocketAddrUse;
                let allowed = match usage {
                    SocketAddrUse::TcpConnect => hosts.allows_socket("tcp", address),
                    // A connect binds to the unspecified address first.
                    SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
                    _ => false,
                };
                Box::pin(std::future::ready(allowed))
            });
        } else {
            builder.allow_tcp(false).allow_udp(false);
        }
        Ok(builder.build())
    }
}

/// The ways into a component.
pub struct Entrances {
    /// For HTTP, if it exports a handler.
    pub http: Option<ProxyPre<InstanceState>>,
    /// For cron, if it exports `handle-cron-event`.
    pub cron: Option<SpinCronPre<InstanceState>>,
}

impl Entrances {
    /// Links `wasm` and finds its exports.
    pub fn link(linker: &Linker<InstanceState>, wasm: &Wasm) -> anyhow::Result<Self> {
        let pre = linker.instantiate_pre(wasm)?;
        Ok(Self { http: http_entrance(&pre), cron: SpinCronPre::new(pre).ok() })
    }
}

fn http_entrance(pre: &InstancePre<InstanceState>) -> Option<ProxyPre<InstanceState>> {
    if let Ok(service) = wasmtime_wasi_http::p3::bindings::ServicePre::new(pre.clone()) {
        return Some(ProxyPre::P3(service));
    }
    wasmtime_wasi_http::p2::bindings::ProxyPre::new(pre.clone()).ok().map(ProxyPre::P2)
}

/// Resolves the grants of a component.
pub fn grants(component: &Component, variables: &Variables) -> anyhow::Result<Grants> {
    let mut outbound_hosts = AllowedHosts::default();
    for hosts in &component.allowed_outbound_hosts {
        // Every variable has a value by now, so filling cannot fail.
        let entry = hosts.template.fill(|name| variables.get(name)).unwrap_or_default();
        outbound_hosts
            .add(&entry, !hosts.template.is_literal())
            .map_err(|message| hosts.location.error(message))?;
    }
    let labels = |list: &[(String, _)]| list.iter().map(|(label, _)| label.clone()).collect();
    Ok(Grants {
        sqlite_databases: labels(&component.sqlite_databases),
        key_value_stores: labels(&component.key_value_stores),
        outbound_hosts: Arc::new(outbound_hosts),
    })
}

/// Lays out the files a component may read. Patterns are copied under `copy_dir` and shown at `/`; placed
/// directories are shown where they are.
pub fn directories(
    component: &Component,
    manifest_dir: &Path,
    copy_dir: &Path,
) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut directories = Vec::new();
    let mut copied = false;
    let excluded = component
        .exclude_files
        .iter()
        .map(|pattern| glob::Pattern::new(pattern).with_context(|| format!("exclude_files: {pattern:?}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    for mount in &component.files {
        match mount {
            FileMount::Pattern(pattern, location) => {
                copy_matches(manifest_dir, pattern, &excluded, copy_dir)
                    .map_err(|error| location.error(format!("{error:#}")))?;
                copied = true;
            }
            FileMount::Placement { source, destination, location } => {
                let path = manifest_dir.join(source);
                if path.is_dir() {
                    directories.push((path, destination.clone()));
                } else if path.is_file() {
                    copy_file(&path, &copy_dir.join(destination.trim_start_matches('/')))
                        .map_err(|error| location.error(format!("{error:#}")))?;
                    copied = true;
                } else {
                    return Err(location.error(format!("{} does not exist", path.display())).into());
                }
            }
        }
    }
    if copied {
        directories.push((copy_dir.to_owned(), "/".to_owned()));
    }
    Ok(directories)
}

fn copy_matches(root: &Path, pattern: &str, excluded: &[glob::Pattern], to: &Path) -> anyhow::Result<()> {
    if Path::new(pattern).is_absolute() || pattern.split('/').any(|part| part == "..") {
        bail!("must be relative to the manifest and stay below it");
    }
    let full = format!("{}/{pattern}", glob::Pattern::escape(&root.to_string_lossy()));
    let mut found = false;
    for path in glob::glob(&full)? {
        let path = path?;
        let relative = path.strip_prefix(root)?;
        if path.is_file() && !excluded.iter().any(|pattern| pattern.matches_path(relative)) {
            copy_file(&path, &to.join(relative))?;
            found = true;
        }
    }
    // Spin takes a bare directory for its whole tree.
    if !found && root.join(pattern).is_dir() {
        return copy_matches(root, &format!("{}/**/*", pattern.trim_end_matches('/')), excluded, to);
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Another handle to the same entrance.
pub fn clone_entrance(pre: &ProxyPre<InstanceState>) -> ProxyPre<InstanceState> {
    match pre {
        ProxyPre::P2(pre) => ProxyPre::P2(pre.clone()),
        ProxyPre::P3(pre) => ProxyPre::P3(pre.clone()),
    }
}
