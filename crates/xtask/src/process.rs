//! Running programs: with a bound on time, without standard input, in an
//! environment that is the same on every machine.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

/// Variables of this process that a reference program sees too. Everything else
/// (`ARCH`, `CC`, `KCONFIG_*`, `NIX_PATH`, `MAKEFLAGS`, …) would make results
/// depend on who runs them.
const PASSED_ON: [&str; 6] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// A program to run.
pub(crate) struct Run {
    command: Command,
    timeout: Duration,
    input: Stdio,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// From start to end.
    pub(crate) elapsed: Duration,
    /// Time on processors, with the processes that the program waited for.
    pub(crate) busy: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub(crate) peak: u64,
}

/// What a program left behind.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8");
        for name in PASSED_ON {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Self {
            command,
            timeout: Duration::from_secs(120),
            input: Stdio::null(),
        }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// What the program reads on standard input; nothing unless said.
    pub(crate) fn input(mut self, bytes: &[u8]) -> Result<Self> {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.rewind()?;
        self.input = Stdio::from(file);
        Ok(self)
    }

    /// How long the program may take before it is ended; two minutes unless said
    /// otherwise.
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs the program to its end, whatever its exit status.
    pub(crate) fn finish(mut self) -> Result<Finished> {
        let shown = self.to_string();
        let mut child = self
            .command
            .stdin(self.input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        let status = wait(&mut child, self.timeout).with_context(|| format!("in {shown}"))?;
        let gathered = |reader: thread::JoinHandle<Vec<u8>>| reader.join().unwrap_or_default();
        Ok(Finished {
            status,
            stdout: gathered(stdout),
            stderr: String::from_utf8_lossy(&gathered(stderr)).into_owned(),
        })
    }

    /// Runs the program without looking at what it prints, and tells what it took. Exit
    /// status 1 is no failure: it tells of findings.
    pub(crate) fn measure(mut self) -> Result<Usage> {
        let shown = self.to_string();
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let start = Instant::now();
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        let used = child
            .wait4()
            .with_context(|| format!("waiting for {shown}"))?;
        let elapsed = start.elapsed();
        if !matches!(used.status.code(), Some(0 | 1)) {
            bail!("{shown} failed ({})", used.status);
        }
        Ok(Usage {
            elapsed,
            busy: used.rusage.utime + used.rusage.stime,
            peak: used.rusage.maxrss,
        })
    }

    /// Runs the program; that it fails is an error that shows what it said.
    pub(crate) fn succeed(self) -> Result<Finished> {
        let shown = self.to_string();
        let finished = self.finish()?;
        if !finished.status.success() {
            let said = String::from_utf8_lossy(&finished.stdout);
            bail!(
                "{shown} failed ({}):\n{}",
                finished.status,
                tail(&format!("{said}{}", finished.stderr), 30)
            );
        }
        Ok(finished)
    }
}

/// The command as it would be typed, for messages.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}", self.command.get_program().to_string_lossy())?;
        for arg in self.command.get_args() {
            write!(f, " {}", arg.to_string_lossy())?;
        }
        write!(f, "`")
    }
}

impl Finished {
    /// Standard output as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// The last `count` lines.
pub(crate) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Whether a program of this name is on the `PATH`.
pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

/// Reads a pipe to its end beside the waiting, so that a full pipe stops nobody.
fn collect<R: Read + Send + 'static>(pipe: Option<R>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What could be read until an error is what there is to show.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child, timeout: Duration) -> Result<ExitStatus> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > timeout {
            child.kill()?;
            child.wait()?;
            bail!("not finished after {} seconds", timeout.as_secs());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
