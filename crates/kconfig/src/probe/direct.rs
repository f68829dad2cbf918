//! Carries a plan out, without a shell.

use super::ProbeOutput;
use super::plan::{Action, PROCESS_ID, Plan, Program, Sinks, Step};
use super::running::{self, Pipe, Running};
use super::words::Joint;
use crate::environment::Environment;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fs, process};

/// How much of a command's standard output the language takes (`do_shell` in preprocess.c).
pub(super) const OUTPUT_LIMIT: usize = 4096;
/// How much of a command's standard error is kept.
pub(super) const MESSAGE_LIMIT: usize = 1 << 16;

/// Carries out a plan.
///
/// # Errors
/// When a step cannot be done, and the shell has to be asked; or when it takes too long
/// ([`io::ErrorKind::TimedOut`]).
pub(super) fn run(
    plan: &Plan,
    environment: &Environment,
    folder: &Path,
    time: Duration,
) -> io::Result<ProbeOutput> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let number = RUNS.fetch_add(1, Ordering::Relaxed);
    let mut run = Run {
        environment,
        folder,
        id: format!("{}_{number}", process::id()),
        temporary: None,
        output: ProbeOutput::default(),
        time,
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
    /// How long each step may take.
    time: Duration,
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
            None => running::stdin(),
            Some(text) => {
                // It fits into the pipe, so that nobody needs to read while it is written.
                let (reader, mut writer) = io::pipe()?;
                writer.write_all(text.as_bytes())?;
                Stdio::from(reader)
            }
        };
        let mut running = Running::new(self.time);
        let mut pipes = Vec::new();
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
            let child = running.spawn(&mut command)?;
            pipes.push(Pipe::of(child.stderr.take(), MESSAGE_LIMIT));
            stdin = match child.stdout.take() {
                Some(stdout) if is_last => {
                    let room = OUTPUT_LIMIT.saturating_sub(self.output.stdout.len());
                    pipes.push(Pipe::of(Some(stdout), room));
                    break;
                }
                Some(stdout) => Stdio::from(stdout),
                None => Stdio::null(),
            };
        }
        running.read(&mut pipes.iter_mut().collect::<Vec<_>>())?;
        let status = running.wait()?;
        let stdout = pipes.split_off(programs.len().min(pipes.len()));
        for pipe in stdout {
            self.output.stdout.extend_from_slice(&pipe.content);
        }
        for pipe in pipes {
            self.output.stderr.extend_from_slice(&pipe.content);
        }
        Ok(status.is_some_and(|status| status.success()))
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
