use toml::{Table, Value};

/// The longest line before a list is broken into one item a line.
const WIDEST: usize = 100;

/// One form of writing for every recipe: a line per key, long lists an item a line, phases as
/// `[[phase]]` tables.
pub(crate) fn canonical(table: Table) -> String {
    let (sections, keys): (Vec<_>, Vec<_>) = table.into_iter().partition(|(_, value)| is_sections(value));
    let mut text: String = keys.iter().map(|(name, value)| line(name, value)).collect();
    for (name, value) in &sections {
        for section in value.as_array().into_iter().flatten().filter_map(Value::as_table) {
            text.push_str(&format!("\n[[{}]]\n", key(name)));
            text.extend(section.iter().map(|(name, value)| line(name, value)));
        }
    }
    text
}

/// A list of tables with more than a part's one key: phases, models.
fn is_sections(value: &Value) -> bool {
    let is_section = |item: &Value| item.as_table().is_some_and(|table| table.len() > 1);
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_section))
}

fn line(name: &str, value: &Value) -> String {
    let name = key(name);
    let short = format!("{name} = {value}\n");
    match value.as_array() {
        Some(items) if short.chars().count() > WIDEST => {
            let items: String = items.iter().map(|item| format!("    {item},\n")).collect();
            format!("{name} = [\n{items}]\n")
        }
        _ => short,
    }
}

/// A key, in quotes where TOML needs them.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { name.to_owned() } else { Value::String(name.to_owned()).to_string() }
}
