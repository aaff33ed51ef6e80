//! A Parquet file's rows as JSON objects, a batch at a time; nested lists and structures included.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row as Record};
use parquet::schema::types::{Type, TypePtr};

use super::columns::{Columns, object};
use super::{Row, footer, pages};
use crate::fault::WorldFault;

/// A table that is being read.
pub(super) struct Table {
    path: PathBuf,
    columns: Columns,
    schema: TypePtr,
    rows: RowIter<'static>,
    batch: usize,
    number: u64,
}

impl Table {
    /// Opens a file, and refuses it if a column is missing that a person names.
    pub(super) fn open(path: &Path, columns: &Columns) -> Result<Table, WorldFault> {
        let bad = |problem| WorldFault::Table { path: path.to_owned(), problem };
        let mut file = File::open(path).map_err(|source| WorldFault::Unreadable { path: path.to_owned(), source })?;
        footer::check(&mut file).map_err(bad)?;
        let mut seen = file.try_clone().map_err(|source| WorldFault::Unreadable { path: path.to_owned(), source })?;
        let file = guarded(|| SerializedFileReader::new(file)).map_err(bad)?;
        let schema = file.metadata().file_metadata().schema_descr().root_schema_ptr();
        let contradicting = || Err("not readable as Parquet: its parts contradict one another".to_owned());
        let batch = faults::caught(|| pages::check(&mut seen, &file)).unwrap_or_else(contradicting).map_err(bad)?;
        let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
        let counted: i64 = file.metadata().row_groups().iter().map(|group| group.num_rows().max(0)).sum();
        if names.is_empty() && counted > 0 {
            return Err(bad("it has rows and no columns".to_owned()));
        }
        if let Some(problem) = columns.absent(&names) {
            return Err(bad(problem));
        }
        let rows = RowIter::from_file_into(Box::new(file)).with_batch_size(batch);
        Ok(Table { path: path.to_owned(), columns: columns.clone(), schema, rows, batch, number: 0 })
    }

    /// Reads no other columns than these; the names are those of the rows that come out.
    pub(super) fn project(&mut self, names: &[&str]) -> Result<(), WorldFault> {
        let wanted = |field: &&TypePtr| self.columns.new_name(field.name()).is_some_and(|name| names.contains(&name));
        let fields: Vec<TypePtr> = self.schema.get_fields().iter().filter(wanted).cloned().collect();
        if fields.is_empty() {
            let has: Vec<&str> = self.schema.get_fields().iter().map(|field| field.name()).collect();
            let problem = format!("no column {}; the columns are {}", names.join(", "), has.join(", "));
            return Err(WorldFault::Table { path: self.path.clone(), problem });
        }
        let bad = |problem| WorldFault::Table { path: self.path.clone(), problem };
        let schema =
            guarded(|| Type::group_type_builder(self.schema.name()).with_fields(fields).build()).map_err(bad)?;
        let file =
            File::open(&self.path).map_err(|source| WorldFault::Unreadable { path: self.path.clone(), source })?;
        let file = guarded(|| SerializedFileReader::new(file)).map_err(bad)?;
        let rows = RowIter::from_file_into(Box::new(file));
        self.rows = guarded(|| rows.project(Some(schema))).map_err(bad)?.with_batch_size(self.batch);
        Ok(())
    }

    /// The next row.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, WorldFault> {
        self.number += 1;
        let number = self.number;
        let bad = |problem| WorldFault::bad_line(&self.path, number, problem, None);
        let Some(record) = guarded(|| self.rows.next().transpose()).map_err(bad)? else { return Ok(None) };
        let text = self.text(&record).map_err(bad)?;
        Ok(Some(Row { number, text }))
    }

    fn text(&self, record: &Record) -> Result<String, String> {
        let mut cells = Vec::new();
        for (own, field) in record.get_column_iter() {
            if let (Some(name), Some(value)) = (self.columns.new_name(own), json(field, 0)?) {
                cells.push((name, value));
            }
        }
        Ok(object(cells.iter().map(|(name, value)| (*name, value.as_str()))))
    }
}

/// The library panics at some malformed files; for its caller that is an error like others.
fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match faults::caught(work) {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(format!("not readable as Parquet: {error}")),
        None => Err("not readable as Parquet: its parts contradict one another".to_owned()),
    }
}

/// A cell as JSON; `None` where it holds nothing that JSON can say: no value, or bytes that are
/// neither text nor a picture. A picture is a data URI.
fn json(field: &Field, depth: usize) -> Result<Option<String>, String> {
    /// `serde_json`, which reads it again, has the same bound.
    const DEEPEST: usize = 100;
    if depth > DEEPEST {
        return Err("a cell is nested too deeply".to_owned());
    }
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let number = |number: f64| serde_json::Number::from_f64(number).map(|number| number.to_string());
    let element = |field: &Field| Ok::<_, String>(json(field, depth + 1)?.unwrap_or_else(|| "null".to_owned()));
    Ok(match field {
        Field::Null => None,
        Field::Bool(value) => Some(value.to_string()),
        Field::Float16(value) => number(f64::from(value.to_f32())),
        // As short as it was written: 0.1, and not the nearest double of the nearest float.
        Field::Float(value) => value.is_finite().then(|| value.to_string()),
        Field::Double(value) => number(*value),
        Field::Str(value) => Some(text(value)),
        Field::Bytes(value) => match std::str::from_utf8(value.data()) {
            Ok(value) => Some(text(value)),
            Err(_) => pictures::uri_of_bytes(value.data()).as_deref().map(text),
        },
        Field::Group(record) => {
            let mut cells = Vec::new();
            for (name, field) in record.get_column_iter() {
                cells.extend(json(field, depth + 1)?.map(|value| (name.as_str(), value)));
            }
            Some(object(cells.iter().map(|(name, value)| (*name, value.as_str()))))
        }
        Field::ListInternal(list) => {
            let elements: Result<Vec<String>, String> = list.elements().iter().map(element).collect();
            Some(format!("[{}]", elements?.join(",")))
        }
        Field::MapInternal(map) => {
            let mut cells = Vec::new();
            for (key, value) in map.entries() {
                let key = match key {
                    Field::Str(key) => key.clone(),
                    other => other.to_string(),
                };
                cells.push((key, element(value)?));
            }
            Some(object(cells.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
        }
        // Whole numbers as they are written; decimals, days and times in the library's own form.
        Field::Byte(_) | Field::Short(_) | Field::Int(_) | Field::Long(_) => Some(field.to_string()),
        Field::UByte(_) | Field::UShort(_) | Field::UInt(_) | Field::ULong(_) => Some(field.to_string()),
        other => Some(text(&other.to_string())),
    })
}
