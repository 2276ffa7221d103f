//! `windrow compile`: a folder per deployment with the job that another engine runs.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::emit::{self, Bundle, MANIFEST, Target};
use crate::model::Deployment;
use crate::plan;
use crate::topology::Topology;

use super::load::{Loaded, load};
use super::{Exit, Failure, Output, modules, sites};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The engine that is to run the job
    #[arg(long)]
    target: Engine,
    /// Where the folders of the deployments go; bundles that are there are replaced
    #[arg(long, value_name = "DIR", required_unless_present = "explain")]
    out: Option<PathBuf>,
    /// Write nothing; say for each node of the plans what it becomes and why
    #[arg(long)]
    explain: bool,
    /// Only this deployment
    #[arg(long, value_name = "D")]
    deployment: Option<String>,
    /// The environment whose clusters are read; needed only if the project has several
    #[arg(long, value_name = "E")]
    env: Option<String>,
    /// A region that is lost: jobs that ran there run in their secondary, and nothing of it is read
    #[arg(long, value_name = "REGION")]
    failover: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Engine {
    /// Apache Flink
    Flink,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = load(&args.path)?.sound(output)?;
    let deployments = deployments(&loaded, args.deployment.as_deref())?;
    let topology = topology(&loaded, args.env.as_deref())?;
    let sites = sites::sites(&loaded.model, topology, args.failover.as_deref())?;
    let modules = modules::modules(&loaded.root, &loaded.model);
    // Only --explain does without, and writes nothing.
    let out = args.out.as_deref().unwrap_or(Path::new("."));
    let (mut refused, mut warning) = (Diagnostics::default(), None);
    for deployment in deployments {
        let plan = plan::optimize(plan::lower(&loaded.model, deployment));
        let manifests = sites.get(&deployment.name);
        let target = match args.target {
            Engine::Flink => Target::Flink { topology, manifests, modules: &modules },
        };
        if args.explain {
            match emit::explain(&plan, target) {
                Ok(text) => output.data(&text)?,
                Err(problems) => refused.extend(problems),
            }
            continue;
        }
        match emit::render(&plan, target) {
            Ok(bundle) => {
                warning = emit::warnings(target);
                let folder = out.join(&deployment.name);
                place(&bundle, out, &folder)?;
                output.data(&format!("{}\n", folder.display()))?;
            }
            Err(problems) => refused.extend(problems),
        }
    }
    if !args.explain && !sites.is_empty() {
        sites::write(&sites, out)?;
    }
    // Said last, where it is not missed; the other deployments are written.
    let exit = if refused.has_errors() { Exit::Definitions } else { Exit::Fine };
    if let Some(warning) = warning {
        refused.push(warning);
    }
    output.problems(&refused.sorted(), &loaded.sources);
    Ok(exit)
}

fn deployments<'l>(loaded: &'l Loaded, name: Option<&str>) -> Result<Vec<&'l Deployment>, Failure> {
    if let Some(name) = name {
        return Ok(vec![loaded.deployment(name)?]);
    }
    if loaded.model.deployments.is_empty() {
        let message = format!("`{}` has no deployments to compile", loaded.root.display());
        let problem = Diagnostic::without_place(Code::E0690, message);
        return Err(Failure::usage(problem.hint("add `deployments:` to the windrow.yaml of the project")));
    }
    Ok(loaded.model.deployments.iter().collect())
}

/// The topology of the named environment, or of the only one there is.
fn topology<'l>(loaded: &'l Loaded, name: Option<&str>) -> Result<Option<&'l Topology>, Failure> {
    let name = match (name, loaded.model.environments.as_slice()) {
        (Some(name), _) => name,
        (None, []) => return Ok(None),
        (None, [only]) => only.name.as_str(),
        (None, several) => {
            let names: Vec<_> = several.iter().map(|environment| environment.name.as_str()).collect();
            let problem = Diagnostic::without_place(Code::E0691, "the project has several environments");
            return Err(Failure::usage(problem.hint(format!("add --env with one of: {}", names.join(", ")))));
        }
    };
    loaded.environment(name).map(|(_, topology)| Some(topology))
}

/// Writes a bundle beside its place, then renames it: the folder is there whole or not at all.
fn place(bundle: &Bundle, out: &Path, folder: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        let message = format!("{}: {error}", folder.display());
        Failure::world(Diagnostic::without_place(Code::E0006, message))
    };
    fs::create_dir_all(out).map_err(failed)?;
    let is_there = fs::symlink_metadata(folder).is_ok();
    if is_there && !is_bundle(folder) {
        let message = format!("{} is not the folder of a bundle, so it is not replaced", folder.display());
        let problem = Diagnostic::without_place(Code::E0890, message);
        return Err(Failure::usage(problem.hint("remove it, or choose another folder with `--out`")));
    }
    let scratch = tempfile::Builder::new().prefix(".windrow-").tempdir_in(out).map_err(failed)?;
    let (new, old) = (scratch.path().join("new"), scratch.path().join("old"));
    write(bundle, &new).map_err(failed)?;
    if is_there {
        fs::rename(folder, &old).map_err(failed)?;
    }
    fs::rename(&new, folder).map_err(|error| {
        // The earlier bundle comes back if the new one cannot take its place.
        let _ = fs::rename(&old, folder);
        failed(error)
    })
}

fn is_bundle(folder: &Path) -> bool {
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|data| data.is_dir());
    is_folder && fs::read_to_string(folder.join(MANIFEST)).is_ok_and(|text| emit::about(&text).is_some())
}

fn write(bundle: &Bundle, folder: &Path) -> io::Result<()> {
    for (path, bytes) in bundle.bytes() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, bytes)?;
    }
    let scripts = bundle.files.iter().filter(|(_, file)| file.executable);
    scripts
        .into_iter()
        .try_for_each(|(path, _)| fs::set_permissions(folder.join(path), Permissions::from_mode(0o755)))
}
