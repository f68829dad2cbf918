//! Processes of one command, which have only so much time.
//!
//! They are a process group of their own. Where they do not come to an end, all of them are killed,
//! and what they have started with them.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a command may take. The slowest of a kernel's take a second.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The processes of one command.
pub(super) struct Running {
    children: Vec<Child>,
    group: Option<Pid>,
    time: Duration,
    deadline: Instant,
}

impl Running {
    /// No process yet; those to come have so much time together.
    pub(super) fn new(time: Duration) -> Self {
        let now = Instant::now();
        Self {
            children: Vec::new(),
            group: None,
            time,
            // A time that nobody can wait for.
            deadline: now.checked_add(time).unwrap_or(now + TIME_LIMIT),
        }
    }

    /// Starts a process.
    pub(super) fn spawn(&mut self, command: &mut Command) -> io::Result<&mut Child> {
        command.process_group(self.group.map_or(0, Pid::as_raw_pid));
        let child = command.spawn()?;
        if self.group.is_none() {
            self.group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        }
        self.children.push(child);
        let last = self.children.len() - 1;
        Ok(&mut self.children[last])
    }

    /// Reads pipes, each to its end or as far as its limit says; those that are read no further are
    /// closed, so that whoever writes without end is stopped.
    pub(super) fn read(&self, pipes: &mut [&mut Pipe]) -> io::Result<()> {
        let mut buffer = [0; 1 << 12];
        loop {
            for pipe in pipes.iter_mut() {
                pipe.close_if_full();
            }
            let open: Vec<usize> = (0..pipes.len())
                .filter(|&index| pipes[index].source.is_some())
                .collect();
            if open.is_empty() {
                return Ok(());
            }
            let ready = self.wait_for(pipes)?;
            for (index, _) in open.into_iter().zip(ready).filter(|&(_, ready)| ready) {
                pipes[index].read_once(&mut buffer)?;
            }
        }
    }

    /// Which of the open pipes can be read; there is one.
    fn wait_for(&self, pipes: &[&mut Pipe]) -> io::Result<Vec<bool>> {
        let sources = pipes.iter().filter_map(|pipe| pipe.source.as_ref());
        let mut waiting: Vec<PollFd<'_>> = sources
            .map(|source| PollFd::from_borrowed_fd(source.as_fd(), PollFlags::IN))
            .collect();
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.overdue());
            }
            let left = Timespec::try_from(left).map_err(|_| self.overdue())?;
            match poll(&mut waiting, Some(&left)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(waiting.iter().map(|fd| !fd.revents().is_empty()).collect())
    }

    /// Waits until all have ended; how the last one did.
    pub(super) fn wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let mut status = None;
        for child in &mut self.children {
            // A process ends right after its pipes are closed.
            let mut pause = Duration::from_micros(20);
            status = loop {
                if let Some(status) = child.try_wait()? {
                    break Some(status);
                }
                if Instant::now() >= self.deadline {
                    return Err(overdue(self.time));
                }
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(10));
            };
        }
        self.children.clear();
        self.group = None;
        Ok(status)
    }

    fn overdue(&self) -> io::Error {
        overdue(self.time)
    }
}

fn overdue(time: Duration) -> io::Error {
    let message = format!("it did not end within {} seconds", time.as_secs_f64());
    io::Error::new(io::ErrorKind::TimedOut, message)
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.children.is_empty() {
            return;
        }
        // Nobody has waited for them, so that the group's number is still theirs.
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What a process writes, as far as it is read.
pub(super) struct Pipe {
    source: Option<Box<dyn Source>>,
    limit: usize,
    pub(super) content: Vec<u8>,
}

trait Source: Read + AsFd {}

impl<S: Read + AsFd> Source for S {}

impl Pipe {
    /// Reads so many bytes of a pipe at most; none where there is no pipe.
    pub(super) fn of(source: Option<impl Read + AsFd + 'static>, limit: usize) -> Self {
        Self {
            source: source.map(|source| Box::new(source) as Box<dyn Source>),
            limit,
            content: Vec::new(),
        }
    }

    fn close_if_full(&mut self) {
        if self.content.len() >= self.limit {
            self.source = None;
        }
    }

    fn read_once(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let Some(source) = &mut self.source else {
            return Ok(());
        };
        let room = buffer.len().min(self.limit - self.content.len());
        match source.read(&mut buffer[..room]) {
            Ok(0) => self.source = None,
            Ok(length) => self.content.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Standard input of a command: this program's own, unless somebody types there. A process group in
/// the background would be stopped when it reads that.
pub(super) fn stdin() -> Stdio {
    if io::stdin().is_terminal() {
        Stdio::null()
    } else {
        Stdio::inherit()
    }
}
