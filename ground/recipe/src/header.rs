/// The comment a recipe opens with: what the method is, in its author's words, without the `#`.
pub fn header(source: &str) -> String {
    let comments = source.lines().map_while(|line| line.strip_prefix('#'));
    let lines: Vec<&str> = comments.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n")
}
