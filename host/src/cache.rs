//! Compiled components on disk, so that only the first start compiles.
//!
//! An entry is named by the hash of the Wasm file and of everything about the engine that machine code
//! depends on. Beside the code stands its checksum: what does not match is compiled anew, so a torn or
//! damaged file costs time, never safety. Code is mapped, not read: pages nobody runs cost no memory.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Changes when the layout of the cache directory does.
const FORMAT: &[u8] = b"crema-1";

/// A directory of compiled components, or none when caching is off.
#[derive(Clone, Debug)]
pub struct ModuleCache {
    dir: Option<PathBuf>,
}

/// How a component was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the cache.
    Cached,
    /// Compiled now.
    Compiled,
}

impl ModuleCache {
    /// Caches in `dir`, which is made if missing; `None` turns caching off.
    pub fn new(dir: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(dir) = &dir {
            fs::create_dir_all(dir)
                .with_context(|| format!("cannot make the cache directory {}", dir.display()))?;
        }
        Ok(Self { dir })
    }

    /// Loads or compiles the component in `wasm`.
    pub fn component(&self, engine: &Engine, wasm: &[u8]) -> anyhow::Result<(Component, Origin)> {
        let Some(dir) = &self.dir else {
            return Ok((Component::new(engine, wasm)?, Origin::Compiled));
        };
        let name = entry_name(engine, wasm);
        let code_path = dir.join(format!("{name}.cwasm"));
        let sum_path = dir.join(format!("{name}.blake3"));
        if let Some(component) = load(engine, &code_path, &sum_path) {
            return Ok((component, Origin::Cached));
        }
        let component = Component::new(engine, wasm)?;
        let code = component.serialize()?;
        // The checksum goes last: without it, or with another one, the entry does not count.
        let stored = write_whole(dir, &code_path, &code)
            .and_then(|()| write_whole(dir, &sum_path, blake3::hash(&code).as_bytes()));
        if let Err(error) = stored {
            tracing::warn!(dir = %dir.display(), %error, "cannot store a compiled component");
        }
        Ok((component, Origin::Compiled))
    }
}

fn entry_name(engine: &Engine, wasm: &[u8]) -> String {
    struct Sink(blake3::Hasher);
    impl Hasher for Sink {
        fn finish(&self) -> u64 {
            0 // Never asked for: the digest is taken from the inner hasher.
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut sink = Sink(blake3::Hasher::new());
    sink.write(FORMAT);
    engine.precompile_compatibility_hash().hash(&mut sink);
    sink.write(wasm);
    sink.0.finalize().to_hex().to_string()
}

fn load(engine: &Engine, code_path: &Path, sum_path: &Path) -> Option<Component> {
    let expected = fs::read(sum_path).ok()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(code_path).ok()?).ok()?;
    if hasher.finalize().as_bytes().as_slice() != expected {
        tracing::warn!(file = %code_path.display(), "a cached component is damaged; compiling it anew");
        return None;
    }
    #[expect(
        unsafe_code,
        reason = "wasmtime trusts what it maps; the checksum says that this process's \
                                    engine wrote exactly these bytes"
    )]
    // SAFETY: the file has the checksum recorded when `Component::serialize` produced it, under a name that
    // hashes the engine's compatibility key, in a directory only this user writes. Entries are replaced by
    // rename, never changed in place, so the mapping stays valid.
    let component = unsafe { Component::deserialize_file(engine, code_path) };
    component
        .inspect_err(
            |error| tracing::warn!(file = %code_path.display(), %error, "cannot use a cached component"),
        )
        .ok()
}

/// Writes through a temporary file, so that nobody ever sees half of it.
fn write_whole(dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_entry_is_compiled_anew() {
        let dir = tempfile::tempdir().unwrap();
        let engine = crate::engine::build(1).unwrap();
        let cache = ModuleCache::new(Some(dir.path().to_owned())).unwrap();
        // The smallest component: magic, version 13, layer 1.
        let wasm = b"\0asm\x0d\0\x01\0";
        let origin = || cache.component(&engine, wasm).unwrap().1;
        assert_eq!(origin(), Origin::Compiled);
        assert_eq!(origin(), Origin::Cached);

        let code = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let code = code.into_iter().find(|path| path.extension().is_some_and(|e| e == "cwasm")).unwrap();
        let mut bytes = fs::read(&code).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&code, bytes).unwrap();
        assert_eq!(origin(), Origin::Compiled);
        assert_eq!(origin(), Origin::Cached);
    }
}
