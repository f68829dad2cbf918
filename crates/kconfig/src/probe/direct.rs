//! Carries a plan out, without a shell.

use super::ProbeOutput;
use super::plan::{Action, PROCESS_ID, Plan, Program, Sinks, Step};
use super::words::Joint;
use crate::environment::Environment;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process, thread};

/// How much of a command's standard output the language takes (`do_shell` in preprocess.c).
pub(super) const OUTPUT_LIMIT: u64 = 4096;
/// How much of a command's standard error is kept.
pub(super) const MESSAGE_LIMIT: u64 = 1 << 16;

/// Carries out a plan.
///
/// # Errors
/// When a step cannot be done; the shell has to be asked then.
pub(super) fn run(
    plan: &Plan,
    environment: &Environment,
    folder: &Path,
) -> io::Result<ProbeOutput> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let number = RUNS.fetch_add(1, Ordering::Relaxed);
    let mut run = Run {
        environment,
        folder,
        id: format!("{}_{number}", process::id()),
        temporary: None,
        output: ProbeOutput::default(),
    };
    run.plan(plan)?;
    Ok(std::mem::take(&mut run.output))
}

struct Run<'a> {
    environment: &'a Environment,
    folder: &'a Path,
    /// Stands for `$$`: no other run has it.
    id: String,
    temporary: Option<PathBuf>,
    output: ProbeOutput,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // As `rm -rf`, which says nothing either where output is discarded.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

impl Run<'_> {
    fn plan(&mut self, plan: &Plan) -> io::Result<bool> {
        let mut status = true;
        for step in &plan.0 {
            status = self.step(step)?;
        }
        Ok(status)
    }

    fn step(&mut self, step: &Step) -> io::Result<bool> {
        let mut status = self.action(&step.first)?;
        for (joint, action) in &step.rest {
            if status == (*joint == Joint::And) {
                status = self.action(action)?;
            }
        }
        Ok(status)
    }

    fn action(&mut self, action: &Action) -> io::Result<bool> {
        match action {
            Action::Print { text, sinks } => {
                if !sinks.discards_output {
                    self.output.stdout.extend_from_slice(text.as_bytes());
                }
                Ok(true)
            }
            Action::Status(status) => Ok(*status),
            Action::Exists(path) => Ok(fs::metadata(self.folder.join(path)).is_ok()),
            Action::Temporary => {
                let folder = self.folder.join(format!(".tmp_{}", self.id));
                fs::create_dir(&folder)?;
                self.temporary = Some(folder);
                Ok(true)
            }
            Action::Run {
                input,
                programs,
                sinks,
            } => self.pipeline(input.as_deref(), programs, *sinks),
            Action::Group(plan, _) => self.plan(plan),
        }
    }

    fn pipeline(
        &mut self,
        input: Option<&str>,
        programs: &[Program],
        sinks: Sinks,
    ) -> io::Result<bool> {
        let mut stdin = match input {
            None => Stdio::inherit(),
            Some(text) => {
                // It fits into the pipe, so that nobody needs to read while it is written.
                let (reader, mut writer) = io::pipe()?;
                writer.write_all(text.as_bytes())?;
                Stdio::from(reader)
            }
        };
        let mut children = Children(Vec::new());
        let mut messages = Vec::new();
        for (index, program) in programs.iter().enumerate() {
            let is_last = index + 1 == programs.len();
            let mut command = self.command(program);
            command.stdin(stdin);
            let discards_output = is_last && sinks.discards_output;
            command.stdout(if discards_output {
                Stdio::null()
            } else {
                Stdio::piped()
            });
            let mut child = command.spawn()?;
            messages.extend(child.stderr.take().map(read_messages));
            stdin = match child.stdout.take() {
                Some(stdout) if is_last => {
                    let room = OUTPUT_LIMIT.saturating_sub(self.output.stdout.len() as u64);
                    // The pipe closes here, so that what writes without end is stopped.
                    children.0.push(child);
                    stdout.take(room).read_to_end(&mut self.output.stdout)?;
                    break;
                }
                Some(stdout) => Stdio::from(stdout),
                None => Stdio::null(),
            };
            children.0.push(child);
        }
        let status = children.wait()?;
        for reader in messages {
            if let Ok(Ok(kept)) = reader.join() {
                self.output.stderr.extend_from_slice(&kept);
            }
        }
        Ok(status)
    }

    fn command(&self, program: &Program) -> Command {
        let mut arguments = program
            .arguments
            .iter()
            .map(|argument| argument.replace(PROCESS_ID, &self.id));
        let mut command = Command::new(&program.path);
        command
            .arg0(arguments.next().unwrap_or_default())
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter())
            // A shell sets it right.
            .env("PWD", self.folder)
            .current_dir(self.folder)
            .stderr(if program.discards_errors {
                Stdio::null()
            } else {
                Stdio::piped()
            });
        command
    }
}

/// Processes that are waited for whatever happens.
struct Children(Vec<Child>);

impl Children {
    /// Whether the last one ended well.
    fn wait(&mut self) -> io::Result<bool> {
        let mut status = false;
        for mut child in self.0.drain(..) {
            status = child.wait()?.success();
        }
        Ok(status)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        let _ = self.wait();
    }
}

pub(super) type Messages = thread::JoinHandle<io::Result<Vec<u8>>>;

/// Reads standard error while the process goes on.
pub(super) fn read_messages(stderr: impl Read + Send + 'static) -> Messages {
    thread::spawn(move || {
        let mut kept = Vec::new();
        let result = stderr.take(MESSAGE_LIMIT).read_to_end(&mut kept);
        result.map(|_| kept)
    })
}
