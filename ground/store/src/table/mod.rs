//! Columns of values, in and out of Parquet files that pandas and pyarrow read as they are.
//!
//! Equal columns give equal bytes: one row group, one thread, zstd, no times, and a fixed name of
//! the writer.

mod read;
mod write;

/// The values of one column, one entry a row. Integers are kept by their bits: a `u32` above 2³¹
/// shows as negative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Text(Vec<String>),
    OptionalText(Vec<Option<String>>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    OptionalF64(Vec<Option<f64>>),
    U32Lists(Vec<Vec<u32>>),
    F32Lists(Vec<Vec<f32>>),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    OptionalText,
    U32,
    U64,
    F32,
    OptionalF64,
    U32Lists,
    F32Lists,
}

impl Column {
    fn rows(&self) -> usize {
        match self {
            Column::Text(values) => values.len(),
            Column::OptionalText(values) => values.len(),
            Column::U32(values) => values.len(),
            Column::U64(values) => values.len(),
            Column::F32(values) => values.len(),
            Column::OptionalF64(values) => values.len(),
            Column::U32Lists(values) => values.len(),
            Column::F32Lists(values) => values.len(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Column::Text(_) => Kind::Text,
            Column::OptionalText(_) => Kind::OptionalText,
            Column::U32(_) => Kind::U32,
            Column::U64(_) => Kind::U64,
            Column::F32(_) => Kind::F32,
            Column::OptionalF64(_) => Kind::OptionalF64,
            Column::U32Lists(_) => Kind::U32Lists,
            Column::F32Lists(_) => Kind::F32Lists,
        }
    }
}

impl Kind {
    /// The column's declaration in Parquet's schema language.
    fn declare(self, name: &str) -> String {
        match self {
            Kind::Text => format!("required binary {name} (STRING);"),
            Kind::OptionalText => format!("optional binary {name} (STRING);"),
            Kind::U32 => format!("required int32 {name};"),
            Kind::U64 => format!("required int64 {name};"),
            Kind::F32 => format!("required float {name};"),
            Kind::OptionalF64 => format!("optional double {name};"),
            Kind::U32Lists => declare_list(name, "int32"),
            Kind::F32Lists => declare_list(name, "float"),
        }
    }

    /// The column's path in the file.
    fn path(self, name: &str) -> String {
        match self {
            Kind::U32Lists | Kind::F32Lists => format!("{name}.list.element"),
            _ => name.to_owned(),
        }
    }
}

fn declare_list(name: &str, of: &str) -> String {
    format!("required group {name} (LIST) {{ repeated group list {{ required {of} element; }} }}")
}

/// Named columns of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Column)>,
}

impl Table {
    /// The same table with one more column.
    pub(crate) fn with(mut self, name: &'static str, column: Column) -> Self {
        debug_assert_eq!(
            column.rows(),
            self.columns.first().map_or(column.rows(), |(_, first)| first.rows()),
            "{name}"
        );
        self.columns.push((name, column));
        self
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.rows())
    }
}

pub(crate) use read::TableFile;
