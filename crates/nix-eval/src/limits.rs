//! Bounds on what an evaluation takes: native stack, memory and time.

use std::time::{Duration, Instant};

use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;

/// Less native stack than this left: a new piece is added.
const RED_ZONE: usize = 512 * 1024;

/// The stack is looked at once in so many levels of recursion, which take a fraction
/// of what is kept free.
const LEVELS_BETWEEN_CHECKS: u32 = 4;

/// The size of an added piece of stack.
const STACK_PIECE: usize = 8 * 1024 * 1024;

/// How many pieces of stack there can be. More is a recursion that has no end,
/// as far as anybody can tell.
const MAX_STACK_PIECES: usize = 64;

/// Every so many steps memory and time are looked at.
const STEPS_BETWEEN_CHECKS: u32 = 4096;

/// The state of the bounds.
pub(crate) struct Limits {
    steps: u32,
    /// How many recursions deep the evaluation is.
    level: u32,
    stack_pieces: usize,
    deadline: Option<(Instant, Duration)>,
    max_memory: Option<usize>,
}

impl Limits {
    pub(crate) fn new(max_memory: Option<usize>, timeout: Option<Duration>) -> Self {
        Self {
            steps: STEPS_BETWEEN_CHECKS,
            level: 0,
            stack_pieces: 0,
            deadline: timeout
                .and_then(|timeout| Some((Instant::now().checked_add(timeout)?, timeout))),
            max_memory,
        }
    }
}

const OUT_OF_MEMORY: &str = "out of memory";

/// Less than this is there, or nothing can be done about it.
const SMALL: usize = 64 * 1024 * 1024;

/// Whether the machine has so many bytes: asked before the arena is, which could only
/// give up.
fn available(bytes: usize, span: Span) -> Result<()> {
    if bytes < SMALL {
        return Ok(());
    }
    match Vec::<u8>::new().try_reserve_exact(bytes.saturating_mul(2)) {
        Ok(()) => Ok(()),
        Err(_) => Err(EvalError::new(ErrorKind::Limit, span, OUT_OF_MEMORY)),
    }
}

impl Evaluator<'_> {
    /// Counts a step of the evaluation.
    #[inline]
    pub(crate) fn step(&mut self, span: Span) -> Result<()> {
        self.limits.steps -= 1;
        if self.limits.steps == 0 {
            self.check_limits(span)?;
        }
        Ok(())
    }

    #[cold]
    fn check_limits(&mut self, span: Span) -> Result<()> {
        self.limits.steps = STEPS_BETWEEN_CHECKS;
        let wanted = if self.has_numbers_left() {
            0
        } else {
            usize::MAX
        };
        self.reserve(wanted, span)?;
        if let Some((deadline, timeout)) = self.limits.deadline
            && Instant::now() >= deadline
        {
            return Err(EvalError::new(
                ErrorKind::Limit,
                span,
                format!(
                    "the evaluation took longer than {} s",
                    timeout.as_secs_f64()
                ),
            ));
        }
        Ok(())
    }

    /// What thunks count with 32 bits ends long after the memory of any machine.
    fn has_numbers_left(&self) -> bool {
        !self.envs.are_too_many() && self.mapped.len() < (u32::MAX / 2) as usize
    }

    /// Counts the time that the evaluation may take from now on: what comes is another
    /// evaluation, with the values of the one before.
    pub fn restart_timeout(&mut self) {
        let timeout = self.options.timeout;
        self.limits.deadline =
            timeout.and_then(|timeout| Some((Instant::now().checked_add(timeout)?, timeout)));
    }

    /// Makes sure that `bytes` more may be allocated: to be asked before a large
    /// allocation whose size the input decides.
    pub fn reserve(&self, bytes: usize, span: Span) -> Result<()> {
        // What no machine has is refused even without a bound.
        const UNREASONABLE: usize = 1 << 40;
        let limit = self.limits.max_memory.unwrap_or(UNREASONABLE);
        let used = self.heap().allocated_bytes();
        if used.saturating_add(bytes) <= limit {
            return available(bytes, span);
        }
        let message = match self.limits.max_memory {
            Some(limit) => format!(
                "the evaluation needs more than {} MiB of memory",
                limit / (1 << 20)
            ),
            None => OUT_OF_MEMORY.to_owned(),
        };
        Err(EvalError::new(ErrorKind::Limit, span, message))
    }

    /// Runs `f` with enough native stack for it to recurse once more.
    #[inline]
    pub fn with_stack<T>(
        &mut self,
        span: Span,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.limits.level = self.limits.level.wrapping_add(1);
        let enough = !self.limits.level.is_multiple_of(LEVELS_BETWEEN_CHECKS)
            || stacker::remaining_stack().is_some_and(|left| left > RED_ZONE);
        let result = if enough {
            f(self)
        } else {
            self.with_new_stack(span, f)
        };
        self.limits.level = self.limits.level.wrapping_sub(1);
        result
    }

    #[cold]
    #[inline(never)]
    fn with_new_stack<T>(
        &mut self,
        span: Span,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.limits.stack_pieces == MAX_STACK_PIECES {
            return Err(EvalError::new(
                ErrorKind::Limit,
                span,
                "stack overflow (possible infinite recursion)",
            ));
        }
        self.limits.stack_pieces += 1;
        let result = stacker::grow(STACK_PIECE, || f(self));
        self.limits.stack_pieces -= 1;
        result
    }
}
