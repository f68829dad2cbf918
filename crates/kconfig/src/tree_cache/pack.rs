//! Numbers and texts in one run of bytes.

/// Writes a pack.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn number(&mut self, number: usize) {
        // Whatever is counted here has an index of 32 bits.
        self.word(number as u32);
    }

    pub(super) fn word(&mut self, word: u32) {
        self.bytes.extend_from_slice(&word.to_le_bytes());
    }

    pub(super) fn words(&mut self, words: impl ExactSizeIterator<Item = u32>) {
        self.number(words.len());
        for word in words {
            self.word(word);
        }
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.number(text.len());
        self.bytes.extend_from_slice(text);
    }

    /// A list whose items are written by `write`.
    pub(super) fn list<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.number(items.len());
        for item in items {
            write(self, item);
        }
    }

    /// Rows of as many words each.
    pub(super) fn rows<const WORDS: usize>(
        &mut self,
        rows: impl ExactSizeIterator<Item = [u32; WORDS]>,
    ) {
        self.number(rows.len());
        for row in rows {
            for word in row {
                self.word(word);
            }
        }
    }
}

/// A pack is not as it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Damaged;

pub(super) type Unpacked<T> = Result<T, Damaged>;

/// Reads a pack.
pub(super) struct Reader<'p> {
    rest: &'p [u8],
}

impl<'p> Reader<'p> {
    pub(super) fn new(pack: &'p [u8]) -> Self {
        Self { rest: pack }
    }

    fn take(&mut self, length: usize) -> Unpacked<&'p [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn word(&mut self) -> Unpacked<u32> {
        let (word, rest) = self.rest.split_first_chunk().ok_or(Damaged)?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*word))
    }

    pub(super) fn number(&mut self) -> Unpacked<usize> {
        self.word().map(|word| word as usize)
    }

    pub(super) fn words(&mut self) -> Unpacked<Vec<u32>> {
        self.rows(|[word]| Ok(word))
    }

    pub(super) fn text(&mut self) -> Unpacked<&'p [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    pub(super) fn string(&mut self) -> Unpacked<String> {
        String::from_utf8(self.text()?.to_vec()).map_err(|_| Damaged)
    }

    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Unpacked<T>,
    ) -> Unpacked<Vec<T>> {
        let length = self.number()?;
        // Each item takes room; a wrong length must not.
        let mut items = Vec::with_capacity(length.min(self.rest.len()));
        for _ in 0..length {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Rows of as many words each, turned into items by `read`.
    pub(super) fn rows<const WORDS: usize, T>(
        &mut self,
        read: impl Fn([u32; WORDS]) -> Unpacked<T>,
    ) -> Unpacked<Vec<T>> {
        let length = self.number()?;
        let bytes = self.take(length.checked_mul(4 * WORDS).ok_or(Damaged)?)?;
        let (words, _) = bytes.as_chunks::<4>();
        let (rows, _) = words.as_chunks::<WORDS>();
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(read(row.map(u32::from_le_bytes))?);
        }
        Ok(items)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}
