//! Positions as values: what `__curPos` and `builtins.unsafeGetAttrPos` give.

use bumpalo::Bump;

use crate::attrs::{Attr, Attrs};
use crate::source::{Origin, Pos, SourceFile};
use crate::string::NixString;
use crate::symbol::Symbols;
use crate::value::{Lazy, Value};

/// `{ file = …; line = …; column = …; }` for a position in a file, else null.
pub(crate) fn describe<'h>(
    heap: &'h Bump,
    symbols: &mut Symbols<'h>,
    source: &SourceFile,
    pos: Pos,
) -> Value<'h> {
    let (Origin::File(path) | Origin::Internal(path)) = source.origin() else {
        return Value::Null;
    };
    let at = source.line_column(source.offset(pos));
    let text = heap.alloc_slice_copy(path.as_os_str().as_encoded_bytes());
    let file = Value::String(heap.alloc(NixString { text, context: &[] }));
    let mut entries = [
        (symbols.intern(b"file"), file),
        (symbols.intern(b"line"), Value::Int(i64::from(at.line))),
        (symbols.intern(b"column"), Value::Int(i64::from(at.column))),
    ];
    entries.sort_unstable_by_key(|(name, _)| *name);
    let entries = heap.alloc_slice_fill_iter(entries.map(|(name, value)| Attr {
        name,
        pos: Pos::NONE,
        value: Lazy::Ready(value),
    }));
    Value::Attrs(heap.alloc(Attrs::from_sorted(entries)))
}
