//! Builds a manual page in roff (man(7)) from top to bottom; does not know its content.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

/// A page under construction.
pub(super) struct Page(String);

impl Page {
    /// Begins a page with its title, section and short description.
    pub(super) fn new(title: &str, section: &str, about: &str) -> Self {
        // Each rendering begins with a definition for apostrophes, which a page needs only once.
        let mut page = Self(Roff::new().render());
        let version = concat!("pgsql-state ", env!("CARGO_PKG_VERSION"));
        // The date is empty, so that a page is the same whenever it is built.
        page.control("TH", &[title, section, "\"\"", version, "pgsql-state"]);
        page.section("NAME").text(&format!("{title} - {about}"));
        page
    }

    /// Begins a section.
    pub(super) fn section(&mut self, heading: &str) -> &mut Self {
        self.control("SH", &[heading])
    }

    /// Begins a part of a section.
    pub(super) fn part(&mut self, heading: &str) -> &mut Self {
        // A bare hyphen is not rendered as a minus sign, which is needed to copy the name of a command.
        self.control("SS", &[&heading.replace('-', "\\-")])
    }

    /// Adds text to the current section or paragraph; text between backquotes is bold.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.append(Roff::new().text(inlines(text)))
    }

    /// Begins a paragraph.
    pub(super) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.control("PP", &[]).text(text)
    }

    /// Adds a tagged item with its description.
    pub(super) fn item(&mut self, tag: &str, text: &str) -> &mut Self {
        self.control("TP", &[]).text(tag).text(text)
    }

    /// Adds lines verbatim, indented.
    pub(super) fn verbatim(&mut self, lines: &str) -> &mut Self {
        self.control("RS", &["4"]).control("nf", &[]);
        for line in lines.lines() {
            self.append(Roff::new().text([roman(line)]));
        }
        self.control("fi", &[]).control("RE", &[])
    }

    /// Adds the synopsis, description and options of a command, without the options that every command has.
    pub(super) fn command(&mut self, command: &Command) -> io::Result<&mut Self> {
        let common = |argument: Arg| argument.hide(true);
        let own = command.clone();
        let man = Man::new(own.mut_arg("help", common).mut_arg("version", common));
        let mut rendered = Vec::new();
        man.render_synopsis_section(&mut rendered)?;
        man.render_description_section(&mut rendered)?;
        man.render_options_section(&mut rendered)?;
        let rendered = String::from_utf8_lossy(&rendered)
            .replace(&Roff::new().render(), "")
            // An empty line before possible values: mandoc and man warn about the way it is written.
            .replace(".br\n\n.br\n", ".sp\n");
        for line in rendered.lines().map(str::trim_end) {
            // The sections of a command become paragraphs.
            match line {
                ".SH SYNOPSIS" | ".SH OPTIONS" => {}
                ".SH DESCRIPTION" => self.0.push_str(".PP\n"),
                line => {
                    self.0.push_str(line);
                    self.0.push('\n');
                }
            }
        }
        Ok(self)
    }

    /// The whole page.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn control(&mut self, name: &str, arguments: &[&str]) -> &mut Self {
        self.append(Roff::new().control(name, arguments.iter().copied()))
    }

    fn append(&mut self, part: &Roff) -> &mut Self {
        let rendered = part.render();
        let beginning = Roff::new().render();
        self.0
            .push_str(rendered.strip_prefix(&beginning).unwrap_or(&rendered));
        self
    }
}

/// Splits text at backquotes; every second piece is bold.
fn inlines(text: &str) -> Vec<Inline> {
    let mut is_code = true;
    let pieces = text.split('`').map(|piece| {
        is_code = !is_code;
        if is_code { bold(piece) } else { roman(piece) }
    });
    pieces.collect()
}
