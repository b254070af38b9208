//! Plays episodes: fresh from a seed, or from a list of operations; and shrinks those that end in a difference.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::episode::{Divergence, Episode};
use crate::generate::{Generator, Profile};
use crate::operation::Operation;
use crate::reference::Mistake;
use crate::shrink;
use crate::target::Target;
use crate::target::native::Native;
use crate::target::wasm::Wasm;
use crate::world::World;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// The use cases over SQLite in this process.
    Store,
    /// The functions as WebAssembly on the host, over HTTP.
    Wasm,
}

/// An episode to play.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub operations: u32,
    pub members: usize,
    pub kind: Kind,
    pub profile: Profile,
    /// What the reference does wrong, to see it found.
    pub mistake: Option<Mistake>,
    /// The books are compared every so many operations.
    pub audit_every: u32,
    /// Where hosts keep their state, each in a folder of its own.
    pub states: PathBuf,
}

impl Plan {
    /// A plan for the store with the usual settings.
    #[must_use]
    pub fn new(seed: u64, operations: u32) -> Self {
        Self {
            seed,
            operations,
            members: 40,
            kind: Kind::Store,
            profile: Profile::Even,
            mistake: None,
            audit_every: 500,
            states: PathBuf::from("target/sim"),
        }
    }
}

/// A list of operations and the world that they play in: the file for `--replay`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Script {
    pub seed: u64,
    pub members: usize,
    pub operations: Vec<Operation>,
}

/// How an episode ended.
#[derive(Debug, Clone)]
pub enum Ended {
    Whole(Coverage),
    Diverged {
        divergence: Divergence,
        /// Everything up to it.
        operations: Vec<Operation>,
    },
}

fn target(plan: &Plan, world: &World) -> Result<Box<dyn Target>> {
    Ok(match plan.kind {
        Kind::Store => Box::new(Native::new(world)?),
        Kind::Wasm => Box::new(Wasm::new(world, &plan.states)?),
    })
}

/// Plays an episode of random operations. `said` is told how many were done.
///
/// # Errors
/// When the product cannot be started.
pub fn play(plan: &Plan, said: &mut dyn FnMut(u32)) -> Result<Ended> {
    let world = World::new(plan.seed, plan.members);
    let mut episode = Episode::new(&world, target(plan, &world)?, plan.mistake, plan.audit_every);
    let mut generator = Generator::new(plan.seed, plan.profile);
    let mut operations: Vec<Operation> = Vec::with_capacity(plan.operations as usize);
    for done in 1..=plan.operations {
        let operation = generator.next(&episode.reference);
        operations.push(operation.clone());
        let mut divergence = episode.step(&operation);
        if divergence.is_none() && done == plan.operations {
            divergence = episode.audit(&operation);
        }
        if let Some(divergence) = divergence {
            return Ok(Ended::Diverged { divergence, operations });
        }
        said(done);
    }
    Ok(Ended::Whole(episode.finish()))
}

/// Plays a list of operations; the books are compared at its end.
///
/// # Errors
/// When the product cannot be started.
pub fn play_list(plan: &Plan, operations: &[Operation]) -> Result<Option<Divergence>> {
    let world = World::new(plan.seed, plan.members);
    let mut episode = Episode::new(&world, target(plan, &world)?, plan.mistake, plan.audit_every);
    let found = operations.iter().find_map(|operation| episode.step(operation));
    Ok(match operations.last() {
        Some(last) if found.is_none() => episode.audit(last),
        _ => found,
    })
}

/// The few operations of a diverging list that still diverge, and how. `said` is told how many are left.
///
/// # Errors
/// When the product cannot be started.
pub fn shrink(
    plan: &Plan,
    operations: &[Operation],
    said: &mut dyn FnMut(usize),
) -> Result<(Script, Option<Divergence>)> {
    let mut failure = None;
    let mut diverges = |operations: &[Operation]| match play_list(plan, operations) {
        Ok(divergence) => divergence.is_some(),
        Err(error) => {
            failure = Some(error);
            false
        }
    };
    let few = shrink::shrink(operations, &mut diverges, said);
    if let Some(failure) = failure {
        return Err(failure);
    }
    let divergence = play_list(plan, &few)?;
    Ok((Script { seed: plan.seed, members: plan.members, operations: few }, divergence))
}
