//! Changes settings in a unit, with the comments above them; knows no setting.

use crate::tools::generate::comment::comment;

/// A unit as lines.
#[derive(Clone, Debug)]
pub(super) struct Unit(Vec<String>);

impl Unit {
    pub(super) fn of(text: &str) -> Self {
        Self(text.lines().map(str::to_owned).collect())
    }

    /// Replaces the values of a setting; the lines around it stay.
    pub(super) fn set(&mut self, key: &str, values: &[String]) {
        let lines: Vec<String> = values.iter().map(|value| assignment(key, value)).collect();
        if let Some(at) = self.first(key) {
            let after = self.after(key, at);
            self.0.splice(at..after, lines);
        }
    }

    /// Replaces the values of a setting and the comment above it.
    pub(super) fn explain(&mut self, key: &str, why: &str, values: &[&str]) {
        if let Some(at) = self.first(key) {
            let (begin, after) = (self.comment_above(at), self.after(key, at));
            let mut lines: Vec<String> = comment("", why).lines().map(str::to_owned).collect();
            lines.extend(values.iter().map(|value| assignment(key, value)));
            self.0.splice(begin..after, lines);
        }
    }

    /// Replaces a setting and the comment above it by another setting.
    pub(super) fn replace(&mut self, key: &str, why: &str, setting: &str) {
        if let Some(at) = self.first(key) {
            let (begin, after) = (self.comment_above(at), self.after(key, at));
            let mut lines: Vec<String> = comment("", why).lines().map(str::to_owned).collect();
            lines.push(setting.to_owned());
            self.0.splice(begin..after, lines);
        }
    }

    /// Adds another setting below one, with a comment.
    pub(super) fn below(&mut self, key: &str, why: &str, setting: &str) {
        if let Some(at) = self.first(key) {
            let after = self.after(key, at);
            let mut lines: Vec<String> = comment("", why).lines().map(str::to_owned).collect();
            lines.push(setting.to_owned());
            self.0.splice(after..after, lines);
        }
    }

    /// Removes a setting and the comment above it.
    pub(super) fn drop(&mut self, key: &str) {
        if let Some(at) = self.first(key) {
            let (begin, after) = (self.comment_above(at), self.after(key, at));
            self.0.drain(begin..after);
        }
    }

    /// Replaces the comment above the first section.
    pub(super) fn head(&mut self, text: &str) {
        let section = self.0.iter().position(|line| line.starts_with('['));
        let mut lines: Vec<String> = comment("", text).lines().map(str::to_owned).collect();
        lines.push(String::new());
        self.0.splice(..section.unwrap_or_default(), lines);
    }

    pub(super) fn text(&self) -> String {
        self.0.join("\n") + "\n"
    }

    fn first(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|line| is_of(line, key))
    }

    /// The index after the last consecutive line of a setting.
    fn after(&self, key: &str, at: usize) -> usize {
        let lines = self.0.iter().skip(at).take_while(|line| is_of(line, key));
        at.saturating_add(lines.count())
    }

    /// The index of the first line of the comment right above a line.
    fn comment_above(&self, at: usize) -> usize {
        let above = self.0.iter().take(at).rev();
        let comments = above.take_while(|line| line.starts_with('#'));
        at.saturating_sub(comments.count())
    }
}

fn is_of(line: &str, key: &str) -> bool {
    line.split_once('=').is_some_and(|(name, _)| name == key)
}

fn assignment(key: &str, value: &str) -> String {
    format!("{key}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "# Head.\n\n[Service]\n# Why a.\n# More.\nA=1\nA=2\nAB=3\n";

    fn edited(edit: impl FnOnce(&mut Unit)) -> String {
        let mut unit = Unit::of(UNIT);
        edit(&mut unit);
        unit.text()
    }

    #[test]
    fn nothing_else_changes() {
        assert_eq!(edited(|_| ()), UNIT);
        assert_eq!(
            edited(|unit| unit.set("A", &["7".into()])),
            "# Head.\n\n[Service]\n# Why a.\n# More.\nA=7\nAB=3\n"
        );
        assert_eq!(
            edited(|unit| unit.explain("A", "Else.", &["7", "8"])),
            "# Head.\n\n[Service]\n# Else.\nA=7\nA=8\nAB=3\n"
        );
        assert_eq!(
            edited(|unit| unit.drop("A")),
            "# Head.\n\n[Service]\nAB=3\n"
        );
        assert_eq!(
            edited(|unit| unit.head("Other.")),
            UNIT.replace("Head", "Other")
        );
    }
}
