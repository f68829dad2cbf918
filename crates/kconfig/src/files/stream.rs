//! What an archive is packed in: layers that are taken off one after the other, told by their
//! first bytes.

use std::io::{self, BufRead, BufReader, Read};

/// A stream of bytes.
pub(super) type Bytes<'a> = Box<dyn BufRead + 'a>;

/// How much memory a decoder may take. `xz -9` takes 65 MB, and as much for each thread.
const DECODER_MEMORY: u64 = 1 << 30;
/// The largest window of zstd, as a power of two: what its own program takes.
const ZSTD_WINDOW: u32 = 27;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// `.gz`
    Gzip,
    /// `.xz`
    Xz,
    /// `.lzma`, the format before `.xz`
    Lzma,
    /// `.zst`
    Zstd,
    /// `.bz2`
    Bzip2,
}

impl Compression {
    /// What the end of a file's name says.
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.rsplit_once('.')?.1 {
            "gz" => Self::Gzip,
            "xz" => Self::Xz,
            "lzma" => Self::Lzma,
            "zst" => Self::Zstd,
            "bz2" => Self::Bzip2,
            _ => return None,
        })
    }

    /// What is compressed, if it is not more than so many bytes.
    ///
    /// # Errors
    /// It is damaged, or more.
    pub fn unpack(self, packed: &[u8], limit: u64) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        let unpacked = self.reader(Box::new(packed))?;
        Limited::new(unpacked, limit).read_to_end(&mut plain)?;
        Ok(plain)
    }

    /// What is compressed, as a stream.
    pub(super) fn reader<'a>(self, packed: Bytes<'a>) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Xz => Box::new(liblzma::bufread::XzDecoder::new_stream(packed, xz()?)),
            Self::Lzma => {
                let stream = liblzma::stream::Stream::new_lzma_decoder(DECODER_MEMORY)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(packed, stream))
            }
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(packed)?;
                decoder.window_log_max(ZSTD_WINDOW)?;
                Box::new(decoder)
            }
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        })
    }
}

/// A layer of packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Compressed(Compression),
    /// A Debian package: an `ar` archive with the files in `data.tar`.
    Deb,
    Tar,
}

impl Layer {
    /// The layer that begins with these bytes.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        const MAGIC: &[(usize, &[u8], Layer)] = &[
            (0, b"\x1f\x8b", Layer::Compressed(Compression::Gzip)),
            (0, b"\xfd7zXZ\0", Layer::Compressed(Compression::Xz)),
            (0, b"\x28\xb5\x2f\xfd", Layer::Compressed(Compression::Zstd)),
            (0, b"BZh", Layer::Compressed(Compression::Bzip2)),
            (0, b"!<arch>\n", Layer::Deb),
            (257, b"ustar", Layer::Tar),
        ];
        MAGIC
            .iter()
            .find(|(at, magic, _)| start.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
            .map(|(_, _, layer)| *layer)
    }
}

/// A decoder that works on several blocks at a time, where the archive has several.
fn xz() -> io::Result<liblzma::stream::Stream> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let stream = liblzma::stream::MtStreamBuilder::new()
        .threads(u32::try_from(threads.min(4)).unwrap_or(1))
        .memlimit_threading(DECODER_MEMORY / 2)
        .memlimit_stop(DECODER_MEMORY)
        .decoder()?;
    Ok(stream)
}

/// A stream whose first bytes can be looked at.
pub(super) struct Peeked<'a> {
    start: Vec<u8>,
    rest: Box<dyn Read + 'a>,
}

/// A tar archive tells what it is in its first block.
const START: usize = 512;

impl<'a> Peeked<'a> {
    pub(super) fn new(mut stream: Box<dyn Read + 'a>) -> io::Result<Self> {
        let mut start = Vec::with_capacity(START);
        stream.by_ref().take(START as u64).read_to_end(&mut start)?;
        Ok(Self {
            start,
            rest: stream,
        })
    }

    pub(super) fn layer(&self) -> Option<Layer> {
        Layer::of(&self.start)
    }

    pub(super) fn into_bytes(self) -> Bytes<'a> {
        let whole = io::Cursor::new(self.start).chain(self.rest);
        Box::new(BufReader::with_capacity(1 << 16, whole))
    }
}

/// Goes to a Debian package's files: the member that is called `data.tar`, whatever follows.
pub(super) fn deb_data<'a>(mut package: Bytes<'a>) -> io::Result<Box<dyn Read + 'a>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the package is damaged");
    let mut magic = [0; 8];
    package.read_exact(&mut magic)?;
    loop {
        let mut header = [0; 60];
        package.read_exact(&mut header).map_err(|_| damaged())?;
        let field = |from: usize, to: usize| {
            std::str::from_utf8(header.get(from..to)?)
                .ok()
                .map(str::trim_end)
        };
        let name = field(0, 16).ok_or_else(damaged)?;
        let size = field(48, 58).and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(damaged)?;
        if name.starts_with("data.tar") {
            return Ok(Box::new(package.take(size)));
        }
        // A member begins at an even place.
        let whole = size.checked_add(size % 2).ok_or_else(damaged)?;
        let skipped = io::copy(&mut package.by_ref().take(whole), &mut io::sink())?;
        if skipped < whole {
            return Err(damaged());
        }
    }
}

/// Ends a stream with an error when more comes than is allowed.
pub(super) struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R> Limited<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Self { inner, left: limit }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                "it unpacks to more than is allowed",
            )
        })?;
        Ok(read)
    }
}
