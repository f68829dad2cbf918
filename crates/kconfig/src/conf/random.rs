//! glibc's `rand()`, by which `randconfig` is reproducible.

/// The generator of `srand` and `rand` (glibc's `TYPE_3`: x³¹ + x³ + 1 over 31 words).
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: [u32; 34],
    next: usize,
}

impl Random {
    /// `srand(seed)`
    pub(crate) fn new(seed: u32) -> Self {
        let seed = if seed == 0 { 1 } else { seed };
        let mut state = [0_u32; 34];
        state[0] = seed;
        let mut word = i64::from(seed.cast_signed());
        for slot in &mut state[1..31] {
            // 16807 * word % 2147483647 without overflow, as the C library computes it.
            let (high, low) = (word / 127_773, word % 127_773);
            word = 16_807 * low - 2_836 * high;
            if word < 0 {
                word += 2_147_483_647;
            }
            *slot = word as u32;
        }
        for index in 31..34 {
            state[index] = state[index - 31];
        }
        let mut random = Self { state, next: 0 };
        for _ in 0..310 {
            random.step();
        }
        random
    }

    fn step(&mut self) -> u32 {
        // The state is a ring of the last 34 words.
        let new = self.state[(self.next + 3) % 34].wrapping_add(self.state[(self.next + 31) % 34]);
        self.state[self.next] = new;
        self.next = (self.next + 1) % 34;
        new
    }

    /// `rand()`
    pub(crate) fn next(&mut self) -> u32 {
        self.step() >> 1
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn numbers_are_those_of_the_c_library() {
        let mut random = Random::new(1);
        let numbers: Vec<u32> = (0..5).map(|_| random.next()).collect();
        assert_eq!(
            numbers,
            [
                1_804_289_383,
                846_930_886,
                1_681_692_777,
                1_714_636_915,
                1_957_747_793
            ]
        );
    }
}
