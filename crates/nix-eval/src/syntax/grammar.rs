//! Nix's grammar, for messages: which tokens could have stood where one is not
//! understood. What is accepted is parsed by `parser`; this is looked at only when
//! that fails.

/// How operators of one strength group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    Left,
    Right,
    /// Not at all.
    None,
}

/// The operators, from the weakest to the strongest. `NEGATE` is a minus sign in
/// front of something.
pub(super) const OPERATORS: [(Grouping, &str); 12] = [
    (Grouping::Right, "Implies"),
    (Grouping::Left, "Or"),
    (Grouping::Left, "And"),
    (Grouping::None, "Equal NotEqual"),
    (Grouping::None, "Less Greater LessOrEqual GreaterOrEqual"),
    (Grouping::Right, "Update"),
    (Grouping::Left, "NOT"),
    (Grouping::Left, "Plus Minus"),
    (Grouping::Left, "Times Divide"),
    (Grouping::Right, "Concat"),
    (Grouping::None, "Question"),
    (Grouping::None, "NEGATE"),
];

/// The rules: what is defined, then its alternatives, each on a line. Kinds of
/// token are written in capitals; `% X` gives an alternative the strength of X.
pub(super) const RULES: &str = "
start
  expr
expr
  expr_function
expr_function
  Identifier Colon expr_function
  formal_set Colon expr_function
  formal_set At Identifier Colon expr_function
  Identifier At formal_set Colon expr_function
  Assert expr Semicolon expr_function
  With expr Semicolon expr_function
  Let binds In expr_function
  expr_if
expr_if
  If expr Then expr Else expr
  expr_pipe_from
  expr_pipe_into
  expr_op
expr_pipe_from
  expr_op PipeFrom expr_pipe_from
  expr_op PipeFrom expr_op
expr_pipe_into
  expr_pipe_into PipeInto expr_op
  expr_op PipeInto expr_op
expr_op
  Not expr_op % NOT
  Minus expr_op % NEGATE
  expr_op Equal expr_op
  expr_op NotEqual expr_op
  expr_op Less expr_op
  expr_op LessOrEqual expr_op
  expr_op Greater expr_op
  expr_op GreaterOrEqual expr_op
  expr_op And expr_op
  expr_op Or expr_op
  expr_op Implies expr_op
  expr_op Update expr_op
  expr_op Question attrpath
  expr_op Plus expr_op
  expr_op Minus expr_op
  expr_op Times expr_op
  expr_op Divide expr_op
  expr_op Concat expr_op
  expr_app
expr_app
  expr_app expr_select
  expr_select
expr_select
  expr_simple Dot attrpath
  expr_simple Dot attrpath OrKeyword expr_select
  expr_simple OrKeyword
  expr_simple
expr_simple
  Identifier
  Integer
  Float
  Quote string_parts Quote
  IndentedStart ind_string_parts IndentedEnd
  path_start PathEnd
  path_start string_parts_interpolated PathEnd
  LookupPath
  Url
  ParenOpen expr ParenClose
  Let BraceOpen binds BraceClose
  Rec BraceOpen binds BraceClose
  BraceOpen binds1 BraceClose
  BraceOpen BraceClose
  BracketOpen list BracketClose
string_parts
  Text
  string_parts_interpolated
  -
string_parts_interpolated
  string_parts_interpolated Text
  string_parts_interpolated InterpolationStart expr BraceClose
  InterpolationStart expr BraceClose
  Text InterpolationStart expr BraceClose
path_start
  Path
  HomePath
ind_string_parts
  ind_string_parts IndentedText
  ind_string_parts InterpolationStart expr BraceClose
  -
binds
  binds1
  -
binds1
  binds1 attrpath Assign expr Semicolon
  binds Inherit attrs Semicolon
  binds Inherit ParenOpen expr ParenClose attrs Semicolon
  attrpath Assign expr Semicolon
attrs
  attrs attr
  attrs string_attr
  -
attrpath
  attrpath Dot attr
  attrpath Dot string_attr
  attr
  string_attr
attr
  Identifier
  OrKeyword
string_attr
  Quote string_parts Quote
  InterpolationStart expr BraceClose
list
  list expr_select
  -
formal_set
  BraceOpen formals Comma Ellipsis BraceClose
  BraceOpen Ellipsis BraceClose
  BraceOpen formals Comma BraceClose
  BraceOpen formals BraceClose
  BraceOpen BraceClose
formals
  formals Comma formal
  formal
formal
  Identifier
  Identifier Question expr
";
